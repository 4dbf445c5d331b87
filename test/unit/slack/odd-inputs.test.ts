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
  addToken(room, KEY, { name: 'notebook', shortKey: 'lsv2_pt_...9fa7b9' });
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

describe('an odd line', () => {
  it.each(LINES.filter(([line]) => !line.startsWith('case ')))('%s', async (line, wanted) => {
    const came = await type(line);
    const pattern = (wanted as { suggestion?: unknown }).suggestion;
    if (pattern instanceof RegExp) expect(came.suggestion).toMatch(pattern);
    else expect(came).toMatchObject(wanted);
    // Whatever was understood: none of these lines changes a token without a question.
    expect(states()).toBe(UNTOUCHED);
  });

  it('is suggested only as a line that is understood', async () => {
    for (const [line] of LINES) {
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

  it('"because" without a reason still kills', async () => {
    await type('deactivate ci-deploy because');
    expect(states()).toBe('inactive,active,inactive');
  });
});

async function startAgain(): Promise<void> {
  room.tokens.set(ID, { ...room.tokens.get(ID)!, state: 'active' });
}
