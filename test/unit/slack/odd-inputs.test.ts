import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { parseCommand } from '#shared/slack/grammar/parse-command.ts';
import { isProblem } from '#shared/slack/grammar/problem.ts';
import { render } from '#shared/slack/blocks/render.ts';
import { caseId, tokenKey } from '#shared/store/case-id.ts';
import { executeCommand, type TokenCommand } from '#shared/tokens/execute-command.ts';
import { addToken, createRoom, NOW, openCase, PEOPLE, type Room } from '#test/support/room.ts';

const ID = 'to-69r5f-4h1ns-2k9t8lq3v7m0p5wx';
const KEY = 'efecf8a9-6a52-4f59-8c7e-0f6e0e5a9b10';
const CASE = caseId(tokenKey({ profile: 'langsmith-demo', id: 'leaked' }));

/** What came of a line: how it was understood, what was said instead, and which tokens still work. */
interface Came {
  readonly outcome?: { readonly kind: string; readonly [more: string]: unknown };
  readonly query?: object;
  readonly problem?: string;
  readonly suggestion?: string;
}

let room: Room;
beforeEach(async () => {
  room = createRoom((policy) => {
    policy.owners = { 'us-anna': 'U0ADMIN0001' };
  });
  addToken(room, ID, { provider: 'dfns', profile: 'dfns-demo', name: 'ci-deploy', owner: { id: 'us-anna' } });
  addToken(room, KEY, {
    name: 'notebook',
    shortKey: 'lsv2_pt_...9fa7b9',
    owner: { id: 'l-1', name: 'anna@example.com' },
  });
  const report = { source: 'github', key: 'r', at: NOW.toISOString(), publiclyLeaked: true };
  const leaked = addToken(room, 'leaked', { name: 'laptop-anna', state: 'inactive' });
  await openCase(room, leaked, { id: CASE, state: 'dead', verb: 'deactivate', reports: [report] });
});

async function type(line: string): Promise<Came> {
  const { names, kindOf } = room.services.providers;
  const command = parseCommand(line, { profiles: names(), providerOf: kindOf, now: NOW });
  if (isProblem(command)) return command;
  const query = 'query' in command ? { query: command.query } : {};
  return { ...query, outcome: await executeCommand(await room.context(PEOPLE.admin), command as TokenCommand) };
}
const states = () => [...room.tokens.values()].map(({ state }) => state).join();
const UNTOUCHED = 'active,active,inactive';

/** The lines of the list, and what is wanted of each. */
const asks = (suggestion?: RegExp) => ({ suggestion: suggestion ?? expect.anything() });
const shows = (id: string) => ({ outcome: { kind: 'shown', token: { id } } });
const lists = (query: object) => ({ outcome: { kind: 'listed' }, query });

const LINES: readonly (readonly [string, object])[] = [
  ['deactivate ci-deploy and laptop-anna', { problem: expect.stringContaining('another token') }],
  ['deactivate ci-deploy &amp; laptop-anna', { problem: expect.stringContaining('another token') }],
  ['deactivate ci-deploy + laptop-anna', { problem: expect.stringContaining('another token') }],
  ['deactivate notebook then ci-deploy', { problem: expect.stringContaining('another token') }],
  ['deactivate ci-deploy it was laptop-anna', { outcome: { kind: 'confirm', alsoNamed: ['laptop-anna'] } }],
  ['deactivate name-of-the-token because laptop left in cab', { outcome: { kind: 'unknown_token' } }],
  ['deactivate ci-deploy because notebook leaked too', { outcome: { kind: 'confirm', alsoNamed: ['notebook'] } }],
  ['undo laptop-anna', { outcome: { kind: 'confirm', leaks: [{ id: CASE }] } }],
  ['list --older 90', asks(/--older-than 90d$/)],
  ['list --page 50', { problem: expect.stringContaining('no flag --page') }],
  ['list dfns', lists({ profiles: ['dfns-demo'] })],
  ['list LangSmith', lists({ profiles: ['langsmith-demo'] })],
  ['list ci-*', lists({ name: 'ci-*' })],
  ['list anna@example.com', lists({ owner: 'anna@example.com' })],
  ['list <mailto:anna@example.com|anna@example.com>', lists({ owner: 'anna@example.com' })],
  ['list --owner @anna', lists({ owner: 'anna' })],
  ['list --owner me', { ...lists({ ownedBy: 'me' }), outcome: { kind: 'listed', tokens: [{ id: ID }] } }],
  ['list mine', { ...lists({ ownedBy: 'me' }), outcome: { kind: 'listed', tokens: [{ id: ID }] } }],
  ['list --owner <@U0ADMIN0001|admin>', { outcome: { kind: 'listed', tokens: [{ id: ID }] } }],
  ['list --older-than 90 d', lists({ olderThanDays: 90 })],
  ['list --older-than 3 months', lists({ olderThanDays: 90 })],
  ['list --expires 2026-12-31', lists({ expiresWithinDays: 39 })],
  ['list --newest', lists({ sort: 'newest' })],
  ['list --file csv', { outcome: { kind: 'listed', file: 'csv' } }],
  ['list --name', { problem: expect.stringContaining('such as "ci-*"') }],
  ['list --owner', { problem: expect.stringContaining('such as') }],
  ['audit --since yesterday', { outcome: { kind: 'audited' } }],
  ['audit --since 2026-11-01', { outcome: { kind: 'audited' } }],
  ['audit --token nope', { outcome: { kind: 'unknown_token' } }],
  [`show https://app.dfns.io/v3/pats/${ID}`, shows(ID)],
  [`show <https://app.dfns.io/v3/pats/${ID}>`, shows(ID)],
  [`show <https://app.dfns.io/v3/pats/${ID}|a token>`, shows(ID)],
  ['show lsv2_pt_efb6…a7b9', shows(KEY)],
  ['show efecf8a9', shows(KEY)],
  ['show to-69r5f', shows(ID)],
  [`show ${ID.toUpperCase()}`, shows(ID)],
  [`show ${KEY.toUpperCase()}`, shows(KEY)],
  ['show CI-Deploy', shows(ID)],
  ['deactivate *', { problem: expect.stringContaining('names no token') }],
  ['deactivate the ci-deploy token', asks(/^\/pat deactivate "ci-deploy"$/)],
  ['deactivate ci-*', { outcome: { kind: 'unknown_token' } }],
  ['deactivate all', { outcome: { kind: 'unknown_token' } }],
  ['deactivate --older-than 90d', { outcome: { kind: 'confirm' } }],
  ['deactivate --owner us-anna', { outcome: { kind: 'confirm', tokens: [{ id: ID }] } }],
  ['deactivate ci-deploy, notebook', asks(/^\/pat deactivate "ci-deploy" "notebook"$/)],
  [`show ${CASE}`, shows('leaked')],
  [`undo ${CASE.toLowerCase()}`, { outcome: { kind: 'confirm', leaks: [{ id: CASE }] } }],
  [`case ${CASE}`, {}],
  ['version', { outcome: { kind: 'version' } }],
  ['approvals', { problem: expect.stringContaining('by its buttons'), suggestion: '/pat help' }],
  ['approve ABC', { problem: expect.stringContaining('by its buttons') }],
  ['stats --since 7d', { outcome: { kind: 'stats' } }],
  ['leak notebook', asks(/^\/pat show "notebook"$/)],
];

/** Other members of the same kinds. */
const ORGANISATION = '8f3e0d1c-1111-4222-8333-444455556666';
const SIBLINGS: readonly (readonly [string, object])[] = [
  ...[
    `https://smith.langchain.com/o/${ORGANISATION}/settings/apikeys/${KEY}`,
    `https://eu.smith.langchain.com/settings?organizationId=${ORGANISATION}#${KEY}`,
    `<https://smith.langchain.com/o/${ORGANISATION}/keys/${KEY}|my key>`,
    `smith.langchain.com/settings/apikeys/${KEY.toUpperCase()}`,
    `langsmith-demo/${KEY}`,
    'efecf8a9-6a52',
    'EFECF8A9',
    'efecf8a9…9b10',
    'lsv2_pt_****a7b9',
    'lsv2_pt_*9fa7b9',
    'lsv2_pt_••••a7b9',
    'lsv2_pt_XXXXXXa7b9',
    'lsv2_pt_[...]a7b9',
    '…9fa7b9',
    '...a7b9',
    'the notebook',
    'my notebook',
  ].map((name) => [`show ${name}`, shows(KEY)] as const),
  ...[
    `https://app.dfns.io/settings/personal-access-tokens/${ID}/edit?tab=1#x`,
    `app.dfns.io/v3/pats/${ID}`,
    `(https://app.dfns.io/v3/pats/${ID.toUpperCase()}).`,
    'to-69r5f…',
    'to-69r5f...p5wx',
  ].map((name) => [`show ${name}`, shows(ID)] as const),
  // A part of a name of a token never changes it without a choice.
  ...['lsv2_pt_...9fa7b9', '…9fa7b9', 'efecf8a9', 'to-69r5f…'].flatMap((part) =>
    ['deactivate', 'delete', 'undo'].map((verb) => [`${verb} ${part}`, { outcome: { kind: 'ambiguous' } }] as const),
  ),
  ...['three months', '3months', '"3 months"', '90 days', '90days'].map(
    (time) => [`list --older-than ${time}`, lists({ olderThanDays: 90 })] as const,
  ),
  ...['2026-08-01', '2026/08/01', '2026.8.1', '1.8.2026', '01.08.2026', '1 Aug 2026', 'August 1', 'Aug 1st, 2026'].map(
    (date) => [`list --older-than ${date}`, lists({ olderThanDays: 114 })] as const,
  ),
  ['list --older-than 08/01/2026', { problem: expect.stringContaining('a date such as 2026-11-01') }],
  ['list --older-than 2026-02-30', { problem: expect.stringContaining('a date such as') }],
  ['list --older 3 months', asks(/--older-than 3 months$/)],
  ['list older than 90 days', asks(/--older-than 90 days$/)],
  ['list --unused 30', asks(/--unused 30d$/)],
  ['list unused 30d', asks(/--unused 30d$/)],
  ['list --expires tomorrow', lists({ expiresWithinDays: 1 })],
  ['list --expires in 7 days', lists({ expiresWithinDays: 7 })],
  ['list --expires next week', lists({ expiresWithinDays: 7 })],
  ['list --expires 31.12.2026 dfns', lists({ expiresWithinDays: 39, profiles: ['dfns-demo'] })],
  ...['monday', '3 days ago', 'last week', '2026-11-01T10:00Z', '30 min', '1 November'].map(
    (since) => [`audit --since ${since}`, { outcome: { kind: 'audited' } }] as const,
  ),
  ['audit yesterday', asks(/^\/pat audit --since yesterday$/)],
  ['stats today', asks(/^\/pat stats --since today$/)],
  ...['anna@…', 'anna@...', 'anna@', '--owner anna@…', '--owner "anna@…"'].map(
    (owner) => [`list ${owner}`, { ...lists({}), outcome: { matching: 1, tokens: [{ id: KEY }] } }] as const,
  ),
  ...['<@U0ADMIN0001>', '<@U0ADMIN0001|admin>', '--owner=<@U0ADMIN0001>'].map(
    (person) =>
      [`list ${person}`, { ...lists({ ownedBy: 'U0ADMIN0001' }), outcome: { tokens: [{ id: ID }] } }] as const,
  ),
  ...['me', 'my', 'MINE', '@me', '--owner mine', '--owner=me'].map(
    (me) => [`list ${me}`, { ...lists({ ownedBy: 'me' }), outcome: { tokens: [{ id: ID }] } }] as const,
  ),
  ['deactivate mine', asks(/^\/pat deactivate --owner me$/)],
  ['delete <@U0ADMIN0001>', asks(/^\/pat delete --owner @U0ADMIN0001$/)],
  ['deactivate anna@example.com', asks(/--owner anna@example\.com$/)],
  ['deactivate mine --active because left', { outcome: { kind: 'confirm', tokens: [{ id: ID }] } }],
  ['audit --actor me', { outcome: { kind: 'audited' } }],
  ['audit mine', asks(/^\/pat audit --actor me$/)],
  ['list all', asks(/^\/pat list$/)],
  ['list inactive', asks(/^\/pat list --inactive$/)],
  ['list stale', asks(/^\/pat hygiene$/)],
  [`activate ${CASE}`, { outcome: { kind: 'confirm', leaks: [{ id: CASE }] } }],
  [`delete (${CASE}).`, { outcome: { kind: 'confirm', tokens: [{ id: 'leaked' }] } }],
  [`audit ${CASE}`, asks(new RegExp(`^/pat case ${CASE}$`))],
  ['deactivate ci-deploy; notebook', asks(/^\/pat deactivate "ci-deploy" "notebook"$/)],
  ['deactivate ci-deploy, then notebook', asks(/^\/pat deactivate "ci-deploy" "notebook"$/)],
  ['deactivate ci-deploy &amp; then notebook', asks(/^\/pat deactivate "ci-deploy" "notebook"$/)],
  ['deactivate ci-deploy / notebook', asks(/^\/pat deactivate "ci-deploy" "notebook"$/)],
  [
    'deactivate ci-deploy, notebook, laptop-anna because x',
    asks(/^\/pat deactivate "ci-deploy" "notebook" "laptop-anna" because x$/),
  ],
];

describe('an odd line', () => {
  it.each([...LINES.filter(([line]) => !line.startsWith('case ')), ...SIBLINGS])('%s', async (line, wanted) => {
    const came = await type(line);
    const pattern = (wanted as { suggestion?: unknown }).suggestion;
    if (pattern instanceof RegExp) expect(came.suggestion).toMatch(pattern);
    else expect(came).toMatchObject(wanted);
    // Whatever was understood: none of these lines changes a token without a question.
    expect(states()).toBe(UNTOUCHED);
  });

  it('is suggested only as a line that is understood', async () => {
    for (const [line] of [...LINES, ...SIBLINGS]) {
      const { suggestion } = line.startsWith('case ') ? {} : await type(line);
      if (suggestion !== undefined) expect((await type(suggestion)).problem).toBeUndefined();
      if (suggestion?.startsWith('/pat deactivate') === true) await startAgain();
    }
  });

  it.each([
    ['help deactivate', /You may not deactivate tokens here; whoever tries is told which roles may/],
    ['help whoami', /`\/pat whoami`: how the rules see you here/],
    ['help hygiene', /\/pat list.*the tokens of one/s],
  ])('%s is answered to somebody with few rights', async (line, words) => {
    const command = parseCommand(line, { profiles: [], now: NOW }) as TokenCommand;
    const context = await room.context(PEOPLE.viewer);
    expect(render(await executeCommand(context, command), { actor: PEOPLE.viewer, now: NOW }).text).toMatch(words);
  });

  it('means a day whatever its form, and none that no month has', () => {
    const forms: readonly ((year: number, month: number, day: number) => string)[] = [
      (year, month, day) => `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`,
      (year, month, day) => `${year}/${month}/${day}`,
      (year, month, day) => `${day}.${month}.${year}`,
      (year, month, day) => `${day} ${MONTHS[month - 1]} ${year}`,
      (year, month, day) => `${MONTHS[month - 1]?.slice(0, 3)} ${day}, ${year}`,
    ];
    const day = fc.tuple(
      fc.integer({ min: 2015, max: 2025 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 31 }),
    );
    fc.assert(
      fc.property(day, fc.constantFrom(...forms), ([year, month, date], form) => {
        const at = new Date(Date.UTC(year, month - 1, date));
        const days = Math.ceil((NOW.getTime() - at.getTime()) / 86_400_000);
        const read = parseCommand(`list --older-than ${form(year, month, date)}`, { profiles: [], now: NOW });
        if (at.getUTCDate() === date) expect(read).toMatchObject({ query: { olderThanDays: days } });
        else expect(isProblem(read)).toBe(true);
      }),
    );
  });

  it('"because" without a reason still kills', async () => {
    await type('deactivate ci-deploy because');
    expect(states()).toBe('inactive,active,inactive');
  });
});

const MONTHS = 'January February March April May June July August September October November December'.split(' ');

async function startAgain(): Promise<void> {
  room.tokens.set(ID, { ...room.tokens.get(ID)!, state: 'active' });
}
