// The ways in of the scanners: a route for each of a source, with a budget of its own, so that a flood at one address
// leaves all others theirs; and for strangers, who are answered 404 by the function, which says so in its log.
const { createRoutes } = require('../shared/alerts/routes.ts');

const nobody = () => Promise.reject(new Error('nobody is asked while a template is made'));
const sources = createRoutes({ partnerKeys: nobody, snsTopics: [], fetchCertificate: nobody });
const own = [...new Set(sources.map(({ method, path }) => `${method} /alerts/${path}`))];
const strangers = ['POST /alerts/{source}', 'POST /alerts/{source}/{proxy+}', 'GET /alerts/{source}/{proxy+}'];
const slack = 'POST /slack/events';

/** Requests a second, and at once. */
const budget = (rate, burst) => ({ ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst });
const FULL = budget(100, 300);
const SIDE = budget(20, 60); // a second way in of the same source
const STRANGERS = budget(5, 20);
const told = (limits) => ({ DetailedMetricsEnabled: true, ...limits });

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
/** What osls calls the resource of a route. */
function resourceOf(route) {
  const [method, path] = route.split(' ');
  const parts = path.split('/').map((part) => {
    const [, name] = /^\{(\w+)\+?\}$/.exec(part) ?? [];
    return capital(name === undefined ? part.replaceAll('-', 'Dash').replace(/\W|_/g, '') : `${name}Var`);
  });
  return `HttpApiRoute${capital(method.toLowerCase())}${parts.join('')}`;
}

module.exports = {
  /** Of the function alert-edge. */
  events: [...own, ...strangers].map((route) => {
    const [method, path] = route.split(' ');
    return { httpApi: { method, path } };
  }),
  /** A budget is refused for a route that is not there yet. */
  resources: [slack, ...own, ...strangers].map(resourceOf),
  budgets: Object.fromEntries([
    [slack, told(FULL)],
    ...own.map((route) => [route, route.split('/').length > 3 ? SIDE : FULL]),
    ...strangers.map((route) => [route, told(STRANGERS)]),
  ]),
};
