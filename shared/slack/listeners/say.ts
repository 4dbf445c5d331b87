import { defined } from '#shared/core/defined.ts';
import { isRetrying } from '#shared/tokens/trouble-of.ts';
import type { Outcome, OutcomeOf } from '#shared/tokens/outcome.ts';
import { wasSettledBy } from '#shared/tokens/was-settled-by.ts';
import { isFault } from '#shared/core/fault.ts';
import { sha256Hex } from '#shared/core/hmac-sha256.ts';
import { without } from '#shared/core/without.ts';
import { offeredChanges } from '#shared/policy/offered-changes.ts';
import type { Policy } from '#shared/policy/policy.ts';
import type { Approval, Store } from '#shared/store/store.ts';
import type { Services } from '#shared/tokens/services.ts';
import { context, type Message, message, section } from '../blocks/bricks.ts';
import { code, mention } from '../blocks/text.ts';
import { render } from '../blocks/render.ts';
import { renderWorking } from '../blocks/render-working.ts';
import type { Posted, Reply, Target } from '../reply.ts';
import { approvalCard } from '../approval-card.ts';
import { createSayLoud } from '../say-loud.ts';
import { isOverheard } from '../is-overheard.ts';
import { loudKey, saidNote, SPOKEN_SECONDS, type Spoken } from '../spoken.ts';
import { onlyIfRefused } from '../only-if-refused.ts';
import { withoutPromise } from '../without-promise.ts';
import type { Answer } from './answer.ts';
import type { Request } from './request.ts';

/** Puts answers into words, and the words where they belong. */
export interface Say {
  readonly toMessage: (request: Request, answer: Answer) => Message;
  /** Says one of a request's answers; where it was said before (a live message, an earlier attempt) that message is edited. */
  readonly say: (request: Request, answer: Answer, index: number) => Promise<Posted | undefined>;
  /** Has the first answer's message, which was edited meanwhile, say its last, and notes that; false where it could not. */
  readonly close: (request: Request, answer: Answer, finish: () => Promise<boolean>) => Promise<boolean>;
  /** Says it as a new message and without the store, which may be what failed. */
  readonly post: (request: Request, answer: Answer) => Promise<Posted | undefined>;
}

/** Creates what says answers. Throws Slack's and the store's faults. */
export function createSay({ services, reply }: { readonly services: Services; readonly reply: Reply }): Say {
  const { store, policy } = services;
  const sayLoud = createSayLoud({ services, reply });
  const toMessage: Say['toMessage'] = (request, answer) => toWords(services, request, answer);
  const wordsOf: Say['toMessage'] = (request, answer) => onItsCard(answer) ?? toMessage(request, answer);
  const post = (request: Request, answer: Answer, kept?: Kept): Promise<Posted | undefined> => {
    const message = wordsOf(request, answer);
    if (answer.to !== 'security') return postNear(reply, request, { answer, message, ...kept });
    return sayLoud({ channel: policy.channels.security, message, key: loudKey(request.job.deliveryKey) }).catch(
      toldAlone,
    );
  };
  const sayOne = async (request: Request, answer: Answer, note: string): Promise<Posted | undefined> => {
    const kept = await store.notes.get<Spoken>(note);
    const known = placeOf(kept, request);
    // What stands there by now may be newer: how a question was answered, or what was done with a button under it.
    if (known !== undefined && isSaidBefore(kept, answer)) return known;
    const isOpen = promisesMore(answer.outcome);
    const keepPlace = keeperOf(store, { note, kept, isOpen, said: isOpen ? undefined : saidOf(answer) });
    const named = { key: note, keepPlace };
    const postOnce = () => once(store, { note, kept, request, answer }, () => post(request, answer, named));
    const isFirst = isFirstTry(request, services.now());
    const isElsewhere = await leadBack(reply, request, { answer, kept });
    const copy = copyPressed(request, answer, known);
    // How far it has come stands there since an earlier delivery. Not every copy is known to be one: it says the end too.
    const openCopy = kept?.isOpen === true ? copy : undefined;
    if (openCopy !== undefined) await reply.edit(openCopy, wordsOf(request, answer)).catch(onlyIfRefused);
    const find = answer.mayStand === true ? findLost : isFirst ? undefined : findEarlier;
    const earlier =
      (copy !== undefined || isElsewhere ? undefined : known) ?? (await find?.(reply, request, { answer, key: note }));
    // The card says it; a word that an earlier attempt said meanwhile must not go on promising another try, or a newer message.
    if (answer.to === 'card' && earlier === undefined && kept?.isOpen !== true) return undefined;
    if (answer.to === 'me' && earlier !== undefined && earlier.channel === request.place.channel) {
      // All have read what an attempt said before the channel was shared: what came of it is for one person.
      await edit(reply, request, { target: earlier, answer, message: answeredAlone(request) });
      return postOnce();
    }
    // What has become of the secrets may stand there by now, and follows it in any case.
    if (known !== undefined && isFollowed(answer, kept)) return known;
    const target = earlier ?? answer.at ?? (answer.to === 'here' ? request.place.pressed : undefined);
    // Kept before it promises anything: this process may die, and the edit come all the same.
    if (isOpen) await keepPlace(openCopy ?? target);
    const posted =
      target === undefined
        ? await postOnce()
        : await edit(reply, request, { target, answer, message: wordsOf(request, answer), ...named });
    await keepPlace(isOpen ? (openCopy ?? posted) : posted);
    await tieApproval(store, answer.outcome, posted);
    return posted;
  };
  return {
    toMessage,
    post,
    close: (request, answer, finish) => alone(services, { request, index: 0 }, closing(store, answer, finish)),
    say: (request, answer, index) => alone(services, { request, index }, saying(services, { request, answer }, sayOne)),
  };
}

/** Where an answer stands: what was pressed is changed in its own way, where that is it. */
function placeOf(kept: Spoken | undefined, { place: { pressed } }: Request): Target | undefined {
  if (kept?.ts === undefined) return undefined;
  return kept.ts === pressed?.ts && kept.channel === pressed.channel ? pressed : kept;
}

/** Where an answer has stood so far: what was pressed, which is a copy of what it belongs on; `undefined` where it is no copy. */
function copyPressed({ place: { pressed } }: Request, { at }: Answer, known: Target | undefined): Target | undefined {
  return at !== undefined && at.ts !== known?.ts && known?.ts === pressed?.ts ? known : undefined;
}

/**
 * Has the word that a request was given up lead back to what was pressed, where that is brought back and its answer belongs
 * there. False where the answer may take that word's place.
 */
async function leadBack(
  reply: Reply,
  { place: { pressed } }: Request,
  { answer, kept }: { readonly answer: Answer; readonly kept: Spoken | undefined },
): Promise<boolean> {
  if (kept?.isStopped !== true || answer.to !== 'here' || pressed === undefined || pressed.ephemeral === true)
    return false;
  if (pressed.ts === kept.ts) return false;
  await reply.edit(kept, broughtBack()).catch(onlyIfRefused);
  return true;
}

/** True for what was received and is followed there by what has become of it. */
function isFollowed({ outcome }: Answer, kept: Spoken | undefined): boolean {
  return outcome.kind === 'leak_received' && kept?.isOpen !== true && kept?.isStopped !== true;
}

function digestOf({ outcome }: Answer): string {
  return sha256Hex(JSON.stringify(outcome));
}

function isSaidBefore(kept: Spoken | undefined, answer: Answer): boolean {
  return kept?.said !== undefined && kept.said === saidOf(answer);
}

/** As `Spoken` keeps it: what is stored of a request for others is drawn as it stands, again and again. */
function saidOf(answer: Answer): string | undefined {
  return requestIn(answer.outcome).id === undefined ? digestOf(answer) : undefined;
}

interface SaidOnce {
  readonly note: string;
  readonly kept: Spoken | undefined;
  readonly request: Request;
  readonly answer: Answer;
}

/** Says what nobody can change once it is said only where that was not said last: a later copy of the job brings it again. */
async function once(
  { notes }: Store,
  { note, kept, request: { place }, answer }: SaidOnce,
  say: () => Promise<Posted | undefined>,
): Promise<Posted | undefined> {
  const said = digestOf(answer);
  if (kept?.said === said) return undefined;
  const posted = await say();
  const channel = kept?.channel ?? place.channel;
  if (posted?.ts !== undefined || answer.to === 'security' || channel === undefined) return posted;
  const isOpen = promisesMore(answer.outcome) ? true : undefined;
  await notes.put(note, { channel, said, ...defined({ ts: kept?.ts, isOpen }) } satisfies Spoken, SPOKEN_SECONDS);
  return posted;
}

interface Keeping {
  readonly note: string;
  readonly kept: Spoken | undefined;
  readonly isOpen: boolean;
  readonly said: string | undefined;
}

/** Keeps where an answer is said, and whether it promises more; twice the same is written once. */
function keeperOf(
  { notes }: Store,
  { note, kept: known, isOpen, said }: Keeping,
): (at: Posted | undefined) => Promise<void> {
  let kept = known;
  return async (at) => {
    if (at?.ts === undefined) return;
    if (at.ts === kept?.ts && isOpen === (kept.isOpen === true) && said === kept.said && kept.isStopped !== true)
      return;
    kept = { channel: at.channel, ts: at.ts, ...(isOpen && { isOpen }), ...defined({ said }) };
    await notes.put(note, kept, SPOKEN_SECONDS);
  };
}

function toWords({ policy, now }: Services, request: Request, answer: Answer): Message {
  const { reason, approvedBy, brokenGlassBy, run } = answer;
  return render(answer.outcome, {
    actor: answer.actor ?? request.actor,
    now: now(),
    showWhere: policy.alerts.showWhere,
    requestedAt: request.job.receivedAt,
    attempt: request.delivery.attempt,
    discreet: isDiscreet(policy, request, answer),
    offers: (token, isProved) => offeredChanges(policy, token, isProved),
    ...defined({ requestId: request.job.requestId, reason, approvedBy, brokenGlassBy, run }),
  });
}

/** Says one answer alone: whoever gives a request up may say it while it is brought back. No first try is given up meanwhile. */
function alone<T>(
  { store, now }: Services,
  { request, index }: { readonly request: Request; readonly index: number },
  work: (note: string) => Promise<T>,
): Promise<T> {
  const note = saidNote(request.job.deliveryKey, index);
  return isFirstTry(request, now()) ? work(note) : store.hold(note, () => work(note));
}

function saying<T>(
  services: Services,
  { request, answer }: { readonly request: Request; readonly answer: Answer },
  sayOne: (request: Request, answer: Answer, note: string) => Promise<T>,
) {
  return (note: string) => asItStands(services, { request, answer }, (latest) => sayOne(request, latest, note));
}

function closing({ notes }: Store, answer: Answer, finish: () => Promise<boolean>) {
  return async (note: string): Promise<boolean> => {
    if (!(await finish())) return false;
    const known = promisesMore(answer.outcome) ? undefined : await notes.get<Spoken>(note);
    const said = defined({ said: saidOf(answer) });
    if (known?.isOpen === true) await notes.put(note, { ...without(known, 'isOpen', 'said'), ...said }, SPOKEN_SECONDS);
    return true;
  };
}

/** What becomes of what all have read whose answer is nobody else's business. */
export function answeredAlone({ actor }: Request): Message {
  const text = `Answered to ${mention(actor.userId)} alone.`;
  return message(text, [section(text)]);
}

/** What becomes of the word that a request was given up, once it is brought back. */
function broughtBack(): Message {
  const text = 'This was brought back. How it goes on is said where it was pressed.';
  return message(text, [section(text)]);
}

/** What becomes of a word that was said until the case's card shows the outcome: a copy of the card would be a second one. */
function onItsCard({ to, outcome }: Answer): Message | undefined {
  if (to !== 'card' || outcome.kind !== 'case') return undefined;
  const text = `This has gone through. The card of case ${code(outcome.case.id)} shows how it stands.`;
  return message(text, [section(text)]);
}

/** Says an answer; what is said of a request that waits for others is what is stored of it now. */
async function asItStands<T>(
  services: Services,
  { request, answer }: { readonly request: Request; readonly answer: Answer },
  sayIt: (latest: Answer) => Promise<T>,
): Promise<T> {
  const { outcome } = answer;
  const sayLatest = (latest: OutcomeOf<'approval'>) => sayIt({ ...answer, outcome: asTellerOf(request, latest) });
  if (outcome.kind === 'approval') return approvalCard(services, outcome.approval, sayLatest);
  const { id } = requestIn(outcome);
  const approval = id === undefined ? undefined : await services.store.approvals.get(id);
  if (approval === undefined) return sayIt(answer);
  // Nobody could agree to it while it is open; how it has ended is told as of any other.
  return approvalCard(services, approval, (latest) =>
    latest.approval.state === 'open' ? sayIt(answer) : sayLatest(latest),
  );
}

/** Only whose yes was the last one promises what comes of it: whoever else pressed may draw the card after that was told. */
function asTellerOf({ job, actor }: Request, latest: OutcomeOf<'approval'>): OutcomeOf<'approval'> {
  const { approval } = latest;
  const mine = { actor, at: job.receivedAt, request: job.deliveryKey };
  return wasSettledBy(approval, mine) ? latest : { ...latest, approval: withoutPromise(approval) };
}

/** True for an answer that others read than whoever asked and the security channel. */
function isDiscreet(policy: Policy, { place }: Request, { to, at, where }: Answer): boolean {
  if (to === 'me' || to === 'security' || (to === 'here' && place.pressed?.ephemeral === true)) return false;
  const channel = at?.channel ?? place.channel ?? where;
  return channel !== undefined && isOverheard(policy, channel);
}

/** The admins have been told instead, which is enough for what is no card. */
function toldAlone(error: unknown): undefined {
  if (!isFault(error, 'channel_closed')) throw error;
}

/** Where an answer that everybody may see is posted; nothing where the person is told alone. */
function channelFor(place: Request['place'], { to, where }: Answer): string | undefined {
  return to === 'me' ? place.channel : (where ?? place.channel);
}

/** What an attempt posted that never learned where: it died, or Slack's answer was lost. */
async function findEarlier(
  reply: Reply,
  { place }: Request,
  { answer, key }: { readonly answer: Answer; readonly key: string },
): Promise<Posted | undefined> {
  const channel = channelFor(place, answer);
  // What was pressed and what only the security channel reads is found otherwise.
  const isNew = answer.to === 'here' || answer.to === 'security';
  if (isNew || channel === undefined) return undefined;
  // Whoever pressed a button of the card has told where it is, also where Slack lets nobody look.
  const { message: card } = requestIn(answer.outcome);
  return card?.channel === channel ? card : reply.find(channel, key);
}

/** What this very delivery said first, on what was pressed or where it was asked, and never heard of. */
async function findLost(
  reply: Reply,
  { place: { channel, pressed } }: Request,
  { answer, key }: { readonly answer: Answer; readonly key: string },
): Promise<Target | undefined> {
  if (pressed === undefined) return channel === undefined ? undefined : reply.find(channel, key);
  // What is said elsewhere leaves the copy that was pressed to whoever follows it.
  return answer.to === 'me' ? pressed : undefined;
}

/** A dead letter that was brought back is counted from one again, and is older than anything that was never tried. */
function isFirstTry({ delivery, job }: Request, now: Date): boolean {
  return delivery.attempt === 1 && now.getTime() - Date.parse(job.receivedAt) < FIRST_WITHIN_MS;
}

const FIRST_WITHIN_MS = 60_000;

/** True for words after which more is to come: where that does not come, they must not be the last. */
function promisesMore(outcome: Outcome): boolean {
  switch (outcome.kind) {
    case 'working':
      return true;
    case 'bulk':
      return outcome.state === 'running';
    case 'approval':
      return outcome.approval.state === 'approved';
    default:
      return isRetrying(outcome);
  }
}

/** What another attempt finds words by: their name, and the note of where they stand. */
interface Kept {
  readonly key: string;
  readonly keepPlace: (at: Posted) => Promise<void>;
}

/** An answer and its words. */
interface Words extends Partial<Kept> {
  readonly answer: Answer;
  readonly message: Message;
}

/** Where and how words are posted into a channel; those that promise more say so otherwise where nobody could change them. */
function spotIn(channel: string, { place: { userId, responseUrl } }: Request, { answer, message, key }: Words) {
  const ifFixed = promisesMore(answer.outcome) ? fixed(message) : undefined;
  return { channel, userId, ...defined({ responseUrl, key, ifFixed }) };
}

/** Posts where the person asked: in the channel, to them alone, or by direct message where there is no channel. */
async function postNear(reply: Reply, request: Request, words: Words): Promise<Posted | undefined> {
  const { place } = request;
  const { answer, message } = words;
  const channel = channelFor(place, answer);
  if (channel === undefined) return postFirst(reply, words, (first) => reply.tell(place.userId, first));
  const spot = spotIn(channel, request, words);
  if (answer.to !== 'me') return postFirst(reply, words, (first) => reply.post(spot, first));
  await reply.whisper(spot, message);
  return undefined;
}

/**
 * Posts a new message. Slack lets the bot read neither direct messages nor a channel in which it is not: where it dies, or its
 * answer is lost, nobody finds that message again. So it promises more only once it is noted where it stands.
 */
async function postFirst(
  reply: Reply,
  { answer: { outcome }, message, keepPlace }: Words,
  say: (first: Message) => Promise<Posted>,
): Promise<Posted> {
  if (!promisesMore(outcome) || outcome.kind === 'working') return say(message);
  if (keepPlace === undefined) return say(fixed(message));
  const posted = await say(renderWorking({ kind: 'working', asked: [] }));
  if (posted.ts === undefined) return posted;
  await keepPlace(posted);
  // In a workspace where nobody may edit anything.
  const isShown = await reply.edit(posted, message).then(() => true, onlyIfRefused);
  return isShown === true ? posted : say(fixed(message));
}

/** Words that promise more and cannot be changed when that comes. */
function fixed({ text, blocks }: Message): Message {
  const where = 'What comes of it is said in a newer message: this one cannot be changed.';
  // A button that stays when all is over could not work any more.
  const words = blocks.filter(({ type }) => type !== 'actions');
  return { text: `${text} ${where}`, blocks: [...words, context(where)] };
}

/** Edits a message; one that is gone (deleted by somebody), or that Slack lets nobody edit, is said anew. */
async function edit(
  reply: Reply,
  request: Request,
  { target, ...words }: Words & { readonly target: Target },
): Promise<Posted> {
  const { place } = request;
  const { message } = words;
  const { channel, ts } = target;
  // Its address replaces what was pressed, and nothing else: any other message would stay as it was, beside a new one.
  const isPressed = ts === undefined || (place.pressed?.channel === channel && place.pressed.ts === ts);
  try {
    await reply.edit({ ...target, ...(isPressed && defined({ responseUrl: place.responseUrl })) }, message);
    return { channel, ...defined({ ts }) };
  } catch (error) {
    if (!isFault(error, 'slack_rejected')) throw error;
    const spot = spotIn(channel, request, words);
    if (target.ephemeral !== true) return postFirst(reply, words, (first) => reply.post(spot, first));
    // What one person alone saw is nobody else's business because it is gone.
    await reply.whisper(spot, message);
    return { channel };
  }
}

/** Remembers where a request for others is told, so that whoever settles it elsewhere, or ends it, can edit that. */
async function tieApproval({ approvals }: Store, outcome: Outcome, posted: Posted | undefined): Promise<void> {
  const { id, message: known } = requestIn(outcome);
  if (posted?.ts === undefined || id === undefined || known !== undefined) return;
  const message = { channel: posted.channel, ts: posted.ts };
  // Read afresh: the approval that was shown may be older than the stored one.
  await approvals.change(id, (record) => (record.message === undefined ? { ...record, message } : undefined));
}

function requestIn(outcome: Outcome): Partial<Pick<Approval, 'id' | 'message'>> {
  if (outcome.kind === 'approval') return outcome.approval;
  return outcome.kind === 'no_approver' ? defined({ id: outcome.approvalId }) : {};
}
