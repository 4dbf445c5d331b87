import { createHash } from 'node:crypto';
import { signAlert, signRecorded } from '#infra/sandbox/senders/alert-senders.ts';
import { eventBridgeEvent } from '#infra/sandbox/senders/eventbridge-event.ts';
import { hmslHash } from '#infra/sandbox/senders/by-source/gitguardian.ts';
import type { Leak } from '#infra/sandbox/senders/sender.ts';
import { snsLambdaEvent } from '#infra/sandbox/senders/sign-sns-message.ts';
import { signCommand, signInteraction, type SignedRequest } from '#infra/sandbox/slack/sign.ts';
import { recognise } from '#shared/providers/recognise.ts';
import { Secret } from '#shared/core/secret.ts';
import { BREAK_GLASS_CALLBACK, LEAK_CALLBACK, LEAK_INPUT, REASON_BLOCK } from '#shared/slack/skeleton-modal.ts';
import { runHygiene, runReconcile } from './bot.ts';
import { GENERAL, ONCALL_GROUP, PEOPLE, type Person, SECURITY, TEAM } from './cast.ts';
import type { SimToken } from './providers.ts';
import type { SimMessage } from './slack.ts';
import { type Stage, START } from './stage.ts';
import type { Act, Sender } from './story.ts';
import { createProcess } from './world.ts';

/** What people and scanners did, as far as they know themselves. */
export interface Diary {
  /** Leaks that were sent; `isHeard` when Patrol has said that it has them. */
  readonly leaks: {
    readonly token: SimToken;
    /** When it was sent first, and when it was heard: what is heard twice is one leak. */
    readonly sentAt: number;
    at: number;
    readonly by: string;
    readonly isGenuine: boolean;
    isHeard: boolean;
    /** The very same message was heard once more. */
    isSentAgain?: boolean;
  }[];
  /** Tokens that made-up secrets were reported to resemble. */
  readonly resembled: Set<SimToken>;
  /** When the one on call came and went. */
  readonly oncall: { readonly at: number; readonly is: 'in' | 'out' }[];
  /** Presses and commands that were answered with 200. */
  readonly requests: { readonly who: Person; readonly at: number; readonly what: string }[];
  /** By how much the clocks of containers were set, either way. */
  readonly clockStepsMs: number[];
  /** How many acts are under way. */
  busy: number;
}

type Of<K extends Act['kind']> = Extract<Act, { readonly kind: K }>;

const leakOf = ({ secret, provider, kind }: SimToken): Leak => ({
  secret,
  provider,
  ...(kind === 'service-key' ? { kind: 'service' as const } : {}),
});

/** Plays the acts of a story on a stage; what they cause goes on when this returns. */
export function play(stage: Stage, acts: readonly Act[]): Diary {
  const { world } = stage;
  const diary: Diary = {
    leaks: [],
    resembled: new Set(),
    oncall: [{ at: START, is: 'in' }],
    requests: [],
    clockStepsMs: [],
    busy: acts.length,
  };
  for (const [index, act] of acts.entries()) {
    world.later(START + act.at * 1000 - world.now(), () => {
      const process = createProcess(`act-${index}`);
      void world
        .run(process, () => perform(stage, diary, { act, index }))
        .catch((error: unknown) => {
          world.trace(`act ${index} failed: ${String(error)}`);
        })
        .finally(() => {
          diary.busy -= 1;
        });
    });
  }
  return diary;
}

async function perform(stage: Stage, diary: Diary, { act, index }: { act: Act; index: number }): Promise<void> {
  const { world, faults, ledger, slack, cast } = stage;
  switch (act.kind) {
    case 'leak':
      return leak(stage, diary, { act, index });
    case 'paste':
      return paste(stage, diary, act);
    case 'say':
      return say(stage, diary, act);
    case 'press':
      return press(stage, diary, act);
    case 'elsewhere':
      return ledger.change(cast.tokens[act.token]!, act.to, { elsewhere: true });
    case 'outage': {
      const { neighbour, mode } = act;
      return faults.add({ neighbour, mode, from: world.now(), to: world.now() + act.minutes * 60_000 });
    }
    case 'slowly':
      stage.provideSlowly(act.seconds * 1000);
      await world.sleep(600_000);
      return stage.provideSlowly(0);
    case 'rotate':
      return stage.rotate(act.what);
    case 'oncall':
      diary.oncall.push({ at: world.now(), is: act.is });
      return void slack.groups.set(ONCALL_GROUP, act.is === 'in' ? [PEOPLE.oncall] : []);
    case 'deploy':
      return stage.deploy();
    case 'clock':
      diary.clockStepsMs.push(Math.abs(act.seconds) * 1000);
      stage.queues.commands.stepClock(act.seconds * 1000);
      return stage.queues.leaks.stepClock(act.seconds * 1000);
    case 'flood':
      return flood(stage, act.count);
    case 'hint':
      return insist(stage, `hint-${index + 1}`, hintOf(cast.tokens[act.token]!));
    case 'lookalike':
      diary.resembled.add(cast.tokens[act.token]!);
      return insist(stage, `lookalike-${index + 1}`, leakOf(lookalikeOf(cast.tokens[act.token]!, index)));
    case 'drill':
      return insist(stage, `drill-${index + 1}`, { ...leakOf(cast.tokens[act.token]!), test: true });
    case 'hygiene':
      return hygiene(stage, index);
    case 'untold':
      return untold(stage, diary, { token: cast.tokens[act.token]!, number: index + 1 });
    case 'reconcile':
      return reconcile(stage, diary);
  }
}

/** The schedule fires at least once, and again when the function failed; true where it did its work in the end. */
async function fire({ world }: Stage, job: string, work: () => Promise<unknown>): Promise<boolean> {
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const process = createProcess(`hygiene-${attempt}`);
    const died = new Promise<boolean>((resolve) => process.onDeath.add(() => resolve(false)));
    const done = world.run(process, work, job).then(
      () => true,
      () => false,
    );
    if (await Promise.race([done, died])) return true;
    await world.sleep(60_000);
  }
  return false;
}

async function hygiene(stage: Stage, index: number): Promise<void> {
  const { world, rim, wrap } = stage;
  await fire(stage, `hygiene:${index}`, () => runHygiene(world, rim, { wrap, firing: `${index}` }));
}

interface Untold {
  readonly token: SimToken;
  readonly number: number;
}

function untold({ github, world }: Stage, diary: Diary, { token, number }: Untold): void {
  github.alerts.push({ repository: 'acme/payments', number, secret: token.secret, state: 'open' });
  diary.leaks.push({ token, sentAt: world.now(), at: world.now(), by: UNTOLD, isGenuine: true, isHeard: false });
}

/** What a leak is called that GitHub knows of and never told. */
const UNTOLD = 'github, by its open alerts';

/** Whoever compares learns of every alert that was open when it began. */
async function reconcile(stage: Stage, diary: Diary): Promise<void> {
  const { world, rim, wrap } = stage;
  const open = diary.leaks.filter(({ by, isHeard }) => by === UNTOLD && !isHeard);
  const isDone = await fire(stage, 'reconcile', async () => {
    if ((await runReconcile(world, rim, wrap)) > 0) world.occur('an open alert that never arrived is found');
  });
  for (const leak of open) leak.isHeard = isDone;
}

/** Secrets that nobody has issued, one report each, all at once. */
async function flood({ edges, alertSecrets, world }: Stage, count: number): Promise<void> {
  const secrets = Array.from(
    { length: count },
    (_, number) =>
      `lsv2_pt_${hex(`flood of ${world.now()}, ${number}`).slice(0, 32)}_${hex(`tail ${number}`).slice(0, 10)}`,
  );
  const at = new Date(world.now());
  await Promise.all(
    secrets.map((secret, number) =>
      edges.alert(signAlert('generic', { secret, provider: 'langsmith' }, alertSecrets, { at, id: `flood-${number}` })),
    ),
  );
}

/** Says which token it is about, and shows nothing of its secret. */
const hintOf = ({ provider, id }: SimToken) => ({ provider, tokenId: id });

/**
 * What nobody has issued: at LangSmith a key whose masked form is the token's, at Dfns one that says it was issued to the same
 * user at another time, so that a person has to choose.
 */
function lookalikeOf(token: SimToken, index: number): SimToken {
  const { provider, secret, name } = token;
  const made = hex(`${index}. like ${name}`);
  if (provider === 'langsmith') {
    return { ...token, secret: `${secret.slice(0, 12)}${made.slice(0, 28)}_${made.slice(28, 34)}${secret.slice(-4)}` };
  }
  const [head = '', claims = ''] = secret.split('.');
  const said = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { readonly iat: number };
  const later = { ...said, iat: said.iat + 3600 };
  const parts = [Buffer.from(JSON.stringify(later)), Buffer.from(made + made, 'hex')];
  return { ...token, secret: [head, ...parts.map((part) => part.toString('base64url'))].join('.') };
}

/** It is sent until it is heard, as a leak is. */
async function insist({ edges, alertSecrets, world }: Stage, id: string, said: object): Promise<void> {
  const body = JSON.stringify(said);
  for (let tries = 0; tries < 60; tries += 1) {
    const options = { at: new Date(world.now()), id, secret: alertSecrets.generic };
    const { path, headers } = signRecorded('generic', Buffer.from(body), options);
    if ((await edges.alert({ path, headers, body })) < 300) return;
    await world.sleep(60_000);
  }
}

const hex = (text: string) => createHash('sha256').update(text).digest('hex');

/** A scanner sends until it is heard. */
async function leak(stage: Stage, diary: Diary, { act, index }: { act: Of<'leak'>; index: number }): Promise<void> {
  const { world, cast, github, watched, rim } = stage;
  const token = cast.tokens[act.token]!;
  const number = index + 1;
  // What a stranger makes up, GitHub does not have.
  if (act.by === 'github' && act.forged !== true)
    github.alerts.push({ repository: 'acme/payments', number, secret: token.secret, state: 'open' });
  if (act.by === 'gitguardian')
    watched.set(rim.fingerprint(hmslHash(token.secret)), recognise(new Secret(token.secret), rim.fingerprint)!);
  const sent = {
    token,
    sentAt: world.now(),
    at: world.now(),
    by: act.by,
    isGenuine: act.forged !== true,
    isHeard: false,
    isSentAgain: false,
  };
  diary.leaks.push(sent);
  for (let tries = 0; tries < 60; tries += 1) {
    const made = { token, number, at: world.now() };
    const status = await deliver(stage, act, made);
    if (status < 300) {
      sent.at = world.now();
      sent.isHeard = true;
      if (act.again === undefined) return;
      await world.sleep(act.again * 1000);
      sent.isSentAgain = (await deliver(stage, act, made)) < 300;
      return;
    }
    if (status === 401) return;
    await world.sleep(60_000);
  }
}

async function deliver(
  stage: Stage,
  act: Of<'leak'>,
  { token, number, at }: { token: SimToken; number: number; at: number },
): Promise<number> {
  const { edges, alertSecrets } = stage;
  const options = { at: new Date(at), number, id: `delivery-${number}` };
  const trusted: Partial<Record<Sender, () => unknown>> = {
    'sns-iam': () => snsLambdaEvent(leakOf(token), alertSecrets.sns.topicArn, options),
    eventbridge: () => eventBridgeEvent(leakOf(token), options),
  };
  const event = trusted[act.by];
  if (event !== undefined)
    return edges.event(event()).then(
      () => 200,
      () => 500,
    );
  const secrets =
    act.forged === true
      ? {
          ...alertSecrets,
          ...Object.fromEntries(Object.entries(alertSecrets).map(([name, value]) => [name, forge(value)])),
        }
      : alertSecrets;
  const { path, headers, body } = signAlert(act.by, leakOf(token), secrets, options);
  return edges.alert({ path, headers, body });
}

const forge = (secret: unknown): unknown =>
  typeof secret === 'string' ? `whsec_${Buffer.from(`not ${secret}, but long enough`).toString('base64')}` : secret;

/** Somebody pastes a leaked secret into the modal. */
async function paste(stage: Stage, diary: Diary, act: Of<'paste'>): Promise<void> {
  const token = stage.cast.tokens[act.token]!;
  const view = {
    id: 'V0LEAK',
    type: 'modal',
    callback_id: LEAK_CALLBACK,
    private_metadata: JSON.stringify({ channel: GENERAL }),
  };
  const values = {
    [LEAK_INPUT.block]: { [LEAK_INPUT.action]: { type: 'plain_text_input', value: `key=${token.secret}` } },
  };
  const sender = senderOf(stage, act.who, GENERAL);
  const request = signInteraction(sender, { type: 'view_submission', view: { ...view, state: { values } } });
  await send(stage, diary, { who: act.who, what: `pastes the secret of ${token.name}`, request });
}

function senderOf(stage: Stage, who: Person, channelId: string, responseUrl?: string) {
  const { world } = stage;
  return {
    signingSecret: stage.signingSecret(),
    userId: PEOPLE[who],
    teamId: who === 'stranger' ? 'T0STRANGER1' : TEAM,
    channelId,
    triggerId: `trigger-${world.chance.id('trigger')}`,
    at: new Date(world.now()),
    ...(responseUrl === undefined ? {} : { responseUrl }),
  };
}

interface Request {
  readonly who: Person;
  readonly what: string;
  readonly request: SignedRequest;
}

/** Sends what a person did; a refusal is shown to that person, who does not try again. */
async function send(stage: Stage, diary: Diary, { who, what, request }: Request): Promise<string | undefined> {
  const { status, viewId } = await stage.edges.slack({ path: '/slack/events', ...request }, PEOPLE[who]);
  if (status === 200) diary.requests.push({ who, at: stage.world.now(), what });
  stage.world.trace(`${who} ${what}: ${status}`);
  return viewId;
}

async function say(stage: Stage, diary: Diary, { who, text }: Of<'say'>): Promise<void> {
  const responseUrl = stage.slack.responseUrl({ channel: GENERAL, userId: PEOPLE[who] });
  const request = signCommand(senderOf(stage, who, GENERAL, responseUrl), text);
  await send(stage, diary, { who, what: `says /pat ${text}`, request });
}

interface Button {
  readonly message: SimMessage;
  readonly actionId: string;
  readonly value: string;
  readonly isOption: boolean;
}

type Json = Readonly<Record<string, any>>;

/** Every button that a person has ever had before them, old versions of a message included. */
function buttonsFor(stage: Stage, who: Person, start: string): Button[] {
  const found = new Map<string, Button>();
  for (const message of stage.slack.messages) {
    if (message.onlyTo !== undefined && message.onlyTo !== PEOPLE[who]) continue;
    for (const { blocks } of message.versions) {
      for (const { action_id: actionId, value, options } of elementsIn(blocks)) {
        if (typeof actionId !== 'string' || !actionId.startsWith(start)) continue;
        const values = options === undefined ? [value] : (options as Json[]).map((option) => option['value']);
        for (const one of values) {
          found.set(`${message.ts} ${actionId} ${one}`, {
            message,
            actionId,
            value: one,
            isOption: options !== undefined,
          });
        }
      }
    }
  }
  return [...found.values()];
}

function elementsIn(blocks: readonly Json[]): Json[] {
  return blocks.flatMap((block) => [
    ...(block['elements'] ?? []),
    ...(block['accessory'] === undefined ? [] : [block['accessory']]),
  ]);
}

/** Somebody presses a button of one of the messages there are; nothing when there is none. */
async function press(stage: Stage, diary: Diary, act: Of<'press'>): Promise<void> {
  const buttons = buttonsFor(stage, act.who, act.button);
  const button = buttons[act.which % Math.max(1, buttons.length)];
  if (button === undefined) return;
  const one = async (number: number) => {
    const viewId = await send(stage, diary, {
      who: act.who,
      what: `presses ${button.actionId} (${button.value})`,
      request: pressRequest(stage, act.who, { button, number }),
    });
    if (viewId !== undefined) await breakGlass(stage, diary, { who: act.who, viewId });
  };
  await Promise.all(act.twice === true ? [one(1), one(2)] : [one(1)]);
}

function pressRequest(
  stage: Stage,
  who: Person,
  { button, number }: { button: Button; number: number },
): SignedRequest {
  const { message, actionId, value, isOption } = button;
  const { channel, ts, onlyTo } = message;
  const responseUrl = stage.slack.responseUrl({ channel, userId: PEOPLE[who], ts });
  const stamp = `${Math.floor(stage.world.now() / 1000)}.${String(number).padStart(6, '0')}`;
  const option = isOption
    ? { type: 'overflow', selected_option: { text: { type: 'plain_text', text: value }, value } }
    : { type: 'button', value };
  return signInteraction(senderOf(stage, who, channel), {
    type: 'block_actions',
    container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: onlyTo !== undefined },
    channel: { id: channel, name: 'channel' },
    ...(onlyTo === undefined ? { message: { type: 'message', ts, text: '' } } : {}),
    actions: [{ action_id: actionId, block_id: 'block', action_ts: stamp, ...option }],
    response_url: responseUrl,
  });
}

/** Whoever wanted to break the glass types a reason, once the modal asks for one. */
async function breakGlass(stage: Stage, diary: Diary, { who, viewId }: { who: Person; viewId: string }): Promise<void> {
  await stage.world.sleep(30_000);
  const view = stage.slack.views.get(viewId)?.view;
  if (view?.['callback_id'] !== BREAK_GLASS_CALLBACK) return;
  const values = { [REASON_BLOCK]: { reason: { type: 'plain_text_input', value: 'production is down' } } };
  const { callback_id, private_metadata } = view;
  const request = signInteraction(senderOf(stage, who, SECURITY), {
    type: 'view_submission',
    view: { id: viewId, type: 'modal', callback_id, private_metadata, state: { values } },
  });
  await send(stage, diary, { who, what: 'breaks the glass', request });
}
