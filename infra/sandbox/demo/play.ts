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

/** Plays the main job in a running sandbox, and checks every word of the channel against the providers. */
export async function play({ url, slack, policy }: Ready, tell: (chapter: string) => void = () => undefined) {
  const actions: Action[] = [];
  const acknowledged: Timing[] = [];
  const proven: Timing[] = [];
  const checked: Claim[] = [];
  const mistakes: string[] = [];
  const done = new Set<string>();

  const call = async <T>(path: string, body?: unknown): Promise<T> => {
    const response = await fetch(
      `${url}/sandbox/${path}`,
      body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) },
    );
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return (await response.json()) as T;
  };
  /** Every version of every message that we saw: the channel's edits are part of its story. */
  const versions = new Map<string, SlackMessage>();
  const messages = async (): Promise<SlackMessage[]> => {
    const now = await call<SlackMessage[]>(`messages?channel=${slack.channels.security}`);
    for (const message of now) versions.set(`${message.ts} ${message.editedAt ?? ''}`, message);
    return now;
  };
  const tokens = () => call<StandInToken[]>('tokens');
  const until = async <T>(what: string, look: () => Promise<T | undefined>): Promise<T> => {
    const deadline = Date.now() + WAIT_MS;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      if (Date.now() > deadline) throw new Error(`Patrol did not ${what} within ${WAIT_MS / 1000} s.`);
      await sleep(40);
    }
  };
  const settled = () =>
    until('finish its work', async () =>
      (await call<{ queued: number }>('page/state')).queued === 0 ? true : undefined,
    );
  const isNew = ({ ts, editedAt }: SlackMessage) => !done.has(`${ts} ${editedAt ?? ''}`);
  const findSaid = (pattern: RegExp) => async () =>
    (await messages()).find((message) => isNew(message) && pattern.test(message.text));

  /** Does something, waits until Patrol has said what is expected and is at rest, and holds what it said against the facts. */
  const step = async (act: () => Promise<void>, expected: readonly RegExp[]): Promise<void> => {
    const before = await tokens();
    await act();
    for (const pattern of expected) await until(`say ${pattern.source}`, findSaid(pattern));
    await settled();
    const after = await tokens();
    await messages();
    for (const [version, message] of versions) {
      if (done.has(version)) continue;
      done.add(version);
      const claims = claimsOf(message);
      checked.push(...claims);
      mistakes.push(...claims.flatMap((claim) => refute(claim, before, after) ?? []));
      if (claims.length === 0 && speaksOfTokens(message.text)) mistakes.push(`"${message.text}" could not be checked`);
    }
  };
  const note = (what: string, { status, milliseconds }: SlackAnswer): void => {
    acknowledged.push({ what, milliseconds });
    if (status !== 200) mistakes.push(`${what} was answered with HTTP ${status}`);
    if (milliseconds >= SLACK_LIMIT_MS) mistakes.push(`${what} was acknowledged only after ${milliseconds} ms`);
  };
  const type = async (text: string): Promise<void> => {
    actions.push({ at: Date.now(), who: 'operator', words: `/pat ${text}` });
    note(
      `/pat ${text.split(' ')[0] ?? ''}`,
      await call('slack/command', { userId: slack.users.operator, channel: slack.channels.security, text }),
    );
  };
  const press = async (who: 'operator' | 'approver', actionId: string): Promise<void> => {
    const { message, element } = await until(`offer the button ${actionId}`, async () =>
      findButton(await messages(), actionId),
    );
    actions.push({ at: Date.now(), who, words: `presses "${String(element['text']?.['text'])}"` });
    note(
      `press of ${actionId}`,
      await call('slack/click', {
        userId: slack.users[who],
        channel: message.channel,
        ts: message.ts,
        action: element,
      }),
    );
  };
  const report = async (name: string): Promise<{ at: number; token: StandInToken }> => {
    const token = (await tokens()).find((each) => each.name === name);
    if (token === undefined) throw new Error(`The stand-ins have no token ${name}.`);
    const at = Date.now();
    actions.push({ at, who: 'scanner', words: `GitHub reports the secret of ${name} (${token.provider})` });
    const { status, milliseconds } = await call<Alarmed>('leak', { tokenId: token.id, source: 'github' });
    acknowledged.push({ what: `alert for ${token.provider}`, milliseconds });
    if (status >= 300) mistakes.push(`the alert for ${name} was answered with HTTP ${status}`);
    return { at, token };
  };
  const leak = async (name: string): Promise<void> => {
    const { at, token } = await report(name);
    const { validityCheck } = policy.alerts;
    const ends = validityCheck ? '(Deactivated|Deleted), confirmed' : 'NOT revoked: a person must decide';
    await until(
      validityCheck ? `say that ${name} is dead` : `ask about ${name}`,
      findSaid(new RegExp(`Leaked: \`${name}\`\\. ${ends}`)),
    );
    proven.push({ what: token.provider, milliseconds: Date.now() - at });
    const card = (await messages()).find(({ text }) => text.includes(`\`${name}\`. `) && text.startsWith('Leaked'));
    const [match = 'no word of why'] = /Match: \*\w+\*[^"\\]*/.exec(JSON.stringify(card?.blocks ?? [])) ?? [];
    actions.push({ at: Date.now(), who: 'card', words: match.replaceAll('*', '') });
    const isProved = match.startsWith('Match: *proved*');
    if (isProved !== validityCheck) mistakes.push(`the card of ${name} says "${match}"`);
    const state = (await tokens()).find(({ id }) => id === token.id)?.state;
    if ((state === 'active') === validityCheck) mistakes.push(`${name} is ${String(state)} at ${token.provider}`);
  };

  tell('1/6 the operator looks at all tokens');
  await step(() => type('list'), [/\d+ tokens?, \d+ profiles?/]);
  tell(`2/6 stops one, ${CAST.undone}`);
  await step(() => type(`deactivate ${CAST.undone} left in a cab`), [new RegExp(`Deactivated: \`${CAST.undone}\``)]);
  tell('3/6 and brings it back');
  await step(() => type(`activate ${CAST.undone} it was found`), [new RegExp(`Active again: \`${CAST.undone}\``)]);
  tell(`4/6 deletes ${CAST.doomed}, which takes a second person`);
  await step(async () => {
    await type(`delete ${CAST.doomed} not needed any more`);
    const isDone = new RegExp(`Deleted: \`${CAST.doomed}\``);
    const next = () =>
      until('delete or ask', async () => (await findSaid(isDone)()) ?? findButton(await messages(), 'patrol:'));
    for (let found = await next(); 'element' in found; found = await next()) {
      const action = String(found.element['action_id']);
      const isOurs = action === 'patrol:confirm';
      if (!isOurs && action !== 'patrol:approve')
        throw new Error(`Patrol asks for ${action}, and the play does not know it.`);
      await press(isOurs ? 'operator' : 'approver', action);
      await until('take the button away', async () =>
        findButton(await messages(), action) === undefined ? true : undefined,
      );
    }
  }, [new RegExp(`Deleted: \`${CAST.doomed}\``)]);
  tell(`5/6 GitHub reports two leaks, ${CAST.leaked.join(' and ')}, and nobody presses anything`);
  for (const name of CAST.leaked) await step(() => leak(name), []);
  tell(
    `6/6 GitHub reports ${CAST.unsearched} while the credential is refused; it is mended, and nobody presses anything`,
  );
  const provider = (await tokens()).find(({ name }) => name === CAST.unsearched)?.provider ?? '';
  const setFault = async (mode: '401' | 'none', words: string): Promise<void> => {
    await call('fault', { target: provider, mode });
    actions.push({ at: Date.now(), who: 'provider', words });
  };
  await step(async () => {
    await setFault('401', "refuses Patrol's credential (401)");
    await report(CAST.unsearched);
  }, [/token leaked, and Patrol could NOT look for it\./]);
  const ends = policy.alerts.validityCheck ? 'Deactivated, confirmed' : 'NOT revoked: a person must decide';
  await step(async () => {
    await setFault('none', "takes Patrol's credential again");
    await type('profiles');
  }, [new RegExp(`Leaked: \`${CAST.unsearched}\`\\. ${ends}`)]);

  return { actions, acknowledged, proven, checked, mistakes, messages: [...versions.values()] };
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
