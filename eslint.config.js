import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { PROVIDER_NAMES } from './shared/core/vocabulary.ts';

/** Who may turn a `Secret` back into text, and why: each of these hands it to the one party it is meant for. */
const MAY_EXPOSE = [
  'shared/core/secret.ts', // the class itself
  'shared/core/http.ts', // sends it in a header
  'shared/secrets/**', // reads and writes Secrets Manager
  'shared/providers/**', // recognises, seals, signs, calls the provider
  'shared/alerts/seal-delivery.ts', // turns a finding into a clue
  'shared/alerts/check-validity.ts', // shows it once to the one who issued it
  'shared/alerts/watched.ts', // hashes the secrets that are watched
  'shared/alerts/github-rest.ts', // sends our token in a header
  'shared/alerts/{sources,verify}/**', // checks a sender's signature
  'shared/tokens/providers.ts', // hands a profile's credential to its provider
  'shared/slack/verify-slack-request.ts', // checks Slack's signature
  'shared/slack/slack-secret.ts', // reads the app's secret
  'shared/slack/{open-modal,bot-fetch}.ts', // send the bot token in a header
  'shared/jobs/{send-jobs,ask-queue}.ts', // read what SQS answered
  'functions/**', // hands the bot token to Slack's client, the GitHub token to its REST call
  'infra/setup/**', // writes what was typed into Secrets Manager
];

/** Where a provider may be named: its folder, its stand-in, and one line in each map. Everybody else asks the facts. */
const MAY_NAME_A_PROVIDER = [
  'shared/core/vocabulary.ts', // the list of names
  'shared/providers/{facts,recognisers,clients}.ts', // the maps
  'infra/sandbox/providers/stand-ins.ts',
  ...PROVIDER_NAMES.flatMap((name) => [`shared/providers/${name}/**`, `infra/sandbox/providers/${name}/**`]),
  'test/**',
];

/** Where a function may be longer than sixty lines. The list only gets shorter. */
const MAY_BE_LONG = [
  'test/**', // `describe` is a function
];

/** Who may read the environment and the clock: the rim. Everything below receives values. */
const RIM = ['functions/**', 'infra/**', 'test/**', '*.config.{js,ts}'];

const rule = (message, visitors) => ({
  meta: { type: 'problem', schema: [], messages: { no: message } },
  create: (context) => visitors((node) => context.report({ node, messageId: 'no' }), context),
});
const isNamed = (node, name) => node?.type === 'Identifier' && node.name === name;

const aProvider = `/^(${PROVIDER_NAMES.join('|')})$/`;

const patrol = {
  rules: {
    'provider-name': rule(
      "Only a provider's own folder, its stand-in and its tests name it; ask its facts (shared/providers/facts.ts).",
      (report) => ({
        [`Literal[value=${aProvider}]`]: report,
        [`TemplateElement[value.cooked=${aProvider}]`]: report,
        [`Property > Identifier.key[name=${aProvider}]`]: report,
        [`MemberExpression[computed=false] > Identifier.property[name=${aProvider}]`]: report,
      }),
    ),
    expose: rule('Only the files listed in eslint.config.js may expose a Secret.', (report) => ({
      'MemberExpression[property.name="expose"]': report,
    })),
    environment: rule('Only functions/ and infra/ read the environment; take the value as an argument.', (report) => ({
      'MemberExpression[object.name="process"][property.name="env"]': report,
      'ImportDeclaration[source.value=/^(node:)?process$/]': report,
    })),
    clock: rule('Only functions/ and infra/ read the clock; take `now` as an argument.', (report) => ({
      'MemberExpression[object.name="Date"][property.name="now"]': report,
      'MemberExpression[object.name="performance"][property.name="now"]': report,
      'NewExpression[callee.name="Date"][arguments.length=0]': report,
      'CallExpression[callee.name="Date"]': report,
    })),
    expression: rule(
      'No expression is built from a text: a stranger’s could hang us. For globs there is shared/core/fits-glob.ts.',
      (report, { sourceCode: { parserServices } }) => ({
        'NewExpression[callee.name="RegExp"]': report,
        'CallExpression[callee.name="RegExp"]': report,
        // With a text instead of an expression these build one themselves.
        'CallExpression[callee.property.name=/^(match|matchAll|search)$/]': (node) => {
          const [wanted] = node.arguments;
          if (wanted && parserServices.getTypeAtLocation(wanted).symbol?.name !== 'RegExp') report(node);
        },
        'ImportDeclaration[source.value=/^(pico|mini|micro|nano)match|glob-to-reg|regexparam|path-to-reg/]': report,
      }),
    ),
    defined: rule(
      'Leave out what is undefined with `defined({ … })` (shared/core/defined.ts).',
      (report, { sourceCode }) => {
        const check = (node, fields, tested) => {
          const [only, ...others] = fields.properties;
          if (only?.type !== 'Property' || others.length > 0) return;
          if (sourceCode.getText(only.value) === sourceCode.getText(tested)) report(node);
        };
        const isUndefinedTest = ({ type, right }) => type === 'BinaryExpression' && isNamed(right, 'undefined');
        return {
          'SpreadElement > ConditionalExpression[consequent.type="ObjectExpression"][alternate.type="ObjectExpression"]':
            (node) => isUndefinedTest(node.test) && check(node, node.alternate, node.test.left),
          'SpreadElement > LogicalExpression[operator="&&"][right.type="ObjectExpression"]': (node) =>
            isUndefinedTest(node.left) && check(node, node.right, node.left.left),
        };
      },
    ),
    // A simulated world holds all three: with the same seed everything below functions/ does the same (test/sim).
    chance: rule(
      'Only functions/ and infra/ draw numbers, make ids and set timers; take them as arguments.',
      (report) => ({
        'MemberExpression[object.name="Math"][property.name="random"]': report,
        'CallExpression[callee.name=/^set(Timeout|Interval|Immediate)$/]': report,
        'MemberExpression[object.name="crypto"][property.name=/^(randomUUID|getRandomValues)$/]': report,
        'ImportDeclaration[source.value=/^node:crypto$/] > ImportSpecifier[imported.name=/^random/]': report,
        'ImportDeclaration[source.value=/^node:timers/]': report,
      }),
    ),
    // A job that is given back with a call still under way is worked on by two, as soon as the next delivery begins.
    together: rule(
      'Promise.all throws while the others are still under way; wait for them with allEnded (shared/core/all-ended.ts).',
      (report) => ({ 'MemberExpression[object.name="Promise"][property.name="all"]': report }),
    ),
    handler: rule(
      'A Lambda handler takes at most (event, context): with a third parameter Lambda waits for a callback.',
      (report) => {
        const check = (node) => node?.params?.length > 2 && report(node);
        return {
          'ExportNamedDeclaration > FunctionDeclaration': (node) => isNamed(node.id, 'handler') && check(node),
          'ExportNamedDeclaration > VariableDeclaration > VariableDeclarator': (node) =>
            isNamed(node.id, 'handler') && check(node.init),
        };
      },
    ),
  },
};

export default defineConfig(
  { ignores: ['node_modules/', 'dist/', '.build/', '.serverless/', 'coverage/', 'reports/', '.stryker-tmp/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { patrol },
    rules: {
      'patrol/provider-name': 'error',
      'patrol/expose': 'error',
      'patrol/environment': 'error',
      'patrol/clock': 'error',
      'patrol/chance': 'error',
      'patrol/handler': 'error',
      'no-console': 'error',
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/max-params': ['error', { max: 3 }],
      'max-lines-per-function': ['error', { max: 60 }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // `async` states the contract of a port; an adapter may have nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      // Ports list every member; a factory's record is not a class with `this`.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
    },
  },
  {
    files: ['shared/**/*.ts', 'functions/**/*.ts'],
    plugins: { patrol },
    rules: { 'patrol/expression': 'error', 'patrol/defined': 'error', 'patrol/together': 'error' },
  },
  { files: ['shared/core/all-ended.ts'], plugins: { patrol }, rules: { 'patrol/together': 'off' } },
  { files: MAY_NAME_A_PROVIDER, plugins: { patrol }, rules: { 'patrol/provider-name': 'off' } },
  { files: MAY_EXPOSE, plugins: { patrol }, rules: { 'patrol/expose': 'off' } },
  {
    files: RIM,
    plugins: { patrol },
    rules: { 'patrol/environment': 'off', 'patrol/clock': 'off', 'patrol/chance': 'off' },
  },
  { files: MAY_BE_LONG, rules: { 'max-lines-per-function': 'off' } },
  { files: ['infra/**/*.ts', 'test/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['test/**/*.ts', 'infra/sandbox/**/*.{ts,tsx}'],
    plugins: { patrol },
    rules: {
      'patrol/expose': 'off',
      '@typescript-eslint/max-params': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/restrict-plus-operands': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
    },
  },
);
