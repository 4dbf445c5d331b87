import { askedBy, type Ended } from './promises.ts';
import { isOfNextRelease } from './releases.ts';
import type { Act, Story } from './story.ts';
import { SENDERS } from './story.ts';

/** One thing that may happen in a history, and how it is seen afterwards that it did. */
type Happened = (ended: Ended, acts: readonly Act[]) => boolean;

const textsIn = ({ stage }: Ended) =>
  stage.slack.messages.flatMap(({ versions }) =>
    versions.map(({ text, blocks }) => `${text} ${JSON.stringify(blocks)}`),
  );
const said =
  (words: RegExp): Happened =>
  (ended) =>
    textsIn(ended).some((text) => words.test(text));
const occurred =
  (name: string): Happened =>
  ({ stage }) =>
    stage.world.occurred.has(name);
const acted =
  (kind: Act['kind']): Happened =>
  (_, acts) =>
    acts.some((act) => act.kind === kind);
const asked =
  (what: RegExp): Happened =>
  ({ stage }) =>
    [...stage.queues.commands.stored.values()].some((body) => {
      const { kind, text, actionId, value } = askedBy(body);
      return what.test(kind === 'command' ? `/pat ${text}` : `${actionId} ${value}`);
    });
const queued =
  (kind: string): Happened =>
  ({ stage }) =>
    [...stage.queues.leaks.stored.values()].some((body) => (JSON.parse(body) as { kind?: string }).kind === kind);
const recorded =
  (what: string, result: string): Happened =>
  ({ audit }) =>
    audit.some((entry) => entry.what === what && entry.result === result);
const approvalIs =
  (state: string): Happened =>
  ({ approvals }) =>
    approvals.some((approval) => approval.state === state);
const caseIs =
  (state: string): Happened =>
  ({ cases }) =>
    cases.some((kase) => kase.state === state);
const alertFrom = (sender: string): [string, Happened] => [
  `alert from ${sender}`,
  ({ diary }) => diary.leaks.some(({ by, isGenuine, isHeard }) => by === sender && isGenuine && isHeard),
];
const NEIGHBOURS = ['table', 'queue', 'secrets', 'slack', 'dfns', 'langsmith', 'github'] as const;
const world = (...names: readonly string[]): [string, Happened][] => names.map((name) => [name, occurred(name)]);

/** Everything that belongs into the world, by name: none of it may be missing in a thousand histories. */
export const EVENTS: readonly (readonly [name: string, happened: Happened])[] = [
  ...SENDERS.map(alertFrom),
  ['the very same message is sent again', ({ diary }) => diary.leaks.some(({ isSentAgain }) => isSentAgain === true)],
  ['an alert with a forged signature', ({ diary }) => diary.leaks.some(({ isGenuine }) => !isGenuine)],
  ['a secret is pasted', ({ stage }) => [...stage.queues.leaks.stored.keys()].some((key) => key.startsWith('slack:'))],
  [
    'the report of a pasted secret is given up before it has a case',
    ({ stage }) => stage.table.rows().some(({ pk }) => String(pk).startsWith('note#given-up-report:')),
  ],
  ['made-up secrets in a flood', acted('flood')],
  ['a report that shows no secret', acted('hint')],
  ['a report of a secret that only resembles a token', acted('lookalike')],
  ['a person says on the card of a leak which token it is', asked(/^patrol:case\S* .*"token":/)],
  ...world('slack: who has an e-mail address'),
  ['a test message with a secret that works', acted('drill')],
  ['a message that tells many leaks together', said(/^\d+ more leaks? reported/)],
  ['the brake holds a kill back', ({ cases }) => cases.some(({ decision }) => decision?.rule === 'floor:brake')],
  ['a token is deactivated', recorded('deactivate', 'done')],
  ['a token is activated', recorded('activate', 'done')],
  ['a token is deleted', recorded('delete', 'done')],
  ['a bulk request', asked(/^\/pat \w+ ("[\w-]+" ){2,}/)],
  ['a bulk request waits for others', ({ approvals }) => approvals.some(({ order }) => order.tokens.length > 2)],
  [
    'a bulk request is carried out',
    ({ approvals }) => approvals.some(({ order, state }) => order.tokens.length > 2 && state === 'done'),
  ],
  ['a confirmation', asked(/^patrol:confirm/)],
  ['a press taken back', asked(/^patrol:cancel/)],
  [
    'somebody presses a button twice at once',
    (_, acts) => acts.some((act) => act.kind === 'press' && act.twice === true),
  ],
  ['somebody hurries what is tried again', recorded('try_now', 'noted')],
  ['somebody gives up what is tried again', recorded('give_up', 'done')],
  ['an approval is carried out', approvalIs('done')],
  ['a request is refused', approvalIs('refused')],
  ['a request is taken back', approvalIs('withdrawn')],
  ['a request lapses', approvalIs('lapsed')],
  ['whoever may agree is reminded', said(/^Reminder of a request /)],
  ['the glass is broken', ({ approvals }) => approvals.some(({ brokenGlass }) => brokenGlass !== undefined)],
  ['an undo from an answer', asked(/^patrol:undo/)],
  ['an undo from a card', asked(/^patrol:case:undo/)],
  ['a kill is undone', caseIs('restored')],
  ['"Not ours" closes a case', ({ cases }) => cases.some(({ dismissedBy }) => dismissedBy !== undefined)],
  [
    'an owner says that a token is theirs, and it is deactivated',
    ({ audit }) =>
      audit.some(({ rule, what, result }) => rule === 'owner' && what === 'deactivate' && result === 'done'),
  ],
  ['somebody says "Not me"', ({ cases }) => cases.some(({ ownerWord }) => ownerWord?.said === 'not_mine')],
  ['an owner asks for time', asked(/^patrol:case:wait/)],
  ['the time that an owner was given ends', queued('wait-over')],
  ['somebody takes a case', ({ cases }) => cases.some(({ takenBy }) => takenBy !== undefined)],
  ['somebody searches again', recorded('search', 'done')],
  ['a bigger lever is asked for', asked(/^patrol:case:lever/)],
  ['somebody without the right is told so', recorded('deactivate', 'refused')],
  ['somebody of another workspace tries', (_, acts) => acts.some((act) => 'who' in act && act.who === 'stranger')],
  ['the one on call goes off call', (_, acts) => acts.some((act) => act.kind === 'oncall' && act.is === 'out')],
  ['Patrol is told to kill its own token', said(/is the token Patrol works with/)],
  ['the weekly report', said(/hygiene|Tokens? (to look at|that)/i)],
  ['a reminder of a case', said(/Nobody has taken case/)],
  ['the last call for a case', said(/the last call/)],
  ['a dead token is looked at again', queued('read-again')],
  [
    'a dead token lives again and is told',
    ({ cases }) => cases.some(({ troubles }) => troubles?.some(({ kind }) => kind === 'alive_again') === true),
  ],
  ['a search is planned by itself', queued('search-again')],
  ['a provider takes a kill and waits', ({ audit }) => audit.some(({ result }) => result === 'pending')],
  [
    'a token is changed at its provider',
    ({ stage }) => stage.ledger.changes.some(({ elsewhere }) => elsewhere === true),
  ],
  ["Slack's secret is rotated", (_, acts) => acts.some((act) => act.kind === 'rotate' && act.what === 'slack')],
  ["a profile's secret is rotated", (_, acts) => acts.some((act) => act.kind === 'rotate' && act.what !== 'slack')],
  ['another release is deployed', acted('deploy')],
  [
    'a job of the next release',
    ({ stage }) =>
      [...stage.queues.commands.stored.values(), ...stage.queues.leaks.stored.values()].some(isOfNextRelease),
  ],
  ...NEIGHBOURS.flatMap((name) =>
    world(`${name}: a call is not answered, nothing was done`, `${name}: a call was done, its answer is lost`),
  ),
  ...world(
    'an open alert that never arrived is found',
    'a record of the next release is read by this one',
    'a job that only the next release knows is given to this one',
    'a process dies before a call',
    'a process dies after a call was done',
    'a function runs into its time-out',
    'commands: a container freezes',
    'leaks: a container freezes',
    'two workers are at one job at once',
    'the clock of a busy container steps',
    'the clock of a waiting container steps',
    'table: a condition refuses a write',
    'table: a call is throttled',
    'table: a write meets itself again',
    'table: the index lags behind what is read',
    'commands: a job is delivered in two copies',
    'leaks: a job is delivered in two copies',
    'commands: a deletion gets lost',
    'leaks: a deletion gets lost',
    'commands: a job overtakes another',
    'leaks: a job overtakes another',
    'commands: a job becomes a dead letter',
    'leaks: a job becomes a dead letter',
    'commands: a dead letter is redriven',
    'leaks: a dead letter is redriven',
    'a provider takes a change that is so only later',
    'searches have used up their share of a limit',
    'a message is looked for in a channel in which the bot is not',
  ),
  ...(['dfns', 'langsmith', 'slack'] as const).flatMap((name) => [
    ...world(`${name} is asked during an outage of half an hour`),
    ...(['down', 'hang', '401', '429', '500', 'html'] as const).flatMap((mode) =>
      world(`${name} is asked during an outage (${mode})`),
    ),
  ]),
  ...(['dfns', 'langsmith'] as const).flatMap((name) =>
    world(`${name} is asked during an outage (202)`, `${name} is asked during an outage (denied)`),
  ),
];

/** The names of everything that happened in a history. */
export function eventsOf(ended: Ended, { acts }: Story): readonly string[] {
  return EVENTS.filter(([, happened]) => happened(ended, acts)).map(([name]) => name);
}
