/**
 * The direction of imports (docs/ARCHITECTURE.md):
 * functions → slack → alerts, hygiene → cases → tokens → jobs → policy · store · secrets → providers → core
 * Type imports count too. What an edge may carry at run time is checked on the bundle itself (infra/build.ts).
 */
const TIERS = [
  ['slack'],
  ['alerts', 'hygiene'],
  ['cases'],
  ['tokens'],
  ['jobs'],
  ['policy', 'store', 'secrets'],
  ['providers'],
  ['core'],
];
const room = (names) => `^shared/(${names.join('|')})/`;

const tierRules = TIERS.flatMap((rooms, tier) =>
  rooms.map((name) => {
    const others = [...TIERS.slice(0, tier).flat(), ...rooms.filter((other) => other !== name)];
    return {
      name: `${name}-points-right`,
      comment: `shared/${name} may import only what stands to its right.`,
      severity: 'error',
      from: { path: room([name]) },
      to: { path: others.length > 0 ? room([...others, 'telemetry']) : room(['telemetry']) },
    };
  }),
);

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...tierRules,
    {
      name: 'shared-knows-no-rim',
      severity: 'error',
      from: { path: '^shared/' },
      to: { path: '^(functions|infra|test)/' },
    },
    {
      name: 'functions-know-no-infra',
      severity: 'error',
      from: { path: '^functions/' },
      to: { path: '^(infra|test)/' },
    },
    {
      name: 'code-knows-no-tests',
      severity: 'error',
      from: { path: '^infra/' },
      to: { path: '^test/' },
    },
    {
      name: 'only-functions-know-slack',
      severity: 'error',
      from: { pathNot: '^(functions|shared/slack|infra|test)/' },
      to: { path: '^shared/slack/' },
    },
    {
      name: 'edges-know-no-provider-client',
      severity: 'error',
      from: { path: '^functions/(slack|alert)-edge\\.ts$' },
      to: {
        path: '^(shared/providers/(client|[^/]+/client)|shared/core/http\\.ts|shared/store/|.*node_modules/(@slack|@aws-sdk)/)',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'providers-know-only-themselves',
      severity: 'error',
      from: { path: '^shared/providers/([^/]+)/' },
      to: { path: '^shared/providers/([^/]+)/', pathNot: '^shared/providers/($1|text|kit)/' },
    },
    {
      name: 'policy-and-secrets-know-no-provider',
      severity: 'error',
      from: { path: room(['policy', 'secrets']) },
      to: { path: room(['providers']) },
    },
    {
      name: 'no-circles',
      comment: 'Types included.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-dev-dependency-in-a-function',
      severity: 'error',
      from: { path: '^(functions|shared)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: '/@types/' },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^aws-lambda$' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|\\.build)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.js', '.json'],
    },
  },
};
