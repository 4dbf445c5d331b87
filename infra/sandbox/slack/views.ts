import { randomBytes } from 'node:crypto';
import { checkBlocks } from './block-check/check-blocks.ts';
import { APP_ID, BOT_ID, TEAM_ID } from './workspace.ts';

type Json = Readonly<Record<string, unknown>>;

/** A modal that is open, or somebody's Home tab. `errors` are those a submission was answered with. */
export interface SlackView {
  readonly id: string;
  readonly userId: string;
  readonly type: string;
  readonly callbackId: string;
  readonly hash: string;
  readonly view: Json;
  readonly errors?: Readonly<Record<string, string>>;
}

/** Slack's refusal: an error code and, for what is malformed, the details. */
export interface ViewRefusal {
  readonly error: string;
  readonly messages?: readonly string[];
}

const TRIGGER_SECONDS = 3;
const STACK = 3;
const TRIGGER_FORM = /^\S{1,200}$/;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Says what Slack would have against a view, or nothing. */
function refuseView(view: unknown): ViewRefusal | undefined {
  const problems = checkBlocks(view);
  if (problems.length === 0) return undefined;
  const isOnlySize = problems.length === 1 && problems[0]?.startsWith('view_too_large') === true;
  return isOnlySize
    ? { error: 'view_too_large' }
    : { error: 'invalid_arguments', messages: problems.map((one) => `[ERROR] ${one}`) };
}

const typed = (type: string): ViewRefusal => ({
  error: 'invalid_arguments',
  messages: [`[ERROR] type must be ${type}`],
});

/** Keeps triggers: each is good for one exchange within three seconds. */
function createTriggers(now: () => Date) {
  const triggers = new Map<string, { readonly userId: string; readonly issuedAt: number; used: boolean }>();
  const learn = (id: string, userId: string): void => {
    if (!triggers.has(id)) triggers.set(id, { userId, issuedAt: now().getTime(), used: false });
  };
  return {
    learn,
    issue: (userId: string): string => {
      const id = `${Math.floor(now().getTime() / 1_000)}.${randomBytes(4).readUInt32BE()}.${randomBytes(16).toString('hex')}`;
      learn(id, userId);
      return id;
    },
    /** Exchanges a trigger for the user it belongs to. */
    exchange: (id: unknown): { readonly userId: string } | ViewRefusal => {
      if (typeof id !== 'string' || !TRIGGER_FORM.test(id)) return { error: 'invalid_trigger_id' };
      learn(id, 'unknown');
      const trigger = triggers.get(id);
      if (trigger === undefined || trigger.used) return { error: 'exchanged_trigger_id' };
      if (now().getTime() - trigger.issuedAt > TRIGGER_SECONDS * 1_000) return { error: 'expired_trigger_id' };
      trigger.used = true;
      return trigger;
    },
    clear: (): void => triggers.clear(),
  };
}

/** Keeps the views that are open. */
function createOpenViews(now: () => Date) {
  let views: readonly SlackView[] = [];
  const put = (view: SlackView): SlackView => {
    views = views.some(({ id }) => id === view.id)
      ? views.map((one) => (one.id === view.id ? view : one))
      : [...views, view];
    return view;
  };
  return {
    all: (): readonly SlackView[] => views,
    find: (id: string): SlackView | undefined => views.find((one) => one.id === id),
    homeOf: (userId: string) => views.find((one) => one.userId === userId && one.type === 'home'),
    /** A user's modals, the undermost first. */
    stackOf: (userId: string) => views.filter((one) => one.userId === userId && one.type === 'modal'),
    isTaken: (externalId: unknown, except?: string): boolean =>
      typeof externalId === 'string' &&
      externalId !== '' &&
      views.some((one) => one.view['external_id'] === externalId && one.id !== except),
    put,
    /** Shows a view, as a new one or in the place of `id`; its hash is always new. */
    show: (userId: string, view: Json, id = `V${randomBytes(5).toString('hex').toUpperCase()}`): SlackView =>
      put({
        id,
        userId,
        type: textOf(view['type']),
        callbackId: textOf(view['callback_id']),
        hash: `${Math.floor(now().getTime() / 1_000)}.${randomBytes(4).toString('hex')}`,
        view,
      }),
    close: (id: string): void => {
      views = views.filter((one) => one.id !== id);
    },
    clear: (): void => {
      views = [];
    },
  };
}
type OpenViews = ReturnType<typeof createOpenViews>;

/** A view as Slack's answers and payloads show it. */
function payloadOf({ id, userId, hash, view }: SlackView, open: OpenViews): Json {
  const stack = open.stackOf(userId).map((one) => one.id);
  return {
    id,
    team_id: TEAM_ID,
    app_id: APP_ID,
    bot_id: BOT_ID,
    hash,
    private_metadata: '',
    callback_id: '',
    external_id: '',
    clear_on_close: false,
    notify_on_close: false,
    close: null,
    submit: null,
    state: { values: {} },
    root_view_id: stack[0] ?? id,
    previous_view_id: stack[stack.indexOf(id) - 1] ?? null,
    app_installed_team_id: TEAM_ID,
    ...view,
  };
}

function push(open: OpenViews, userId: string, view: Json): SlackView | ViewRefusal {
  return open.stackOf(userId).length >= STACK ? { error: 'push_limit_reached' } : open.show(userId, view);
}

function replace(open: OpenViews, current: SlackView, { view, hash }: Wanted): SlackView | ViewRefusal {
  const refusal = refuseView(view);
  if (refusal !== undefined) return refusal;
  const { type, external_id: externalId } = view as Json;
  if (type !== current.type) return { error: 'invalid_arguments', messages: ['[ERROR] type may not change'] };
  if (hash !== undefined && hash !== '' && hash !== current.hash) return { error: 'hash_conflict' };
  if (open.isTaken(externalId, current.id)) return { error: 'duplicate_external_id' };
  return open.show(current.userId, view as Json, current.id);
}

interface Wanted {
  readonly view: unknown;
  readonly hash: unknown;
}

/** Does to a submitted modal what the submission was answered with; an empty answer closes it. */
function answerSubmission(open: OpenViews, submitted: SlackView, answer: Json): void {
  const { response_action: action, view: next, errors } = answer;
  const { id, userId } = submitted;
  const isRight = next !== undefined && refuseView(next) === undefined;
  if (action === 'errors') open.put({ ...submitted, errors: errors as Readonly<Record<string, string>> });
  else if (action === 'clear') for (const one of open.stackOf(userId)) open.close(one.id);
  else if (action === 'update' && isRight) open.show(userId, next as Json, id);
  else if (action === 'push' && isRight) push(open, userId, next as Json);
  else open.close(id);
}

/**
 * Keeps modals and Home tabs with the life of triggers: one exchange within three seconds. A trigger id that was never
 * issued here (an external script's) counts as issued when it is first seen, so it can be exchanged once.
 */
export function createSlackViews(now: () => Date) {
  const triggers = createTriggers(now);
  const open = createOpenViews(now);

  const openModal = (triggerId: unknown, view: unknown, isPush: boolean): SlackView | ViewRefusal => {
    const refusal = refuseView(view);
    if (refusal !== undefined) return refusal;
    const modal = view as Json;
    if (modal['type'] !== 'modal') return typed('modal');
    if (open.isTaken(modal['external_id'])) return { error: 'duplicate_external_id' };
    const trigger = triggers.exchange(triggerId);
    if ('error' in trigger) return trigger;
    if (isPush) return push(open, trigger.userId, modal);
    for (const { id } of open.stackOf(trigger.userId)) open.close(id);
    return open.show(trigger.userId, modal);
  };

  return {
    all: open.all,
    find: open.find,
    close: open.close,
    issueTrigger: triggers.issue,
    learnTrigger: triggers.learn,
    open: (triggerId: unknown, view: unknown) => openModal(triggerId, view, false),
    push: (triggerId: unknown, view: unknown) => openModal(triggerId, view, true),
    update: (target: { readonly viewId: unknown; readonly externalId: unknown }, view: unknown, hash: unknown) => {
      const isMeant = ({ id, view: shown }: SlackView) =>
        id === target.viewId || (typeof target.externalId === 'string' && shown['external_id'] === target.externalId);
      const current = open.all().find(isMeant);
      return current === undefined ? ({ error: 'not_found' } as const) : replace(open, current, { view, hash });
    },
    publish: (userId: string, view: unknown, hash: unknown): SlackView | ViewRefusal => {
      const home = open.homeOf(userId);
      if (home !== undefined) return replace(open, home, { view, hash });
      const refusal = refuseView(view);
      if (refusal !== undefined) return refusal;
      return (view as Json)['type'] === 'home' ? open.show(userId, view as Json) : typed('home');
    },
    answerSubmission: (id: string, answer: Json): void => {
      const submitted = open.find(id);
      if (submitted !== undefined) answerSubmission(open, submitted, answer);
    },
    toPayload: (view: SlackView): Json => payloadOf(view, open),
    reset: (): void => {
      triggers.clear();
      open.clear();
    },
  };
}

export type SlackViews = ReturnType<typeof createSlackViews>;
