import { randomBytes } from 'node:crypto';
import { checkBlocks } from './block-check/block-check.ts';
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

/**
 * Keeps modals and Home tabs with the life of triggers: one exchange within three seconds. A trigger id that was never
 * issued here (an external script's) counts as issued when it is first seen, so it can be exchanged once.
 */
export function createSlackViews(now: () => Date) {
  const triggers = new Map<string, { readonly userId: string; readonly issuedAt: number; used: boolean }>();
  let views: SlackView[] = [];

  const learnTrigger = (id: string, userId: string): void => {
    if (!triggers.has(id)) triggers.set(id, { userId, issuedAt: now().getTime(), used: false });
  };

  /** Exchanges a trigger for the user it belongs to. */
  const exchange = (id: unknown): { readonly userId: string } | ViewRefusal => {
    if (typeof id !== 'string' || !TRIGGER_FORM.test(id)) return { error: 'invalid_trigger_id' };
    learnTrigger(id, 'unknown');
    const trigger = triggers.get(id);
    if (trigger === undefined || trigger.used) return { error: 'exchanged_trigger_id' };
    if (now().getTime() - trigger.issuedAt > TRIGGER_SECONDS * 1_000) return { error: 'expired_trigger_id' };
    trigger.used = true;
    return trigger;
  };

  const make = (userId: string, view: Json, id = `V${randomBytes(5).toString('hex').toUpperCase()}`): SlackView => ({
    id,
    userId,
    type: textOf(view['type']),
    callbackId: textOf(view['callback_id']),
    hash: `${Math.floor(now().getTime() / 1_000)}.${randomBytes(4).toString('hex')}`,
    view,
  });

  const stackOf = (userId: string) => views.filter((one) => one.userId === userId && one.type === 'modal');
  const isTaken = (externalId: unknown, except?: string) =>
    typeof externalId === 'string' &&
    externalId !== '' &&
    views.some((one) => one.view['external_id'] === externalId && one.id !== except);

  const put = (view: SlackView): SlackView => {
    views = views.some(({ id }) => id === view.id)
      ? views.map((one) => (one.id === view.id ? view : one))
      : [...views, view];
    return view;
  };
  const close = (id: string): void => {
    views = views.filter((one) => one.id !== id);
  };

  const pushFor = (userId: string, view: Json): SlackView | ViewRefusal =>
    stackOf(userId).length >= STACK ? { error: 'push_limit_reached' } : put(make(userId, view));

  const open = (triggerId: unknown, view: unknown, isPush: boolean): SlackView | ViewRefusal => {
    const refusal = refuseView(view);
    if (refusal !== undefined) return refusal;
    if ((view as Json)['type'] !== 'modal')
      return { error: 'invalid_arguments', messages: ['[ERROR] type must be modal'] };
    if (isTaken((view as Json)['external_id'])) return { error: 'duplicate_external_id' };
    const trigger = exchange(triggerId);
    if ('error' in trigger) return trigger;
    if (isPush) return pushFor(trigger.userId, view as Json);
    for (const { id } of stackOf(trigger.userId)) close(id);
    return put(make(trigger.userId, view as Json));
  };

  const replace = (current: SlackView, view: unknown, hash: unknown): SlackView | ViewRefusal => {
    const refusal = refuseView(view);
    if (refusal !== undefined) return refusal;
    if ((view as Json)['type'] !== current.type)
      return { error: 'invalid_arguments', messages: ['[ERROR] type may not change'] };
    if (hash !== undefined && hash !== '' && hash !== current.hash) return { error: 'hash_conflict' };
    if (isTaken((view as Json)['external_id'], current.id)) return { error: 'duplicate_external_id' };
    return put(make(current.userId, view as Json, current.id));
  };

  return {
    all: (): readonly SlackView[] => views,
    find: (id: string): SlackView | undefined => views.find((one) => one.id === id),
    issueTrigger: (userId: string): string => {
      const id = `${Math.floor(now().getTime() / 1_000)}.${randomBytes(4).readUInt32BE()}.${randomBytes(16).toString('hex')}`;
      learnTrigger(id, userId);
      return id;
    },
    learnTrigger,
    open: (triggerId: unknown, view: unknown) => open(triggerId, view, false),
    push: (triggerId: unknown, view: unknown) => open(triggerId, view, true),
    update: (target: { readonly viewId: unknown; readonly externalId: unknown }, view: unknown, hash: unknown) => {
      const current = views.find(
        ({ id, view: shown }) =>
          id === target.viewId || (typeof target.externalId === 'string' && shown['external_id'] === target.externalId),
      );
      return current === undefined ? ({ error: 'not_found' } as const) : replace(current, view, hash);
    },
    publish: (userId: string, view: unknown, hash: unknown): SlackView | ViewRefusal => {
      const home = views.find((one) => one.userId === userId && one.type === 'home');
      if (home !== undefined) return replace(home, view, hash);
      const refusal = refuseView(view);
      if (refusal !== undefined) return refusal;
      if ((view as Json)['type'] !== 'home')
        return { error: 'invalid_arguments', messages: ['[ERROR] type must be home'] };
      return put(make(userId, view as Json));
    },
    /** Does to a submitted modal what the submission was answered with; an empty answer closes it. */
    answerSubmission: (id: string, answer: Json): void => {
      const submitted = views.find((one) => one.id === id);
      if (submitted === undefined) return;
      const action = answer['response_action'];
      const next = answer['view'];
      if (action === 'errors') put({ ...submitted, errors: answer['errors'] as Readonly<Record<string, string>> });
      else if (action === 'clear') for (const one of stackOf(submitted.userId)) close(one.id);
      else if (action === 'update' && refuseView(next) === undefined) put(make(submitted.userId, next as Json, id));
      else if (action === 'push' && refuseView(next) === undefined) pushFor(submitted.userId, next as Json);
      else close(id);
    },
    close,
    /** A view as Slack's answers and payloads show it. */
    toPayload: ({ id, userId, hash, view }: SlackView): Json => {
      const stack = stackOf(userId).map((one) => one.id);
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
    },
    reset: (): void => {
      triggers.clear();
      views = [];
    },
  };
}

export type SlackViews = ReturnType<typeof createSlackViews>;
