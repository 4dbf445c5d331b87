import type { Site } from './network.ts';

export interface SimAlert {
  readonly repository: string;
  readonly number: number;
  readonly secret: string;
  state: 'open' | 'resolved';
}

export interface SimGithub {
  readonly site: Site;
  readonly alerts: SimAlert[];
}

/** GitHub's secret scanning alerts: read with their secret, closed with a comment. */
export function createGithub(token: string, look: (text: string, where: string) => void): SimGithub {
  const alerts: SimAlert[] = [];
  return {
    alerts,
    site: {
      neighbour: 'github',
      nameOf: ({ method }) => `${method} alert`,
      answer: ({ method, url, headers, body }) => {
        if (headers['authorization'] !== `Bearer ${token}`)
          return { status: 401, json: { message: 'Bad credentials' } };
        const [, ofAll] = /^\/(?:repos\/([^/]+\/[^/]+)\/secret-scanning\/alerts|user\/repos)$/.exec(url.pathname) ?? [];
        if (url.pathname === '/user/repos') return { status: 200, json: [{ full_name: 'acme/payments' }] };
        if (ofAll !== undefined) {
          const open = alerts.filter((one) => one.repository === ofAll && one.state === 'open');
          return { status: 200, json: open.map(({ number: n, secret, state }) => ({ number: n, secret, state })) };
        }
        const [, repository, number] =
          /^\/repos\/([^/]+\/[^/]+)\/secret-scanning\/alerts\/(\d+)$/.exec(url.pathname) ?? [];
        const alert = alerts.find((one) => one.repository === repository && one.number === Number(number));
        if (alert === undefined) return { status: 404, json: { message: 'Not Found' } };
        if (method === 'PATCH') {
          look(body, 'a comment at GitHub');
          if (alert.state === 'resolved') return { status: 400, json: { message: 'already resolved' } };
          alert.state = 'resolved';
        }
        const { secret, state } = alert;
        return {
          status: 200,
          json: { number: alert.number, state, secret, publicly_leaked: false, first_location_detected: null },
        };
      },
      refuse: (mode) => {
        if (mode === '401') return { status: 401, json: { message: 'Bad credentials' } };
        if (mode === '429') return { status: 403, headers: { 'retry-after': '5' }, json: { message: 'rate limit' } };
        return mode === '500' ? { status: 502, text: 'Bad gateway' } : undefined;
      },
    },
  };
}
