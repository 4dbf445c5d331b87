import { allEnded } from '#shared/core/all-ended.ts';
import { defined } from '#shared/core/defined.ts';
import { lazily } from '#shared/core/lazily.ts';
import { sha256Hex } from '#shared/core/hmac-sha256.ts';
import { stillToCome } from '#shared/core/still-to-come.ts';
import { without } from '#shared/core/without.ts';
import { hasCome } from '#shared/jobs/has-come.ts';
import { sendPlanned } from '#shared/jobs/send-planned.ts';
import type { ApprovalDueJob } from '#shared/jobs/job.ts';
import { mayApprove } from '#shared/policy/approval-rule.ts';
import type { Approval } from '#shared/store/store.ts';
import { authorise } from '#shared/tokens/authorise.ts';
import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import { planDue } from '#shared/tokens/plan-due.ts';
import type { Services } from '#shared/tokens/services.ts';
import { subjectOf } from '#shared/tokens/warrant.ts';
import { approvalCard } from './approval-card.ts';
import { context, type Message } from './blocks/bricks.ts';
import { approvalAsked, approvalReminder, renderApproval } from './blocks/render-approval.ts';
import { channelName } from './blocks/text.ts';
import { isOverheard } from './is-overheard.ts';
import { type Copy, keepCopies } from './keep-copies.ts';
import type { Reply } from './reply.ts';
import { createSayLoud, onlyIfClosed } from './say-loud.ts';
import { onlyIfRefused } from './only-if-refused.ts';

interface MessengerDeps {
  readonly services: Services;
  readonly reply: Reply;
}

/** Keeps those who may agree to a request informed, and ends it in time. Safe to repeat; throws Slack's and the store's faults. */
export interface ApprovalMessenger {
  /** Tells whoever may agree by direct message, once, and brings that up to date; plans the reminder. */
  readonly follow: (approvalId: string) => Promise<void>;
  /** Reminds of a request that still waits shortly before it lapses, and says that it has lapsed. */
  readonly due: (job: ApprovalDueJob) => Promise<void>;
}

/** Whom Slack lets us tell at once. */
const MOST_TOLD = 20;
const KEPT_SECONDS = 30 * 86_400;
/** A request is called out again when a quarter of its time is left, and no earlier than these hours before. */
const LAST_PART = 4;
const EARLIEST_REMINDER_MS = 4 * 3_600_000;
/** Whoever has so little time is asked once. */
const SHORTEST_MS = 4 * 60_000;

interface Told {
  /** Changes with whatever a reader could see. */
  readonly mark: string;
  readonly messages: readonly Copy[];
  /** Those who could not be told so far. */
  readonly left?: readonly string[];
  /** ISO 8601: when edits were begun of which nobody has heard the end. What comes late of them is drawn over. */
  readonly unheard?: string;
}

/** No mark of a request: whoever comes next tells all. */
const BEING_TOLD = 'being told';

/** Creates the messenger of requests that wait for others. */
export function createApprovalMessenger(deps: MessengerDeps): ApprovalMessenger {
  const { services } = deps;
  const { store, now, sendLater } = services;
  const follow = async (id: string): Promise<void> => {
    const known = await store.approvals.get(id);
    if (known === undefined) return;
    await store.hold(toldNote(id), () => tellAll(deps, known));
  };
  const due = async (job: ApprovalDueJob): Promise<void> => {
    const approval = await store.approvals.get(job.approvalId);
    if (approval === undefined || !isToCome(approval, job)) return;
    const bringBack = () => sendPlanned(job, { send: sendLater, now });
    if (!(await hasCome(job.at, { now, plannedAt: () => job.at, bringBack }))) return;
    if (job.step === 'remind') {
      // A job that is delivered twice at once reminds once.
      await store.hold(remindedNote(approval.id), () => remind(deps, approval));
    } else {
      await lapse(services, approval, job.at);
      await showAgain(deps, approval);
      await follow(approval.id);
    }
  };
  return { follow, due };
}

/** An attempt that ended a request may have died before it was told and on record: the next one goes on with that. */
function isToCome({ state }: Approval, { step }: ApprovalDueJob): boolean {
  return state === 'open' || (step === 'lapse' && state === 'lapsed');
}

/** Names the note of the copies of a request. */
function toldNote(id: string): string {
  return `approval-told:${id}`;
}

function remindedNote(id: string): string {
  return `approval-reminded:${id}`;
}

async function tellAll(deps: MessengerDeps, known: Approval): Promise<void> {
  const { services } = deps;
  const { notes } = services.store;
  const key = toldNote(known.id);
  const told = await notes.get<Told>(key);
  if (told === undefined && known.state !== 'open') return;
  const outcome = await approvalCard(services, known, (latest) => Promise.resolve(latest));
  const mark = sha256Hex(JSON.stringify(without(outcome.approval, 'version', 'message')));
  const begun = services.now();
  const unheard = stillToCome(told?.unheard, begun);
  if (told?.mark === mark && told.unheard === unheard) return;
  const before: Told = told ?? { mark: BEING_TOLD, messages: [], left: outcome.approvers.slice(0, MOST_TOLD) };
  const telling: Told = { ...before, mark: BEING_TOLD, unheard: begun.toISOString() };
  if (told === undefined) await planReminder(services, outcome.approval);
  else await notes.put(key, telling, KEPT_SECONDS);
  const { failed, ...next } = await tellEach(deps, outcome, telling);
  const now: Told = failed ? { ...telling, ...next } : { mark, ...next, ...defined({ unheard }) };
  await notes.put(key, now, KEPT_SECONDS);
  if (failed) throw failed.reason;
}

/**
 * Tells each person, and gives what is known of their copies then; where one fails the others are told all the same. A new copy
 * becomes the card once its place is kept: one of which nobody has heard is found by nobody, and says only what stays true.
 */
async function tellEach(
  { services, reply }: MessengerDeps,
  outcome: OutcomeOf<'approval'>,
  telling: Told,
): Promise<Pick<Told, 'messages' | 'left'> & { readonly failed: PromiseRejectedResult | undefined }> {
  const { messages, left = [] } = telling;
  const { approval } = outcome;
  const leftBut = (copies: readonly Copy[]) => left.filter((one) => !copies.some(({ userId }) => userId === one));
  const { copies, keep } = keepCopies(messages, (known) => {
    const now: Told = { ...telling, messages: known, left: leftBut(known) };
    return services.store.notes.put(toldNote(approval.id), now, KEPT_SECONDS);
  });
  const edit = async (at: Copy): Promise<void> => reply.edit(at, await wordsFor(services, outcome, at.userId));
  // Nobody is told anew of what is decided.
  const open = approval.state === 'open' ? left : [];
  const asked = lazily(() => askedWords(services, approval));
  const tell = async (userId: string): Promise<void> => {
    const at = { userId, ...(await reply.tell(userId, await asked())) };
    await keep(userId, at);
    await edit(at);
  };
  const gone = new Set<string>();
  // Whoever is gone, or takes no messages, keeps the request from nobody.
  const unlessGone = (userId: string, work: Promise<void>) =>
    work.catch((error: unknown) => {
      onlyIfRefused(error);
      gone.add(userId);
    });
  const ends = await Promise.allSettled([
    ...messages.map((at) => unlessGone(at.userId, edit(at))),
    ...open.map((userId) => unlessGone(userId, tell(userId))),
  ]);
  const known = [...copies.values()].filter(({ userId }) => !gone.has(userId));
  return {
    messages: known,
    left: open.filter((userId) => !gone.has(userId) && !copies.has(userId)),
    failed: ends.find((end) => end.status === 'rejected'),
  };
}

/** What each is told first; where the request's card is, where that is known. */
async function askedWords({ channels }: Services, approval: Approval): Promise<Message> {
  const { message } = approval;
  const link = message === undefined ? undefined : await channels.linkTo(message);
  return approvalAsked(approval, message && { channel: message.channel, ...defined({ link }) });
}

/** The card for one person alone: with buttons only where their yes would count there. */
async function wordsFor(services: Services, outcome: OutcomeOf<'approval'>, userId: string): Promise<Message> {
  const { text, blocks } = renderApproval(outcome, { now: services.now(), discreet: false });
  const { rule, order, message } = outcome.approval;
  // Without a channel: as in App Home, only roles that count everywhere count in a direct message.
  const approver = { teamId: order.requester.teamId, userId };
  const { groups } = await authorise(services, approver);
  const { policy } = services;
  const { requester } = order;
  const { allowed } = mayApprove({ policy, rule, approver, groups, requester });
  const shown = allowed ? blocks : blocks.filter(({ type }) => type !== 'actions');
  const where =
    message === undefined
      ? ''
      : ` It stands in ${channelName(message.channel)} too${allowed ? '' : ', where you can decide it'}.`;
  return { text, blocks: [...shown, context(`You are told because you may approve this.${where}`)] };
}

async function planReminder(services: Services, { id, order, expiresAt }: Approval): Promise<void> {
  const ends = Date.parse(expiresAt);
  const lasts = ends - Date.parse(order.requestedAt);
  const at = ends - Math.min(lasts / LAST_PART, EARLIEST_REMINDER_MS);
  if (lasts >= SHORTEST_MS) await planDue(services, id, { step: 'remind', at });
}

/** Says once more, where it is seen, that a request waits; what an attempt has said that died is not said again. */
async function remind({ services, reply }: MessengerDeps, approval: Approval): Promise<void> {
  const { notes } = services.store;
  const key = remindedNote(approval.id);
  if ((await notes.get<true>(key)) === true) return;
  const outcome = await approvalCard(services, approval, (latest) => Promise.resolve(latest));
  if (outcome.approval.state !== 'open') return;
  const message = approvalReminder(outcome);
  const { channel } = outcome.approval.message ?? {};
  if (channel !== undefined) await createSayLoud({ services, reply })({ channel, message, key }).catch(onlyIfClosed);
  const told = await notes.get<Told>(toldNote(approval.id));
  const tell = async (userId: string): Promise<void> => {
    const note = `${key}:${userId}`;
    if ((await notes.get<true>(note)) === true) return;
    await reply.tell(userId, message).catch(onlyIfRefused);
    await notes.put(note, true, KEPT_SECONDS);
  };
  await allEnded((told?.messages ?? []).map(({ userId }) => tell(userId)));
  await notes.put(key, true, KEPT_SECONDS);
}

/** Ends a request whose time is over by a time that has come, and puts that on record. */
async function lapse({ store }: Services, { id }: Approval, come: string): Promise<void> {
  const changed = await store.approvals.change(id, (record) =>
    record.state === 'open' && record.expiresAt <= come ? { ...record, state: 'lapsed' } : undefined,
  );
  if (changed?.record.state !== 'lapsed') return;
  const { order, rule, expiresAt } = changed.record;
  await store.audit.append({
    // Its own end, the same for each attempt: the record has it once.
    at: expiresAt,
    id: `lapse-${id}`,
    actor: { source: 'patrol' },
    what: 'request',
    rule,
    result: 'expired',
    verb: order.verb,
    ...subjectOf(order),
  });
}

async function showAgain({ services, reply }: MessengerDeps, approval: Approval): Promise<void> {
  await approvalCard(services, approval, async (latest) => {
    const { message } = latest.approval;
    if (message === undefined) return;
    const discreet = isOverheard(services.policy, message.channel);
    await reply.edit(message, renderApproval(latest, { now: services.now(), discreet })).catch(onlyIfRefused);
  });
}
