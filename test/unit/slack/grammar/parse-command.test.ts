import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isProblem } from '#shared/slack/grammar/problem.ts';
import { renderCommand } from '#test/support/render-command.ts';
import { parseCommand } from '#shared/slack/grammar/parse-command.ts';
import type { Command } from '#shared/tokens/command.ts';
import { dearness, LINEAR } from '#test/support/costs.ts';
import { anyCharacter } from '#test/support/arbitraries/any-character.ts';

const profiles = ['dfns-prod', 'langsmith-prod', 'langsmith-dev'];
const now = new Date('2026-11-22T12:00:00Z');
const parse = (text: string) => parseCommand(text, { profiles, now });
const list = (query: object, isPrivate = false) => ({
  verb: 'list',
  query: { profiles: [], sort: 'age', ...query },
  private: isPrivate,
});
const change = (verb: string, tokens: string[], more: object = {}) => ({ verb, tokens, keepGoing: false, ...more });
/** What Slack sends when a person pastes a line. */
const asTyped = (line: string) => line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const DFNS = 'to-4a1b2-c3d4e-5f6g7h8j9k0m1n2p';
const UUID = '0f8fad5b-d9cb-469f-a165-70867728950e';

/** How ids look when they are pasted out of Slack, a list, a sentence or a table. */
const FORMS: readonly ((id: string) => string)[] = [
  (id) => `*${id}*`,
  (id) => `_${id}_`,
  (id) => `~${id}~`,
  (id) => `\`${id}\``,
  (id) => `*_${id}_*`,
  (id) => `(${id})`,
  (id) => `[${id}]`,
  (id) => `&lt;${id}&gt;`,
  (id) => `&gt; ${id}`,
  (id) => `• ${id}`,
  (id) => `${id}.`,
  (id) => `${id};`,
];

describe('what is understood', () => {
  it.each<[string, unknown]>([
    ['', { verb: 'help' }],
    ['   \n ', { verb: 'help' }],
    ['help', { verb: 'help' }],
    ['--help', { verb: 'help' }],
    ['—help delete', { verb: 'help', topic: 'delete' }],
    ['?', { verb: 'help' }],
    ['help undo', { verb: 'help', topic: 'activate' }],
    ['HELP Doctor', { verb: 'help', topic: 'profiles' }],
    ['/pat list', list({})],
    ['/PAT', { verb: 'help' }],
    ['leak', { verb: 'leak' }],
    ['  Leak  ', { verb: 'leak' }],
    ['doctor', { verb: 'profiles' }],
    ['Profiles', { verb: 'profiles' }],
    ['stats', { verb: 'stats' }],
    ['stats --since 7d', { verb: 'stats', sinceHours: 168 }],
    ['version', { verb: 'version' }],
    ['audit --since yesterday', { verb: 'audit', sinceHours: 36 }],
    ['audit --since 2026-11-01', { verb: 'audit', sinceHours: 516 }],
    ['deactivate to-abc because', change('deactivate', ['to-abc'])],
    ...FORMS.flatMap<[string, unknown]>((form) => [
      [`show ${form(DFNS)}`, { verb: 'show', token: DFNS }],
      [`deactivate ${form(DFNS)} because left in cab`, change('deactivate', [DFNS], { reason: 'left in cab' })],
      [`deactivate ${form(`dfns-prod:${DFNS}`)}`, change('deactivate', [`dfns-prod:${DFNS}`])],
      [`undo ${form('C-ABCD2345EFGH6723')}`, change('activate', ['C-ABCD2345EFGH6723'])],
    ]),
    [`show https://app.dfns.io/v3/settings/pats/${DFNS}?tab=1`, { verb: 'show', token: DFNS }],
    [`show <https://app.dfns.io/pats/${DFNS}>`, { verb: 'show', token: DFNS }],
    [`show <https://app.dfns.io/pats/${DFNS}|app.dfns.io/pats>`, { verb: 'show', token: DFNS }],
    [`show <https://evil.example/${DFNS}|${UUID}>`, { verb: 'show', token: UUID }],
    ['whoami', { verb: 'whoami' }],
    ['cases', { verb: 'cases', open: false }],
    ['cases —open', { verb: 'cases', open: true }],
    ['case c-abcd2345', { verb: 'case', id: 'C-ABCD2345' }],
    ['show to-abc', { verb: 'show', token: 'to-abc' }],
    ['show “ci deploy”', { verb: 'show', token: 'ci deploy' }],
    ['show <http://ci.example.com|ci.example.com>', { verb: 'show', token: 'ci.example.com' }],
    ['show a&amp;b', { verb: 'show', token: 'a&b' }],
    ["show 'it''s'", { verb: 'show', token: "it''s" }],
    [`show ‘bob’s key’`, { verb: 'show', token: 'bob’s key' }],
    ['show `to-abc`', { verb: 'show', token: 'to-abc' }],
    ['show "say \\"hi\\""', { verb: 'show', token: 'say "hi"' }],
    [`show ${UUID.toUpperCase()}`, { verb: 'show', token: UUID }],
    ['show DFNS-Prod:To-abc', { verb: 'show', token: 'dfns-prod:to-abc' }],
    ['show \u200bto-abc\u2060', { verb: 'show', token: 'to-abc' }],
  ])('reads %j', (text, command) => {
    expect(parse(text)).toEqual(command);
  });

  it.each<[string, unknown]>([
    ['list', list({})],
    ['list --newest', list({ sort: 'newest' })],
    ['list --file csv', { ...list({}), file: 'csv' }],
    ['list mine', list({ ownedBy: 'me' })],
    ['list --owner me', list({ ownedBy: 'me' })],
    ['list --owner <@U0ADMIN0001|ann>', list({ ownedBy: 'U0ADMIN0001' })],
    ['list --owner @anna', list({ owner: 'anna' })],
    ['list --older-than 90 d', list({ olderThanDays: 90 })],
    ['list --older-than 3 months', list({ olderThanDays: 90 })],
    ['list --older-than 2026-11-02', list({ olderThanDays: 21 })],
    ['list --expires 2026-12-31', list({ expiresWithinDays: 39 })],
    ['LIST Dfns-Prod langsmith-dev', list({ profiles: ['dfns-prod', 'langsmith-dev'] })],
    ['list dfns-prod, langsmith-dev', list({ profiles: ['dfns-prod', 'langsmith-dev'] })],
    ['list dfns-prod dfns-prod', list({ profiles: ['dfns-prod'] })],
    ['list --active', list({ state: 'active' })],
    ['list —inactive', list({ state: 'inactive' })],
    ['list –active -private', list({ state: 'active' }, true)],
    ['list ci-*', list({ name: 'ci-*' })],
    ['list --active ci-*', list({ state: 'active', name: 'ci-*' })],
    ['list Anna@example.com --newest', list({ owner: 'Anna@example.com', sort: 'newest' })],
    ['list --owner "Ann Smith" --name=ci-*', list({ owner: 'Ann Smith', name: 'ci-*' })],
    ['list --name="ci *"', list({ name: 'ci *' })],
    ['list --name “ci *” dfns-prod', list({ name: 'ci *', profiles: ['dfns-prod'] })],
    ['list --older-than 90d', list({ olderThanDays: 90 })],
    ['list —olderThan 12W', list({ olderThanDays: 84 })],
    ['list --older_than=6m', list({ olderThanDays: 180 })],
    ['list --older‑than 1y', list({ olderThanDays: 365 })],
    ['list --unused 48h', list({ unusedDays: 2 })],
    ['list --expires 7d', list({ expiresWithinDays: 7 })],
    ['list --no-expiry --sort Expiry', list({ noExpiry: true, sort: 'expiry' })],
    ['list --unused 30days', list({ unusedDays: 30 })],
  ])('reads the list %j', (text, command) => {
    expect(parse(text)).toEqual(command);
  });

  it.each<[string, unknown]>([
    [`deactivate ${DFNS}`, change('deactivate', [DFNS])],
    [`Deactivate ${DFNS} laptop left in cab`, change('deactivate', [DFNS], { reason: 'laptop left in cab' })],
    [`undo ${DFNS}`, change('activate', [DFNS])],
    [`delete ${DFNS} ${UUID}`, change('delete', [DFNS, UUID])],
    [`delete ${DFNS}, ${UUID}, "ci deploy"`, change('delete', [DFNS, UUID, 'ci deploy'])],
    [`delete ${DFNS} ${DFNS}`, change('delete', [DFNS])],
    ['deactivate ci-token', change('deactivate', ['ci-token'])],
    ['deactivate ci-token left in cab', change('deactivate', ['ci-token'], { reason: 'left in cab' })],
    ['deactivate ci-token because re-used', change('deactivate', ['ci-token'], { reason: 're-used' })],
    ['deactivate ci-token: re-used', change('deactivate', ['ci-token'], { reason: 're-used' })],
    ['deactivate ci-token — re-used', change('deactivate', ['ci-token'], { reason: 're-used' })],
    ['deactivate ci-token reason: in a log', change('deactivate', ['ci-token'], { reason: 'in a log' })],
    [`deactivate ${DFNS} INC-1234`, change('deactivate', [DFNS], { reason: 'INC-1234' })],
    [
      `deactivate ${DFNS} <https://jira/INC-1|https://jira/INC-1>`,
      change('deactivate', [DFNS], { reason: 'https://jira/INC-1' }),
    ],
    [`deactivate ${DFNS} seen by <@U123ABC|ann>`, change('deactivate', [DFNS], { reason: 'seen by @U123ABC' })],
    [`deactivate ${DFNS} it's "out"`, change('deactivate', [DFNS], { reason: `it's "out"` })],
    [`deactivate ${DFNS} because it replaces to-abc`, change('deactivate', [DFNS], { reason: 'it replaces to-abc' })],
    [`deactivate ${DFNS} --reason in a log`, change('deactivate', [DFNS], { reason: 'in a log' })],
    [`deactivate ${DFNS} --reason=in a log`, change('deactivate', [DFNS], { reason: 'in a log' })],
    [
      `deactivate ${DFNS} —reason “in a log” —keep-going`,
      change('deactivate', [DFNS], { reason: 'in a log', keepGoing: true }),
    ],
    [`deactivate --reason="in a log" ${DFNS}`, change('deactivate', [DFNS], { reason: 'in a log' })],
    [`deactivate --keep-going ${DFNS} ${UUID}`, change('deactivate', [DFNS, UUID], { keepGoing: true })],
    ['deactivate dfns-prod:ci-token', change('deactivate', ['dfns-prod:ci-token'])],
    [
      'deactivate "ci deploy" "cd deploy" both leaked',
      change('deactivate', ['ci deploy', 'cd deploy'], { reason: 'both leaked' }),
    ],
    ['deactivate "no-such: thing"', change('deactivate', ['no-such: thing'])],
  ])('reads the change %j', (text, command) => {
    expect(parse(text)).toEqual(command);
  });

  it.each(['and', '&', '&amp;', '+', 'then', 'plus', 'or'])('asks what "a %s b" means, and offers both', (joint) => {
    const read = parse(`deactivate prod-tracing ${joint} notebook`);
    expect(read).toMatchObject({
      problem: expect.stringMatching(/may stand another token/),
      suggestion: '/pat deactivate "prod-tracing" "notebook"',
    });
  });

  it.each<[string, unknown]>([
    ['audit', { verb: 'audit' }],
    ['audit --since 24h', { verb: 'audit', sinceHours: 24 }],
    ['audit --since 2w --file CSV', { verb: 'audit', sinceHours: 336, file: 'csv' }],
    ['audit --actor <@U0ADMIN0001|ann>', { verb: 'audit', actorUserId: 'U0ADMIN0001' }],
    [`audit --token ${UUID.toUpperCase()}`, { verb: 'audit', token: UUID }],
  ])('reads the audit %j', (text, command) => {
    expect(parse(text)).toEqual(command);
  });
});

describe('what is refused', () => {
  it.each<[text: string, problem: RegExp, suggestion: string | undefined]>([
    ['delte to-abc', /no verb "delte"/, '/pat delete to-abc'],
    ['revoke to-abc leaked', /no verb "revoke"/, '/pat deactivate to-abc leaked'],
    ['rm to-abc', /no verb "rm"/, '/pat delete to-abc'],
    ['kill', /no verb "kill"/, '/pat help deactivate'],
    ['reactivate to-abc', /no verb/, '/pat activate to-abc'],
    ['to-abc', /no verb/, '/pat show to-abc'],
    ['constructor', /no verb/, '/pat help'],
    ['"list"', /no verb/, '/pat list'],
    ['xyzzyplugh', /no verb/, '/pat help'],
    ['help revoke', /no verb "revoke"/, '/pat help deactivate'],
    ['help list show', /one verb at a time/, '/pat help list'],
    ['list --activ', /no flag --activ/, '/pat list --active'],
    ['list dfns-prod --nam=ci*', /no flag --nam/, '/pat list dfns-prod --name="ci*"'],
    ['list --force', /no flag --force/, undefined],
    ['list --active=yes', /takes no value/, undefined],
    ['list --active --active', /given twice/, undefined],
    ['list --active --inactive', /exclude each other/, undefined],
    ['list --expires 7d --no-expiry', /exclude each other/, undefined],
    ['list --owner', /needs a value/, undefined],
    ['list --owner --active', /needs a value/, undefined],
    ['list --owner=', /needs a value/, undefined],
    ['list --older-than 90', /wants a time in whole days/, '/pat list --older-than 90d'],
    ['list --older 90', /no flag --older/, '/pat list --older-than 90d'],
    ['list --page 50', /no flag --page/, undefined],
    ['list dfns', /no profile "dfns"/, '/pat list dfns-prod'],
    ['list --older-than 12h', /whole days/, undefined],
    ['list --older-than 0d', /whole days/, undefined],
    ['list --older-than 99999y', /whole days/, undefined],
    ['list --sort ages', /one of age, newest, name, used, expiry/, '/pat list --sort age'],
    ['list dfns-prd', /no profile "dfns-prd"/, '/pat list dfns-prod'],
    ['list billing', /no profile "billing"/, '/pat list --name "*billing*"'],
    ['list to-abc', /no profile/, '/pat show to-abc'],
    ['list "dfns-prod', /not closed/, undefined],
    ['show', /Which token/, '/pat help show'],
    ['show ci deploy', /Only one token/, '/pat show "ci deploy"'],
    ['show ""', /empty name/, undefined],
    ['show dfns-prd:to-abc', /no profile "dfns-prd"/, '/pat show dfns-prod:to-abc'],
    ['show zzzzzzzzzz:to-abc', /no profile/, '/pat help profiles'],
    ['show to-abc --active', /no flags here/, undefined],
    ['deactivate', /Which token should be deactivated/, '/pat help deactivate'],
    ['delete because leaked', /Which token should be deleted/, '/pat help delete'],
    ['delete --reason leaked', /Which token/, '/pat help delete'],
    ['undo', /Which token should be activated/, '/pat help activate'],
    ['deactivate to-abc --force', /no flag --force/, undefined],
    ['deactivate to-abc --keep-goin', /no flag/, '/pat deactivate to-abc --keep-going'],
    ['deactivate to-abc leaked --force', /stands in the reason/, undefined],
    ['deactivate to-abc because leaked —keep-going', /stands in the reason/, undefined],
    ['deactivate to-abc and to-def', /"to-def" stands in the reason/, undefined],
    ['deactivate to-abc leaked dfns-prod:x', /stands in the reason/, undefined],
    ['deactivate ci-token cd-token', /a reason or another token/, '/pat deactivate "ci-token" "cd-token"'],
    ['deactivate to-abc prod-2', /a reason or another token/, '/pat deactivate to-abc "prod-2"'],
    ['deactivate to-abc, ci-token', /must be in quotation marks/, '/pat deactivate to-abc "ci-token"'],
    ['deactivate to-abc,', /ends with a comma/, '/pat help deactivate'],
    ['deactivate *', /names no token/, undefined],
    ['deactivate the ci-deploy token', /"the" is no token/, '/pat deactivate "ci-deploy"'],
    ['deactivate ci-deploy, laptop-anna', /must be in quotation marks/, '/pat deactivate "ci-deploy" "laptop-anna"'],
    ['show https://app.dfns.io/settings', /names no token by its id/, undefined],
    ['deactivate to-abc --reason', /needs a text/, undefined],
    ['deactivate to-abc --reason ""', /needs a text/, undefined],
    ['deactivate to-abc --reason "a" left', /Behind the quoted reason/, undefined],
    ['deactivate to-abc --reason "a" --reason "b"', /given twice/, undefined],
    ['deactivate to-abc --keep-going --keep-going', /given twice/, undefined],
    ['deactivate to-abc --keep-going=1', /takes no value/, undefined],
    ['deactivate "ci deploy', /not closed/, undefined],
    ['deactivate dfns-prod: to-abc', /a blank behind/, '/pat deactivate dfns-prod:to-abc'],
    [`deactivate to-abc ${'x '.repeat(300)}`, /longer than 500/, undefined],
    ['leak lsv2', /never belongs into a command/, '/pat show "lsv2"'],
    ['deactivate [sealed]', /held a secret/, '/pat leak'],
    ['leak [sealed]', /held a secret/, '/pat leak'],
    ['stats now', /not understood/, '/pat stats'],
    ['approvals', /direct messages and in App Home/, '/pat help'],
    ['approve abc', /by its buttons/, '/pat help'],
    ['cases C-ABCD2345', /not understood/, '/pat case C-ABCD2345'],
    ['cases open', /not understood/, '/pat cases --open'],
    ['case', /Which case/, '/pat cases --open'],
    ['case 17', /no case id/, '/pat cases'],
    ['case C-ABCD2345 now', /not understood/, '/pat case C-ABCD2345'],
    ['audit to-abc', /given as --token/, '/pat audit --token "to-abc"'],
    ['audit --actor ann', /nobody Slack told me of/, '/pat help audit'],
    ['audit --file xml', /one of jsonl, csv/, undefined],
    ['audit --since tomorrow', /a time such as/, undefined],
  ])('refuses %j', (text, problem, suggestion) => {
    const read = parse(text);
    if (!isProblem(read)) throw new Error(`understood as ${JSON.stringify(read)}`);
    expect(read.problem).toMatch(problem);
    expect(read.suggestion).toBe(suggestion);
  });
});

describe('properties', () => {
  const visibleText = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
    .filter(
      (text) =>
        text.trim() === text &&
        text !== '' &&
        !text.includes('[sealed]') &&
        !/[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/.test(text) &&
        text.isWellFormed(),
    );
  const reason = visibleText.map((text) => text.replace(/\s+/g, ' ').trim()).filter((text) => text !== '');
  const optional = <T>(name: string, of: fc.Arbitrary<T>) =>
    fc.option(of).map((value) => (value === null ? {} : { [name]: value }));
  const merge = (...parts: fc.Arbitrary<object>[]) =>
    fc.tuple(...parts).map((all) => Object.assign({}, ...all) as object);
  const days = fc.integer({ min: 1, max: 36_500 });
  const command = fc.oneof(
    merge(
      fc.constant({ verb: 'list' }),
      fc.record({
        query: merge(
          fc.record({
            profiles: fc.uniqueArray(fc.constantFrom(...profiles)),
            sort: fc.constantFrom('age', 'name', 'used', 'expiry'),
          }),
          optional('state', fc.constantFrom('active', 'inactive')),
          optional(
            'owner',
            visibleText.filter((text) => !text.startsWith('@')),
          ),
          optional('name', visibleText),
          optional('olderThanDays', days),
          optional('unusedDays', days),
          fc.oneof(optional('expiresWithinDays', days), fc.constant({ noExpiry: true })),
        ),
        private: fc.boolean(),
      }),
    ),
    fc.record({ verb: fc.constant('show'), token: visibleText }),
    merge(
      fc.record({
        verb: fc.constantFrom('deactivate', 'activate', 'delete'),
        tokens: fc.uniqueArray(visibleText, { minLength: 1, maxLength: 5 }),
        keepGoing: fc.boolean(),
      }),
      optional('reason', reason),
    ),
    fc.record({ verb: fc.constant('cases'), open: fc.boolean() }),
    merge(
      fc.constant({ verb: 'audit' }),
      optional('actorUserId', fc.constantFrom('U0ADMIN0001', 'W123')),
      optional('sinceHours', fc.integer({ min: 1, max: 876_000 })),
      optional('file', fc.constantFrom('jsonl', 'csv')),
      optional(
        'token',
        visibleText.filter((text) => !/^(?:to-|[^:]*-prod:|[^:]*-dev:)/i.test(text) && !/-/.test(text)),
      ),
    ),
    fc.constantFrom(
      { verb: 'leak' },
      { verb: 'profiles' },
      { verb: 'stats' },
      { verb: 'whoami' },
      { verb: 'help', topic: 'list' },
    ),
  ) as fc.Arbitrary<Command>;

  it('a rendered command is read back as exactly that command', () => {
    fc.assert(
      fc.property(command, (given) => {
        expect(parse(asTyped(renderCommand(given)))).toEqual(given);
      }),
      { numRuns: 2000 },
    );
  });

  const pieces = fc.oneof(
    fc.constantFrom(
      ...['deactivate', 'delete', 'undo', 'list', 'show', 'audit', 'case', 'help', 'leak', 'revoke', 'delte', '/pat'],
      ...[
        '--reason',
        '—keep-going',
        '--keep-going',
        '--active',
        '--name=',
        '--force',
        '-',
        '—',
        ':',
        'because',
        '[sealed]',
      ],
      ...[
        'to-abc',
        UUID,
        'dfns-prod:x',
        'dfns-prod',
        '"',
        '“',
        '’',
        '`',
        '\\',
        ',',
        '<',
        '>',
        '<@U1|',
        '&lt;',
        '90d',
        'ci-token',
      ],
    ),
    fc.string({ unit: anyCharacter, maxLength: 12 }),
  );
  const anyText = fc
    .array(fc.tuple(pieces, fc.constantFrom(' ', '', '\n', '\u00a0')), { maxLength: 12 })
    .map((all) => all.flat().join(''));

  const flags = fc.subarray(
    ['--active', '--inactive', '--owner ana@acme.example', '--name ci-*', '--older-than 90d', '--unused 30d']
      .concat('--expires 7d', '--no-expiry', '--newest', '--sort name', '--private', '--file csv', '--keep-going')
      .concat('--token to-abc', '--actor <@U0ADMIN0001>', '--since 7d', '--open', '--reason "x y"', 'because x'),
    { maxLength: 3 },
  );
  const verbs = ['list', 'show', 'deactivate', 'activate', 'delete', 'cases', 'audit', 'stats', 'hygiene'] as const;
  /** A verb and some flags: nearer to what is understood than any text. */
  const flagged = fc
    .tuple(fc.constantFrom(...verbs), fc.constantFrom('', 'to-abc', 'dfns-prod'), flags)
    .map(([verb, word, some]) => [verb, word, ...some].join(' '));

  it('any text is a command or a problem, and every suggestion is understood when it is pasted', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const read = parse(text);
        if (!isProblem(read)) return;
        expect(read.problem).not.toBe('');
        if (read.suggestion === undefined) return;
        expect(read.suggestion.startsWith('/pat ')).toBe(true);
        expect(isProblem(parse(asTyped(read.suggestion.slice('/pat'.length))))).toBe(false);
      }),
      { numRuns: 5000 },
    );
  });

  it('whatever is understood can be rendered and read back as the same', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, flagged), (text) => {
        const read = parse(text);
        if (isProblem(read)) return;
        expect(parse(asTyped(renderCommand(read)))).toEqual(read);
      }),
      { numRuns: 5000 },
    );
  });

  it('a word more than a verb can use is never ignored', () => {
    const junk = fc.constantFrom('junk', '--junk', '-junk', '"junk"', '“junk');
    const complete = fc.constantFrom(
      'leak',
      'stats',
      'whoami',
      'profiles',
      'help list',
      'cases',
      'case C-ABCD2345',
      'show to-abc',
      'list',
      'audit',
      'list --name x',
      'deactivate to-abc --reason "x"',
    );
    fc.assert(
      fc.property(complete, junk, (line, word) => {
        const read = parse(`${line} ${word}`);
        const isTakenAsToken = !isProblem(read) && read.verb === 'deactivate' && read.tokens.includes('junk');
        expect(isProblem(read) || isTakenAsToken).toBe(true);
      }),
    );
  });

  it('a sealed secret is never part of a command, whatever hides it', () => {
    expect(isProblem(parse('deactivate <@U1| [sealed]> '))).toBe(true);
    fc.assert(
      fc.property(anyText, anyText, (before, after) => {
        expect(isProblem(parse(`${before}[sealed]${after}`))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it.each(['"a ', "'a ", '-', '<@', '\\"', '=', 'to-', ',', 'a-'])(
    'a long text of %j is read in linear time',
    { timeout: 60_000 },
    (unit) => {
      expect(dearness((text) => parse(`deactivate ${text}`), unit, 10_000)).toBeLessThan(LINEAR);
    },
  );
});

describe('a change by filter', () => {
  const filtered = (verb: string, filter: object, more: object = {}) => ({
    ...change(verb, []),
    filter: { profiles: [], sort: 'age', ...filter },
    ...more,
  });

  it.each([
    ['deactivate --owner anna --unused 90d', { owner: 'anna', unusedDays: 90 }, {}],
    ['deactivate —owner “anna b” –unused 90 d because left', { owner: 'anna b', unusedDays: 90 }, { reason: 'left' }],
    [
      'deactivate langsmith-dev --older-than 6m --keep-going',
      { profiles: ['langsmith-dev'], olderThanDays: 180 },
      { keepGoing: true },
    ],
    [
      'deactivate mine --no-expiry - clean-up, quarterly',
      { ownedBy: 'me', noExpiry: true },
      { reason: 'clean-up, quarterly' },
    ],
    ['deactivate --name ci-* --reason quarterly clean up', { name: 'ci-*' }, { reason: 'quarterly clean up' }],
    ['deactivate --name ci-* --reason="quarterly clean up"', { name: 'ci-*' }, { reason: 'quarterly clean up' }],
    [
      'deactivate --owner @me --active because "it is old"',
      { ownedBy: 'me', state: 'active' },
      { reason: 'it is old' },
    ],
  ])('%s', (line, filter, more) => {
    expect(parse(line)).toEqual(filtered('deactivate', filter, more));
  });

  it.each([
    ['of everything', 'deactivate --active'],
    ['of a whole profile', 'delete dfns-prod --inactive because old'],
    ['with a token beside it', 'deactivate --owner anna ci-deploy'],
    ['behind a token', 'deactivate ci-deploy --owner anna'],
    ['with a flag in its reason', 'deactivate --owner anna because old --unused 90d'],
    ['with a value that is none', 'deactivate --unused soon'],
    ['with a flag that is no filter', 'deactivate --owner anna --private'],
  ])('is refused %s', (_, line) => {
    expect(isProblem(parse(line))).toBe(true);
  });

  it('is none where a name that begins like a flag of a change is meant', () => {
    expect(parse('deactivate ci-deploy --reason owner left')).toEqual(
      change('deactivate', ['ci-deploy'], { reason: 'owner left' }),
    );
  });
});
