import { setTimeout as sleep } from 'node:timers/promises';
import type { Alarmed } from '../senders/alarm.ts';
import { type Claim, claimsOf, refute, speaksOfTokens } from './claims.ts';
import type { Ready } from '../ready.ts';
import type { SlackAnswer } from '../slack/person.ts';
import type { SlackMessage } from '../slack/workspace.ts';
import type { StandInToken } from '../kit/stand-in.ts';

const WAIT_MS = 60_000;
const SLACK_LIMIT_MS = 3000;
/** The tokens of the play; the stand-ins start with them. */
const CAST = {
  undone: 'laptop-anna',
  doomed: 'staging-backfill',
  leaked: ['grafana-exporter', 'notebook'],
  unsearched: 'ci-deploy',
} as const;

type Json = Readonly<Record<string, any>>;
type Who = 'operator' | 'approver' | 'scanner' | 'provider' | 'card';

/** One line of the transcript that no message holds: what a person or a scanner did. */
export interface Action {
  readonly at: number;
  readonly who: Who;
  readonly words: string;
}

export interface Timing {
  readonly what: string;
  readonly milliseconds: number;
}

/** What was done, said and found wrong so far. */
interface Story {
  readonly actions: Action[];
  readonly acknowledged: Timing[];
  readonly proven: Timing[];
  readonly checked: Claim[];
  readonly mistakes: string[];
}

/** The channel as it is read: every version of every message, since its edits are part of its story. */
interface Transcript {
  /** What stands there now. */
  now(): Promise<readonly SlackMessage[]>;
  /** Looks for a message that no step has ended with yet. */
  find(pattern: RegExp): Promise<SlackMessage | undefined>;
  /** Those that came since the last call. */
  takeNew(): Promise<readonly SlackMessage[]>;
  all(): readonly SlackMessage[];
}

const until = async <T>(what: string, look: () => Promise<T | undefined>): Promise<T> => {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`Patrol did not ${what} within ${WAIT_MS / 1000} s.`);
    await sleep(40);
  }
};

/** Calls of the sandbox that this play makes. */
function createCalls({ url, slack }: Ready) {
  const call = async <T>(path: string, body?: unknown): Promise<T> => {
    const response = await fetch(
      `${url}/sandbox/${path}`,
      body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) },
    );
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return (await response.json()) as T;
  };
  return {
    messages: () => call<SlackMessage[]>(`messages?channel=${slack.channels.security}`),
    tokens: () => call<StandInToken[]>('tokens'),
    isAtRest: async () => (await call<{ pending: number }>('queues')).pending === 0,
    leak: (tokenId: string) => call<Alarmed>('leak', { tokenId, source: 'github' }),
    fault: (target: string, mode: '401' | 'none') => call('fault', { target, mode }),
    command: (text: string) =>
      call<SlackAnswer>('slack/command', { userId: slack.users.operator, channel: slack.channels.security, text }),
    click: (who: 'operator' | 'approver', { channel, ts }: SlackMessage, action: Json) =>
      call<SlackAnswer>('slack/click', { userId: slack.users[who], channel, ts, action }),
  };
}
type Calls = ReturnType<typeof createCalls>;

function createTranscript({ messages }: Calls): Transcript {
  const versions = new Map<string, SlackMessage>();
  const done = new Set<string>();
  const idOf = ({ ts, editedAt }: SlackMessage) => `${ts} ${editedAt ?? ''}`;
  const now = async (): Promise<readonly SlackMessage[]> => {
    const shown = await messages();
    for (const message of shown) versions.set(idOf(message), message);
    return shown;
  };
  return {
    now,
    find: async (pattern) => (await now()).find((one) => !done.has(idOf(one)) && pattern.test(one.text)),
    takeNew: async () => {
      await now();
      const found = [...versions].filter(([id]) => !done.has(id));
      for (const [id] of found) done.add(id);
      return found.map(([, message]) => message);
    },
    all: () => [...versions.values()],
  };
}

/** What the steps stand on. */
interface Stage {
  readonly ready: Ready;
  readonly calls: Calls;
  readonly transcript: Transcript;
  readonly record: Story;
}

/** Does something, waits until Patrol has said what is expected and is at rest, and holds what it said against the facts. */
async function step({ calls, transcript, record }: Stage, act: () => Promise<void>, ...expected: readonly RegExp[]) {
  const before = await calls.tokens();
  await act();
  for (const pattern of expected) await until(`say ${pattern.source}`, () => transcript.find(pattern));
  await until('finish its work', async () => ((await calls.isAtRest()) ? true : undefined));
  const after = await calls.tokens();
  for (const message of await transcript.takeNew()) {
    const claims = claimsOf(message);
    record.checked.push(...claims);
    record.mistakes.push(...claims.flatMap((claim) => refute(claim, before, after) ?? []));
    if (claims.length === 0 && speaksOfTokens(message.text))
      record.mistakes.push(`"${message.text}" could not be checked`);
  }
}

/** Writes down how quickly Slack was answered. */
function note({ acknowledged, mistakes }: Story, what: string, { status, milliseconds }: SlackAnswer): void {
  acknowledged.push({ what, milliseconds });
  if (status !== 200) mistakes.push(`${what} was answered with HTTP ${status}`);
  if (milliseconds >= SLACK_LIMIT_MS) mistakes.push(`${what} was acknowledged only after ${milliseconds} ms`);
}

async function type({ calls, record }: Stage, text: string): Promise<void> {
  record.actions.push({ at: Date.now(), who: 'operator', words: `/pat ${text}` });
  note(record, `/pat ${text.split(' ')[0] ?? ''}`, await calls.command(text));
}

async function press({ calls, transcript, record }: Stage, who: 'operator' | 'approver', id: string): Promise<void> {
  const find = async () => findButton(await transcript.now(), id);
  const { message, element } = await until(`offer the button ${id}`, find);
  const label = String(element['text']?.['text']);
  record.actions.push({ at: Date.now(), who, words: `presses "${label}"` });
  note(record, `press of "${label}"`, await calls.click(who, message, element));
}

/** Presses whatever is asked for until the token is deleted: the requester confirms, another approves. */
async function deleteWithSecondPerson(stage: Stage, isDone: RegExp): Promise<void> {
  const { transcript } = stage;
  await type(stage, `delete ${CAST.doomed} not needed any more`);
  const next = () =>
    until(
      'delete or ask',
      async () => (await transcript.find(isDone)) ?? findButton(await transcript.now(), 'patrol:'),
    );
  for (let found = await next(); 'element' in found; found = await next()) {
    const action = String(found.element['action_id']);
    const isOurs = action === 'patrol:confirm';
    if (!isOurs && action !== 'patrol:approve')
      throw new Error(`Patrol asks for ${action}, and the play does not know it.`);
    await press(stage, isOurs ? 'operator' : 'approver', action);
    await until('take the button away', async () =>
      findButton(await transcript.now(), action) === undefined ? true : undefined,
    );
  }
}

/** Lets GitHub report a token's secret. */
async function report({ calls, record }: Stage, name: string): Promise<{ at: number; token: StandInToken }> {
  const token = (await calls.tokens()).find((each) => each.name === name);
  if (token === undefined) throw new Error(`The stand-ins have no token ${name}.`);
  const at = Date.now();
  record.actions.push({ at, who: 'scanner', words: `GitHub reports the secret of ${name} (${token.provider})` });
  const { status, milliseconds } = await calls.leak(token.id);
  record.acknowledged.push({ what: `alert for ${token.provider}`, milliseconds });
  if (status >= 300) record.mistakes.push(`the alert for ${name} was answered with HTTP ${status}`);
  return { at, token };
}

/** Leaks a token and waits for its end: dead where its issuer was asked, else a question. The card must say why. */
async function leak(stage: Stage, name: string): Promise<void> {
  const { calls, transcript, record, ready } = stage;
  const { at, token } = await report(stage, name);
  const { validityCheck } = ready.policy.alerts;
  const ends = validityCheck ? '(Deactivated|Deleted), confirmed' : 'NOT revoked: a person must decide';
  await until(validityCheck ? `say that ${name} is dead` : `ask about ${name}`, () =>
    transcript.find(new RegExp(`Leaked: \`${name}\`\\. ${ends}`)),
  );
  record.proven.push({ what: token.provider, milliseconds: Date.now() - at });
  const isCard = ({ text }: SlackMessage) => text.includes(`\`${name}\`. `) && text.startsWith('Leaked');
  const card = (await transcript.now()).find(isCard);
  const [match = 'no word of why'] = /Match: \*\w+\*[^"\\]*/.exec(JSON.stringify(card?.blocks ?? [])) ?? [];
  record.actions.push({ at: Date.now(), who: 'card', words: match.replaceAll('*', '') });
  if (match.startsWith('Match: *proved*') !== validityCheck)
    record.mistakes.push(`the card of ${name} says "${match}"`);
  const state = (await calls.tokens()).find(({ id }) => id === token.id)?.state;
  if ((state === 'active') === validityCheck) record.mistakes.push(`${name} is ${String(state)} at ${token.provider}`);
}

/** Leaks a token while its provider refuses us, and mends that: the search is made again by itself. */
async function leakUnderRefusal(stage: Stage): Promise<void> {
  const { calls, record } = stage;
  const provider = (await calls.tokens()).find(({ name }) => name === CAST.unsearched)?.provider ?? '';
  const setFault = async (mode: '401' | 'none', words: string): Promise<void> => {
    await calls.fault(provider, mode);
    record.actions.push({ at: Date.now(), who: 'provider', words });
  };
  const refused = async () => {
    await setFault('401', "refuses Patrol's credential (401)");
    await report(stage, CAST.unsearched);
  };
  const mended = async () => {
    await setFault('none', "takes Patrol's credential again");
    await type(stage, 'profiles');
  };
  await step(stage, refused, /token leaked, and Patrol could NOT look for it\./);
  // Its owner has this one watched: it is proved without the validity check, too.
  await step(stage, mended, new RegExp(`Leaked: \`${CAST.unsearched}\`\\. Deactivated, confirmed`));
}

/** Plays the main job in a running sandbox, and checks every word of the channel against the providers. */
export async function play(ready: Ready, tell: (chapter: string) => void = () => undefined) {
  const calls = createCalls(ready);
  const record: Story = { actions: [], acknowledged: [], proven: [], checked: [], mistakes: [] };
  const stage: Stage = { ready, calls, transcript: createTranscript(calls), record };
  const typed = (text: string, expected: RegExp) => step(stage, () => type(stage, text), expected);
  const deleted = new RegExp(`Deleted: \`${CAST.doomed}\``);

  tell('1/6 the operator looks at all tokens');
  await typed('list', /\d+ tokens?, \d+ profiles?/);
  tell(`2/6 stops one, ${CAST.undone}`);
  await typed(`deactivate ${CAST.undone} left in a cab`, new RegExp(`Deactivated: \`${CAST.undone}\``));
  tell('3/6 and brings it back');
  await typed(`activate ${CAST.undone} it was found`, new RegExp(`Active again: \`${CAST.undone}\``));
  tell(`4/6 deletes ${CAST.doomed}, which takes a second person`);
  await step(stage, () => deleteWithSecondPerson(stage, deleted), deleted);
  tell(`5/6 GitHub reports two leaks, ${CAST.leaked.join(' and ')}, and nobody presses anything`);
  for (const name of CAST.leaked) await step(stage, () => leak(stage, name));
  tell(
    `6/6 GitHub reports ${CAST.unsearched} while the credential is refused; it is mended, and nobody presses anything`,
  );
  await leakUnderRefusal(stage);
  return { ...record, messages: stage.transcript.all() };
}

/** The newest open question's button; a list's menus and the offers on a finished message ask nothing. */
function findButton(
  messages: readonly SlackMessage[],
  actionId: string,
): { message: SlackMessage; element: Json } | undefined {
  const asking = ['patrol:confirm', 'patrol:approve'].filter((each) => each.startsWith(actionId));
  // Whoever may approve has a copy of their own; the play presses what stands in the channel.
  const inChannel = messages.filter(({ channel, deleted }) => deleted === undefined && channel.startsWith('C'));
  for (const message of inChannel.toReversed()) {
    const elements = (message.blocks as Json[]).flatMap((block) => (block['elements'] as Json[] | undefined) ?? []);
    const element = elements.find((each) => asking.includes(String(each['action_id'])));
    if (element !== undefined) return { message, element };
  }
  return undefined;
}

/** How it went: what was done and said, how long things took, and what was said that is not so. */
export type Played = Awaited<ReturnType<typeof play>>;
