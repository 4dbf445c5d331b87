import type { KeyObject } from 'node:crypto';
import * as z from 'zod';
import { caseKeys, clueNote } from '#shared/cases/case-keys.ts';
import { enterReached } from '#shared/cases/enter-reached.ts';
import { giveUpCase } from '#shared/cases/give-up-case.ts';
import { knownKeys } from '#shared/cases/known-key.ts';
import { recordGivenUp } from '#shared/cases/levers-for.ts';
import { giveUpPaste, giveUpPasted, isFollowed, readPaste } from '#shared/cases/pastes.ts';
import { repeatReport } from '#shared/cases/repeat-report.ts';
import { allEnded } from '#shared/core/all-ended.ts';
import { eachInTurn } from '#shared/core/each-in-turn.ts';
import { defined } from '#shared/core/defined.ts';
import { without } from '#shared/core/without.ts';
import { reportSchema } from '#shared/jobs/job.ts';
import { openJob } from '#shared/jobs/sign-job.ts';
import { caseId } from '#shared/store/case-id.ts';
import type { Approval, Case } from '#shared/store/store.ts';
import type { Services } from '#shared/tokens/services.ts';
import { wasSettledBy } from '#shared/tokens/was-settled-by.ts';
import { approvalCard, noteStopped } from './approval-card.ts';
import type { Message } from './blocks/bricks.ts';
import { renderApproval } from './blocks/render-approval.ts';
import { renderGivenUp } from './blocks/render-dead-letters.ts';
import type { Buttons } from './buttons.ts';
import { casesAskedAbout, readAskedAbout } from './cases-asked-about.ts';
import { isOverheard } from './is-overheard.ts';
import { isAmongStrangers } from './listeners/keep-from-strangers.ts';
import type { Request } from './listeners/request.ts';
import { loudKey, saidNote, SPOKEN_SECONDS, type Spoken, toldEndNote } from './spoken.ts';
import type { Posted, Reply } from './reply.ts';
import { createSayLoud, onlyIfClosed } from './say-loud.ts';
import { createReporterMessenger } from './reporter-messenger.ts';
import { toRequest } from './to-request.ts';
import { onlyIfRefused } from './only-if-refused.ts';

export interface EndGivenUpDeps {
  readonly services: Services;
  readonly reply: Reply;
  /** Tells the jobs that our own functions have signed. */
  readonly jobKey: KeyObject;
  /** Tells which case was pressed. */
  readonly buttons: Buttons;
  /** Brings a case's card up to date. */
  readonly show: (caseId: string) => Promise<void>;
  /** Brings the copies of a request for others up to date. */
  readonly followApproval: (approvalId: string) => Promise<void>;
  readonly planSearch: (kase: Case) => Promise<unknown>;
  /** Names the stage in the command that brings a job back. */
  readonly stage: string;
}

/** Only what is needed of a job, which may be of another release. */
const letterSchema = z.object({
  kind: z.string(),
  deliveryKey: z.string(),
  receivedAt: z.string(),
  requestId: z.string().optional(),
  payload: z.looseObject({ text: z.string().optional() }).optional(),
  report: reportSchema.optional(),
  caseId: z.string().optional(),
});
type Letter = z.infer<typeof letterSchema>;

/** A request has few answers; whatever it says beyond them promises nothing. */
const MOST_ANSWERS = 4;

/**
 * Ends the words that promise more of a job than there is: those of a request whose process died at its last delivery, and
 * those on the card of a case. Throws Slack's and the store's faults; asked again it goes on where it stopped, and says
 * nothing twice.
 */
export async function endGivenUp(deps: EndGivenUpDeps, bodies: readonly string[]): Promise<void> {
  const letters = bodies.flatMap((body) => {
    const opened = openJob(deps.jobKey, body, deps.services.now());
    const letter = 'job' in opened ? letterSchema.safeParse(opened.job).data : undefined;
    return letter === undefined ? [] : [letter];
  });
  await eachInTurn(
    letters.map((letter) => () => (letter.payload === undefined ? endReport(deps, letter) : endRequest(deps, letter))),
  );
}

async function endRequest(deps: EndGivenUpDeps, letter: Letter): Promise<void> {
  const { deliveryKey, receivedAt, payload = {} } = letter;
  const job = {
    v: 1 as const,
    kind: 'command' as const,
    receivedAt,
    deliveryKey,
    sealed: [],
    unrecognised: 0,
  } satisfies Request['job'];
  const { actor, place } = toRequest(job, payload, { attempt: 1, isLast: true });
  const asked = await readAskedAbout(deps.buttons, { actor, place }, payload);
  const { approvals } = deps.services.store;
  const approval = asked.approvalId === undefined ? undefined : await approvals.get(asked.approvalId);
  const given = { ...letter, actor, place };
  const { notes } = deps.services.store;
  const cases = await withTheirs(deps.services, casesAskedAbout(asked, approval));
  const paste = await readPaste(notes, deliveryKey);
  // What a card, or the message about what was pasted, tells needs no other words.
  const isToldElsewhere = cases.size > 0 || (paste !== undefined && isFollowed(paste)) || !isAsked(payload);
  await (approval === undefined ? endAnswers(deps, given, isToldElsewhere) : endVote(deps, given, approval));
  // It may have been given up between its effect and the card, or between its answer and what has become of a pasted secret.
  await endCases(deps, cases);
  const by = approval?.order.requester ?? actor;
  for (const id of await enterReached(deps.services, { by, since: receivedAt })) await deps.show(id);
  if (paste === undefined) return;
  await giveUpPaste(notes, deliveryKey);
  await createReporterMessenger(deps)(deliveryKey);
}

/** A request that was given up: who asked, and where. */
type Given = Letter & Pick<Request, 'actor' | 'place'>;

/** One answer of a request: the note of where it was said, and where it is looked for when nobody knows. */
interface Said {
  readonly note: string;
  readonly channel?: string | undefined;
  /** Names the message; else as the note. */
  readonly key?: string;
  /** What becomes of it where it promises more, or may; false where nobody can change it any more. */
  readonly end: (at: Posted) => Promise<boolean>;
  /** What is done where it was never said. */
  readonly otherwise?: () => Promise<Spoken | undefined>;
}

/** True for what somebody typed, pressed or submitted; a page that was opened asks for nothing. */
function isAsked({ event }: NonNullable<Letter['payload']>): boolean {
  return event === undefined;
}

/** Where words are said anew, and the name by which they are found there; by direct message without a channel. */
interface Spot {
  readonly channel: string | undefined;
  readonly key: string;
}

async function endAnswers(deps: EndGivenUpDeps, given: Given, isToldElsewhere: boolean): Promise<void> {
  const { deliveryKey, place } = given;
  for (let index = 0; index < MOST_ANSWERS; index += 1) {
    const spot = { channel: index === 0 ? place.channel : undefined, key: saidNote(deliveryKey, index) };
    await endSaid(deps, {
      ...{ note: spot.key, channel: spot.channel, end: (at) => sayStopped(deps, given, at) },
      ...(index === 0 && !isToldElsewhere && { otherwise: () => tellUntold(deps, given, spot) }),
    });
  }
}

/** Tells that a request has stopped, unless its last delivery could tell so; the person alone where another company reads. */
async function tellUntold(deps: EndGivenUpDeps, given: Given, spot: Spot): Promise<Spoken | undefined> {
  const isTold = await deps.services.store.notes.get<boolean>(toldEndNote(given.deliveryKey));
  if (isTold === true) return undefined;
  // What one person alone was shown is told them alone.
  const isAlone = given.place.pressed?.ephemeral === true || (await isAmongStrangers(deps.services, given));
  return tellStopped(deps, given, isAlone ? { ...spot, channel: undefined } : spot);
}

/**
 * Ends what was said of a press on a request for others. The request's card, which others draw as well, says how the request
 * ended; that what was agreed to has stopped is told in the message of its result.
 */
async function endVote(deps: EndGivenUpDeps, given: Given, approval: Approval): Promise<void> {
  const { deliveryKey, receivedAt, actor, place } = given;
  const isOurs = wasSettledBy(approval, { actor, at: receivedAt, request: deliveryKey });
  if (approval.state === 'approved' && isOurs) await recordGivenUp(deps.services, approval);
  // Who posted the card may have died before anybody knew where: then it, or a copy of it, is what was pressed.
  const card = approval.message ?? place.pressed;
  const spot = { channel: card?.channel ?? place.channel, key: saidNote(deliveryKey, 1) };
  await endSaid(deps, {
    ...{ note: spot.key, channel: spot.channel, end: (at) => sayStopped(deps, given, at) },
    ...(isOurs && { otherwise: () => tellStopped(deps, given, spot) }),
  });
  // What another press has settled goes on with that.
  if (approval.state === 'approved' && !isOurs) return;
  // Also where the card says its end by now, and is not drawn: the copies are.
  if (approval.state === 'approved') await noteStopped(deps.services, approval.id);
  const draw = async (at: Posted) => {
    await drawEnd(deps, approval, at);
    return true;
  };
  const drawCard = async () => {
    if (card !== undefined) await draw(card);
    return card;
  };
  const shown = saidNote(deliveryKey, 0);
  await endSaid(deps, { note: shown, end: draw, otherwise: drawCard });
  const at = await deps.services.store.notes.get<Spoken>(shown);
  // Its course was shown on one person's copy: the card itself was drawn by others, who knew of no end.
  if (at?.ts !== card?.ts) await endSaid(deps, { note: `${shown}:card`, end: draw, otherwise: drawCard });
  const { security } = deps.services.policy.channels;
  const loud = { channel: security, key: loudKey(deliveryKey) };
  const isBroken = isOurs && approval.brokenGlass !== undefined;
  await endSaid(deps, {
    ...{ ...loud, note: saidNote(deliveryKey, 2), end: draw },
    ...(isBroken && { otherwise: () => tellGlass(deps, approval, loud) }),
  });
  await deps.followApproval(approval.id);
}

/** Ends one answer once, and again where it has promised more since. One that is brought back meanwhile is said before or after. */
function endSaid(deps: EndGivenUpDeps, said: Said): Promise<void> {
  return deps.services.store.hold(said.note, () => endAlone(deps, said));
}

async function endAlone(
  { services: { store }, reply }: EndGivenUpDeps,
  { note, channel, key = note, end, otherwise }: Said,
): Promise<void> {
  const ended = `given-up:${note}`;
  const known = await store.notes.get<Spoken>(note);
  const isSought = known === undefined && (channel !== undefined || otherwise !== undefined);
  const isLost = isSought && (await store.notes.get<boolean>(ended)) !== true;
  // An attempt that died may have posted it and never learned where.
  const found = isLost && channel !== undefined ? await reply.find(channel, key) : undefined;
  const open = known?.isOpen === true ? known : undefined;
  const at = open ?? found;
  const isShown = at?.ts !== undefined && (await end({ channel: at.channel, ts: at.ts }));
  // Also where it was said to one person alone, through a `response_url`, or is gone.
  const told = !isShown && (isLost || open !== undefined) ? await otherwise?.() : undefined;
  const place: Spoken | undefined = told ?? (isShown ? at : open);
  if (place !== undefined) await store.notes.put(note, without(place, 'isOpen'), SPOKEN_SECONDS);
  if (isLost) await store.notes.put(ended, true, SPOKEN_SECONDS);
}

/** Tells that a request has stopped of which nothing was told; whoever brings it back finds that message by its name. */
async function tellStopped(deps: EndGivenUpDeps, given: Given, { channel, key }: Spot): Promise<Spoken | undefined> {
  const { userId } = given.actor;
  const words = stoppedWords(deps, given, channel);
  const told =
    channel === undefined ? deps.reply.tell(userId, words) : deps.reply.post({ channel, userId, key }, words);
  const posted = await told.catch(onlyIfRefused);
  return posted && { ...posted, isStopped: true };
}

async function sayStopped(deps: EndGivenUpDeps, given: Given, at: Posted): Promise<boolean> {
  const edited = deps.reply.edit(at, stoppedWords(deps, given, at.channel)).then(() => true);
  return (await edited.catch(onlyIfRefused)) === true;
}

function stoppedWords({ services, stage }: EndGivenUpDeps, given: Given, channel: string | undefined): Message {
  const { actor, requestId, payload } = given;
  const isRead = channel !== undefined && isOverheard(services.policy, channel);
  const asked = isRead ? undefined : payload?.text;
  return renderGivenUp({ userId: actor.userId, ...defined({ asked, requestId }) }, stage);
}

/** Tells the security channel of a glass that was broken; where it takes no words, every admin. */
function tellGlass(
  deps: EndGivenUpDeps,
  approval: Approval,
  at: { readonly channel: string; readonly key: string },
): Promise<Spoken | undefined> {
  const { services } = deps;
  return approvalCard(services, approval, async (latest) => {
    const message = renderApproval(latest, { now: services.now(), discreet: false });
    return (await createSayLoud(deps)({ ...at, message }).catch(onlyIfClosed)) || undefined;
  });
}

/** Shows how a request for others ended where it stands. */
async function drawEnd({ services, reply }: EndGivenUpDeps, approval: Approval, at: Posted): Promise<void> {
  await approvalCard(services, approval, async (latest) => {
    const naming = { now: services.now(), discreet: isOverheard(services.policy, at.channel) };
    await reply.edit(at, renderApproval(latest, naming)).catch(onlyIfRefused);
  });
}

async function endReport(deps: EndGivenUpDeps, letter: Letter): Promise<void> {
  await endCases(deps, await casesOf(deps.services, letter));
  // Whoever pasted it waits for more, and no case tells of it.
  const paste = letter.report && (await giveUpPasted(deps.services.store.notes, letter.report));
  if (paste !== undefined) await createReporterMessenger(deps)(paste);
}

async function endCases({ services, show, planSearch }: EndGivenUpDeps, ids: ReadonlySet<string>): Promise<void> {
  const { store, now } = services;
  for (const id of ids) {
    await giveUpCase({ store, now, planSearch }, id);
    // Also where the case says so by itself: what was given up may have been to show it.
    await show(id);
  }
}

/** Every case whose card a report may have left behind: those that it opens or is known to belong to, and theirs. */
async function casesOf(services: Services, letter: Letter): Promise<ReadonlySet<string>> {
  const { notes } = services.store;
  const report = await reportOf(services, letter);
  const ofPlace = report === undefined ? undefined : clueNote(report);
  // What the alert pointed to was known for a while: its job carries no clue.
  const clue = ofPlace === undefined ? undefined : await notes.get<string>(ofPlace);
  const keys = report === undefined ? [] : [...caseKeys(report, report.clue), ...(clue === undefined ? [] : [clue])];
  const known = await knownKeys(notes, keys);
  const ids = [letter.caseId, ...[...keys, ...known].map((key) => key && caseId(key))];
  return withTheirs(
    services,
    ids.filter((id) => id !== undefined),
  );
}

/** The report that a job brings, or that it searches for again: its token's case may be open already. */
async function reportOf({ store }: Services, { report, caseId: named }: Letter): Promise<Letter['report']> {
  const kase = named === undefined ? undefined : await store.cases.get(named);
  const job = kase === undefined ? undefined : repeatReport(kase, kase.openedAt);
  return report ?? (job?.kind === 'report' ? job.report : undefined);
}

/** These cases, those in which they go on, and those that go on in them: a job may be given up between any two of them. */
async function withTheirs({ store }: Services, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const open = [...ids];
  const found = new Set<string>();
  while (open.length > 0) {
    const cases = await allEnded(open.splice(0).map((id) => store.cases.get(id)));
    for (const kase of cases) {
      if (kase === undefined || found.has(kase.id)) continue;
      found.add(kase.id);
      open.push(...(kase.mergedFrom ?? []), ...(kase.mergedInto === undefined ? [] : [kase.mergedInto]));
    }
  }
  return found;
}
