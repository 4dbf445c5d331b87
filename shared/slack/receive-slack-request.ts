import type * as s from '#shared/core/schema.ts';
import type { CommandJob } from '#shared/jobs/job.ts';
import type { RawRequest } from '#shared/core/read-http-request.ts';
import { Fault } from '#shared/core/fault.ts';
import type { Clue } from '#shared/providers/clue.ts';
import { deliveryKey } from './delivery-key.ts';
import { actionsSchema, appHomeSchema, commandSchema, headSchema, shortcutSchema, viewSchema } from './payload.ts';
import { isSslCheck, readSlackBody } from './read-slack-body.ts';
import type { Fingerprint } from '#shared/core/fingerprint.ts';
import { distinctClues, sealPayload } from './seal-payload.ts';
import { leakModal, leakReceived, LEAK_CALLBACK, type ModalView, skeletonModal } from './skeleton-modal.ts';
import { problemsOf, takeLeak, tooManySecrets } from './take-leak.ts';
import { type SigningSecrets, verifySlackRequest } from './verify-slack-request.ts';

/** What a request from Slack comes to. The answer may be given only after `job` is stored in the queue. */
export interface Reception {
  readonly status: 200;
  /** JSON to answer with; without it the answer is empty. */
  readonly body?: unknown;
  /** What is to be queued: Slack's payload cut down to the allow-list, free of secrets. */
  readonly job?: CommandJob;
  /** A modal that must be opened within the trigger's three seconds; its id goes into the job. */
  readonly open?: {
    readonly method: 'views.open' | 'views.push';
    readonly triggerId: string;
    readonly view: ModalView;
  };
}

/** What a person pasted as a leak, once the text is gone. */
interface SealedLeak {
  readonly clues: readonly Clue[];
  readonly unrecognised: number;
}

interface ReceiveDeps {
  readonly now: Date;
  readonly fingerprint: Fingerprint;
}

const NOTHING: Reception = { status: 200 };
/** Action ids that start so ask for a modal. */
const MODAL_ACTION = 'patrol:modal:';
/** Callback id of the global shortcut that opens the leak modal. */
const LEAK_SHORTCUTS = new Set(['leak', LEAK_CALLBACK]);
/** A job beyond this is refused; Slack itself sends a few kilobytes. */
const MAX_PAYLOAD_BYTES = 200_000;
const MAX_CLUES = 200;

/**
 * Verifies a request, then reads it, then seals every free text in it. Throws `signature_*` and, for what is signed and
 * cannot be read, `payload_invalid`. Pure but for the values given: it opens no modal and queues nothing.
 */
export function receiveSlackRequest(request: RawRequest, secrets: SigningSecrets, deps: ReceiveDeps): Reception {
  if (isSslCheck(request)) return NOTHING;
  verifySlackRequest(request, secrets, deps.now.getTime() / 1000);
  const body = readSlackBody(request);
  if (body.kind === 'command') return receiveCommand(body.fields, deps);
  const head = parse(headSchema, body.payload);
  if (body.kind === 'event') {
    if (head.type === 'url_verification') return { status: 200, body: { challenge: head.challenge ?? '' } };
    const isHome = head.event?.type === 'app_home_opened' && head.event.tab !== 'messages';
    return isHome
      ? { status: 200, job: jobOf('event', { payload: parse(appHomeSchema, body.payload) }, deps) }
      : NOTHING;
  }
  switch (head.type) {
    case 'block_actions':
      return receiveActions(body.payload, deps);
    case 'shortcut':
      return receiveShortcut(body.payload, deps);
    case 'view_submission':
    case 'view_closed':
      return receiveView(body.payload, deps);
    default:
      return NOTHING;
  }
}

function receiveCommand(fields: unknown, deps: ReceiveDeps): Reception {
  const payload = parse(commandSchema, fields);
  const job = jobOf('command', { payload }, deps);
  const secrets = job.sealed.length + job.unrecognised;
  if (secrets > 0) return { status: 200, job, body: { response_type: 'ephemeral', text: warning(secrets) } };
  const triggerId = payload.trigger_id;
  if (triggerId === undefined || !/^\s*leak\s*$/i.test(payload.text)) return { status: 200, job };
  return { status: 200, job, open: { method: 'views.open', triggerId, view: leakModal(payload.channel_id) } };
}

function receiveActions(body: unknown, deps: ReceiveDeps): Reception {
  const payload = parse(actionsSchema, body);
  const job = jobOf('action', { payload }, deps);
  const triggerId = payload.trigger_id ?? undefined;
  const wantsModal = payload.actions.some(({ action_id }) => action_id.startsWith(MODAL_ACTION));
  if (!wantsModal || triggerId === undefined) return { status: 200, job };
  // Over an open modal a second one is put on top, so that the first is there again when it is closed.
  const method = payload.view?.type === 'modal' ? 'views.push' : 'views.open';
  return { status: 200, job, open: { method, triggerId, view: skeletonModal() } };
}

function receiveShortcut(body: unknown, deps: ReceiveDeps): Reception {
  const payload = parse(shortcutSchema, body);
  if (!LEAK_SHORTCUTS.has(payload.callback_id)) return NOTHING;
  const job = jobOf('action', { payload }, deps);
  const triggerId = payload.trigger_id ?? undefined;
  if (triggerId === undefined) return { status: 200, job };
  return { status: 200, job, open: { method: 'views.open', triggerId, view: leakModal(undefined) } };
}

function receiveView(body: unknown, deps: ReceiveDeps): Reception {
  const payload = parse(viewSchema, body);
  if (payload.type === 'view_closed') return { status: 200, job: jobOf('view', { payload }, deps) };
  const problems = problemsOf(payload.view);
  if (problems !== undefined) return { status: 200, body: { response_action: 'errors', errors: problems } };
  if (payload.view.callback_id !== LEAK_CALLBACK) {
    return { status: 200, job: jobOf('view', { payload }, deps), body: { response_action: 'clear' } };
  }
  const leak = takeLeak(payload.view, deps.fingerprint);
  if (leak.clues.length > MAX_CLUES) {
    return { status: 200, body: { response_action: 'errors', errors: tooManySecrets(MAX_CLUES) } };
  }
  return {
    status: 200,
    job: jobOf('view', { payload: { ...payload, view: leak.view }, leak }, deps),
    body: { response_action: 'update', view: leakReceived(leak.clues.length, leak.unrecognised) },
  };
}

function jobOf(
  kind: CommandJob['kind'],
  given: { readonly payload: Record<string, unknown>; readonly leak?: SealedLeak },
  { now, fingerprint }: ReceiveDeps,
): CommandJob {
  const { payload, clues: found, unrecognised } = sealPayload(given.payload, fingerprint);
  const json = JSON.stringify(payload);
  if (Buffer.byteLength(json) > MAX_PAYLOAD_BYTES) {
    throw new Fault('payload_invalid', 'payload is too large to queue');
  }
  const clues = distinctClues([...(given.leak?.clues ?? []), ...found]);
  return {
    v: 1,
    kind,
    receivedAt: now.toISOString(),
    deliveryKey: deliveryKey(kind, { payload, json }, clues),
    payload,
    sealed: clues.slice(0, MAX_CLUES),
    unrecognised: unrecognised + (given.leak?.unrecognised ?? 0),
  };
}

/** Said at once and to the person alone. It tells the truth whatever the worker does: a sealed command is never run. */
function warning(secrets: number): string {
  const what = secrets === 1 ? 'a secret' : `${secrets} secrets`;
  return (
    `Your command held ${what}. It was removed on arrival: not stored, not posted, not logged. ` +
    'The command was NOT run and nothing was revoked. If the secret is leaked, type `/pat leak` and paste it there.'
  );
}

function parse<T>(schema: s.Schema<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const names = parsed.error.issues.map((issue) => issue.path.map(String).join('.') || 'body');
  throw new Fault('payload_invalid', `malformed: ${[...new Set(names)].join(', ')}`);
}
