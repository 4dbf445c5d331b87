import { allEnded } from '#shared/core/all-ended.ts';
import { asError } from '#shared/core/as-error.ts';
import { defined } from '#shared/core/defined.ts';
import { isFault } from '#shared/core/fault.ts';
import { sha256Hex } from '#shared/core/hmac-sha256.ts';
import { stillToCome } from '#shared/core/still-to-come.ts';
import { without } from '#shared/core/without.ts';
import type { Case, CaseState, Held, Store, Write } from '#shared/store/store.ts';
import { type AnnounceHeld, createShowHeld, isAmong, isHeld, isToldTogether, readHeld } from './held-cases.ts';
import type { KnownCase } from './follow-cases.ts';
import { cardOf } from './case-keys.ts';
import { changeCase } from './keep-case.ts';
import { readLiveCase } from '#shared/store/read-live-case.ts';
import { postingNote } from './posting-note.ts';
import type { RollUps } from './roll-ups.ts';

/** The words that go with a case; whoever knows Slack makes them. */
export interface CaseMessenger {
  /**
   * Posts the card, or edits it where the case has a message. `isBegun`: that it is begun was noted just now, for the first
   * time. Throws `slack_unavailable` or `slack_rejected`.
   */
  readonly announce: (kase: Case, isBegun?: boolean) => Promise<Case['message']>;
  /** Finds the card of a case that an attempt posted and could not write down. */
  readonly findCard: (kase: Case) => Promise<Case['message']>;
  /**
   * Logs in the card's thread what has changed since `before`, if that is worth a line. `isAgain`: an attempt before this one
   * did not come to its end, and may have told it another way.
   */
  readonly note: (kase: Case, before: Case | undefined, isAgain?: boolean) => Promise<void>;
  /** Calls the token's owner by a direct message that stays true; `undefined` when no Slack user is known for them. */
  readonly callOwner: (kase: Case) => Promise<Case['ownerMessage']>;
  /**
   * Has the owner's message say how the case stands, and gives where it does. `isFirst`: where Slack lets nobody edit it, a new
   * one says so.
   */
  readonly tellOwner: (kase: Case, isFirst: boolean) => Promise<Case['ownerMessage']>;
  /** Brings the messages of those who reported it by hand up to date. */
  readonly tellReporters: (kase: Case) => Promise<void>;
  /** Posts or edits the one card about all that the brake of a profile holds back. */
  readonly announceHeld: AnnounceHeld;
}

interface ShowDeps extends CaseMessenger {
  readonly store: Store;
  readonly now: () => Date;
  /** Plans who is called to a case that needs a person, and gives it as it was written then; see `Wake`. */
  readonly plan: (kase: Case) => Promise<Case | undefined>;
  /** What tells cases together where more come than a channel takes. */
  readonly rollUps: RollUps;
}

/** Keeps what Slack shows of a case equal to what is stored. */
export interface ShowCase {
  /**
   * Brings the card, its thread and the owner's message up to date. However many ask at once, one speaks at a time and each
   * speaks for all changes so far, so that there is one message per case and the last edit is the latest state. Throws
   * Slack's and the store's faults; asked again it goes on where it stopped. A case that was opened in this very run and of
   * which nobody has told anything is not read again; one that was changed in it is held without a look.
   */
  (id: string, known?: KnownCase): Promise<void>;
}

/** States in which the owner of the token is told; not while the outcome is still open, nor in a drill. */
const OWNER_STATES: ReadonlySet<CaseState> = new Set(['dead', 'asking', 'noted', 'waiting']);
const KEPT_SECONDS = 90 * 24 * 3600;

function wantsOwner(kase: Case): boolean {
  const isDrill = kase.reports.every(({ test }) => test === true);
  return kase.token !== undefined && kase.ownerToldAt === undefined && OWNER_STATES.has(kase.state) && !isDrill;
}

/** What was shown last: a mark to compare with, and enough of the case to tell what has changed. */
interface Shown {
  readonly mark: string;
  /** Absent where nothing has been shown of it to the end. */
  readonly kase?: Case;
  /** ISO 8601: when an edit was begun of which nobody has heard the end. What comes late of it is drawn over. */
  readonly unheard?: string;
}

/** What there is to show: the case, what was shown of it before, and an edit that may still come. */
interface Pending {
  readonly kase: Case;
  readonly before: Case | undefined;
  readonly unheard: string | undefined;
  /** True where somebody has begun to post a card of its own. */
  readonly hasBegun: boolean;
}

const UNSEEN = ['mergedFrom', 'look', 'need', 'rollUp'] as const;

/** Changes with whatever a reader could see; not with the message's own address or with bookkeeping. */
function markOf(kase: Case): string {
  return sha256Hex(
    JSON.stringify(without(kase, 'message', 'ownerMessage', 'version', 'updatedAt', 'answers', ...UNSEEN)),
  );
}

/** How often one call goes on showing what has changed while it spoke. */
const MOST_ROUNDS = 3;

const MOST_TRIES = 5;

/** Does it again while the store cannot be reached, at once, and throws its last fault. */
async function insist<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isFault(error, 'store_unavailable') || attempt === MOST_TRIES) throw error;
    }
  }
}

/** True for a merged case without a card of its own: the case in which it goes on speaks, if need be through that card. */
async function isSpokenFor({ cases }: Store, { mergedInto, message, dismissedBy, rollUp }: Case): Promise<boolean> {
  if (mergedInto === undefined || dismissedBy !== undefined) return false;
  // The message in which it was told together with others says what became of it.
  if (message === undefined && rollUp !== undefined) return false;
  return message === undefined || (await cases.get(mergedInto))?.message?.ts === message.ts;
}

/**
 * A case that goes on in another one may have a card that nobody knows of, since whoever posted it died or never heard
 * Slack's answer: that card is its own, and is drawn to its end.
 */
async function learnCard({ store, now, findCard }: ShowDeps, kase: Case): Promise<boolean> {
  const { id, mergedInto, message, dismissedBy, rollUp } = kase;
  if (mergedInto === undefined || message !== undefined || dismissedBy !== undefined || rollUp !== undefined) {
    return false;
  }
  const own = await findCard(kase);
  if (own === undefined) return false;
  await changeCase(store, { id, now: now(), seen: kase }, (current) => ({ message: own, ...current }));
  return true;
}

/**
 * A case without a card takes the one of an earlier case that goes on in it, unless it has one that nobody knows of. Whose the card is says this one write; the
 * earlier case, which is held meanwhile, is not drawn any more from then on.
 */
async function adoptCard({ store, now, findCard }: ShowDeps, kase: Case): Promise<Case> {
  if (kase.message !== undefined || kase.mergedFrom === undefined) return kase;
  const own = await findCard(kase);
  if (own !== undefined)
    return changeCase(store, { id: kase.id, now: now() }, (current) => ({ message: own, ...current }));
  for (const from of kase.mergedFrom) {
    const adopted = await store.hold(cardKey(from), async ({ keep }) => {
      keep(true);
      const message = (await store.cases.get(from))?.message;
      if (message === undefined) return undefined;
      return changeCase(store, { id: kase.id, now: now() }, (current) => ({ message, ...current }));
    });
    if (adopted !== undefined) return adopted;
  }
  return kase;
}

/**
 * The card of a case that has none by what is stored, though somebody has begun to post one and may have died or never heard
 * Slack's answer: whatever tells of the case now, that card must not stay as it was.
 */
async function lostCard(
  { findCard }: ShowDeps,
  kase: Case,
  { hasBegun }: Pick<Pending, 'hasBegun'>,
): Promise<Case['message']> {
  return kase.message === undefined && hasBegun ? findCard(kase) : undefined;
}

function begunNote(id: string): string {
  return postingNote(cardOf({ id }));
}

function shownKey(id: string): string {
  return `shown:${id}`;
}

function cardKey(id: string): string {
  return `card:${id}`;
}

/**
 * The case with its owner told of how it stands, where one is known: by one message, which is kept up to date. Where that stands
 * is stored before it says more than what stays true: it is edited then, whatever has become of the case.
 */
async function ownerTold({ store, now, callOwner, tellOwner }: ShowDeps, known: Case): Promise<Case> {
  const keep = (seen: Case, fields: Partial<Case>) =>
    changeCase(store, { id: seen.id, now: now(), seen }, (current) => ({ ...current, ...fields }));
  let kase = known;
  const isFirst = kase.ownerMessage === undefined;
  if (isFirst) {
    const ownerMessage = wantsOwner(kase) ? await callOwner(kase) : undefined;
    if (ownerMessage === undefined) return kase;
    kase = await keep(kase, { ownerToldAt: now().toISOString(), ownerMessage });
  }
  const ownerMessage = await tellOwner(kase, isFirst);
  return ownerMessage?.ts === kase.ownerMessage?.ts ? kase : keep(kase, defined({ ownerMessage }));
}

/** What there is to show of a case; nothing where all of it is shown, or where another one speaks for it. */
async function readPending({ store, now }: ShowDeps, id: string, isBehind = false): Promise<Pending | undefined> {
  const [kase, shown, begun] = await allEnded([
    store.cases.get(id),
    store.notes.get<Shown>(shownKey(id)),
    store.notes.get<string>(begunNote(id)),
  ]);
  const unheard = shown?.unheard;
  const isShown = kase === undefined || (!isBehind && shown?.mark === markOf(kase));
  if (kase === undefined || (isShown && unheard === stillToCome(unheard, now()))) return undefined;
  if (await isSpokenFor(store, kase)) return undefined;
  return { kase, before: shown?.kase, unheard, hasBegun: begun !== undefined };
}

/**
 * The case with all planned that its card promises: planned for anew where somebody has changed it meanwhile, since a plan for
 * what it was says nothing of what it is.
 */
async function planned(plan: ShowDeps['plan'], shared: Case, keep: (error: unknown) => void): Promise<Case> {
  let kase = shared;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const next = await plan(kase).catch(keep);
    const isSame = next === undefined || markOf(next) === markOf(kase);
    kase = next ?? kase;
    if (isSame) break;
  }
  return kase;
}

/**
 * Draws the card that another case has taken over again, where an edit was begun before of which nobody has heard the end: it may
 * have come over what that case says there. Whoever began it asks again when it cannot come any more, by whose clock ever.
 */
async function drawOver({ store, now }: ShowDeps, kase: Case, draw: (id: string) => Promise<unknown>): Promise<void> {
  if (kase.mergedInto === undefined) return;
  const shown = await store.notes.get<Shown>(shownKey(kase.id));
  if (shown?.unheard === undefined || !(await isSpokenFor(store, kase))) return;
  const live = await readLiveCase(store, kase.mergedInto);
  if (live !== undefined) await draw(live.id);
  if (stillToCome(shown.unheard, now()) !== undefined) return;
  await store.notes.put(shownKey(kase.id), without(shown, 'unheard') satisfies Shown, KEPT_SECONDS);
}

type ShowHeld = ReturnType<typeof createShowHeld>;

/** By its own card, by the card of its profile's brake, or together with all that came at once. */
function createTell(
  deps: ShowDeps,
  showHeld: ShowHeld,
): (kase: Case, how: Pick<Pending, 'hasBegun'>) => Promise<Case['message']> {
  const { store, now, announce, rollUps } = deps;
  return async (kase, how) => {
    const lost = await lostCard(deps, kase, how);
    if (lost !== undefined) return announce({ ...kase, message: lost });
    if (await isToldTogether(store, kase)) return undefined;
    if (isHeld(kase) && kase.message === undefined) {
      // The brake has held it back since whoever shows it has looked.
      await showHeld(kase);
      if (await isToldTogether(store, kase)) return undefined;
    }
    if (kase.state === 'muted' && kase.message === undefined && kase.rollUp === undefined) return undefined;
    // Written before the card is: whoever comes after a crash looks for it.
    const isBegun = kase.message === undefined && !how.hasBegun;
    const begun = isBegun ? [store.notes.writing(begunNote(kase.id), now().toISOString(), KEPT_SECONDS)] : [];
    if (await rollUps.hasCard(kase, begun)) return announce(kase, isBegun);
    await rollUps.tell(kase);
    return undefined;
  };
}

/** True where nobody reads a card's address to link to it, and no other message tells of its case. */
function isAlone({ reports, rollUp }: Case): boolean {
  return rollUp === undefined && reports.every(({ reporter }) => reporter === undefined);
}

/**
 * Stores where a card is, with all that is given along. Where that is not to be, because somebody else holds the card by now, it
 * is stored alone: a card whose address is not stored is posted a second time, and the first one never ends.
 */
async function storeAddress(
  { store, now }: Pick<ShowDeps, 'store' | 'now'>,
  kase: Case,
  { message, along }: { readonly message: Case['message']; readonly along?: () => readonly Write[] },
): Promise<Case> {
  const at = { id: kase.id, now: now(), seen: kase };
  const write = (how: { readonly along?: () => readonly Write[] }) =>
    insist(() => changeCase(store, { ...at, ...how }, (current) => ({ ...current, ...defined({ message }) })));
  if (along === undefined) return write({});
  return write({ along }).catch(async (error: unknown) => {
    if (isFault(error, 'delivery_in_progress')) await write({});
    throw error;
  });
}

/** Shows what there is to show, by whoever holds the card: true where the case is known to be as it was shown. */
type ShowPending = (todo: Pending | undefined, held: Pick<Held, 'keep' | 'leave' | 'givingBack'>) => Promise<boolean>;

function createShowPending(deps: ShowDeps, showHeld: ShowHeld): ShowPending {
  const { store, now, plan, note, tellReporters, rollUps } = deps;
  const tell = createTell(deps, showHeld);
  return async (todo, { leave, givingBack, keep: keepHeld }) => {
    // Whoever comes next finds that somebody has held it.
    keepHeld(true);
    if (todo === undefined) return false;
    const { id } = todo.kase;
    let failure: Error | undefined;
    const known = await adoptCard(deps, todo.kase);
    // The card matters more than either; what failed is done when this is asked again.
    const keep = (error: unknown): void => {
      failure = asError(error);
    };
    // Its owner's message is edited before the card is.
    const isNoted = known.ownerMessage !== undefined;
    if (isNoted) await noteBegun(deps, todo);
    const shared = await ownerTold(deps, known).catch((error: unknown) => {
      keep(error);
      return known;
    });
    // Before the card: where Slack takes none, somebody is called all the same.
    const kase = await planned(plan, shared, keep);
    const begun = now().toISOString();
    const isEdit = isNoted || kase.message !== undefined || todo.before !== undefined;
    if (isEdit && !isNoted) await noteBegun(deps, todo);
    const unheard = stillToCome(todo.unheard, now());
    const [message, latest] = await allEnded([tell(kase, todo), isEdit ? readLatest(deps, id) : undefined]);
    const isPosted = message !== undefined && message.ts !== kase.message?.ts;
    const keepAddress = (along?: () => readonly Write[]) =>
      storeAddress(deps, kase, { message, ...defined({ along }) });
    // Where nothing else links to it, its address is stored with what was shown, once the thread has its line.
    const isLast = isPosted && failure === undefined && isAlone(kase);
    let stored = isPosted && !isLast ? await keepAddress() : undefined;
    // After the card, to which it links.
    await tellReporters(kase).catch(keep);
    const noted = note({ ...kase, ...(message && { message }) }, todo.before, todo.unheard !== undefined);
    await noted.catch(async (error: unknown) => {
      if (isLast) await keepAddress();
      throw error;
    });
    // It got its card late: the message that told it before must not stay behind.
    if (message !== undefined && kase.rollUp !== undefined) await rollUps.tell(kase);
    // Another mark than the case's own makes the next call come back for what failed.
    const mark = failure === undefined ? markOf(kase) : 'not all is told yet';
    // What failed may come late all the same, over what somebody else says meanwhile.
    const late = failure === undefined ? unheard : begun;
    const shown: Shown = { mark, kase: { ...kase, reports: [] }, ...defined({ unheard: late }) };
    leave(store.notes.writing(shownKey(id), shown, KEPT_SECONDS));
    if (isLast) stored = await keepAddress(givingBack);
    if (failure !== undefined) throw failure;
    if (unheard !== undefined) return false;
    // Nobody has changed it before it had its card; whoever does so from now on finds that, and edits it.
    if (stored !== undefined) return markOf(stored) === mark;
    // It had one when it was read: whoever has changed it since its edit was noted draws it, when they hold it.
    const isLatest = latest !== undefined && markOf(latest) === mark;
    return isLatest && message !== undefined && todo.kase.message?.ts === message.ts;
  };
}

/**
 * Reads a case beside an edit of it that is noted as begun: whoever has changed it before that was noted may have found nothing to
 * draw. What cannot be read keeps no card from anybody.
 */
function readLatest({ store }: Pick<ShowDeps, 'store'>, id: string): Promise<Case | undefined> {
  return store.cases.get(id).catch(() => undefined);
}

/** What the messages of a case say while they are brought up to date nobody knows: one that is as it was before is drawn again. */
async function noteBegun({ store, now }: ShowDeps, { kase: { id }, before }: Pending): Promise<void> {
  const begun: Shown = { mark: 'being told', unheard: now().toISOString(), ...defined({ kase: before }) };
  await store.notes.put(shownKey(id), begun, KEPT_SECONDS);
}

/** Makes the one way in which a case is shown. */
export function createShowCase(deps: ShowDeps): ShowCase {
  const { store, now, announceHeld, rollUps } = deps;
  const showHeld = createShowHeld({ store, now, announceHeld });
  const show = createShowPending(deps, showHeld);
  const pending = (id: string, isBehind = false) => readPending(deps, id, isBehind);
  const hold = (id: string, isBehind = false) =>
    store.hold(cardKey(id), async (held) => show(await pending(id, isBehind), held));
  /** Shows a case that was just opened; false where it may not be all that is to be shown. */
  const showOpened = (kase: Case): Promise<boolean> =>
    store.hold(cardKey(kase.id), async (held) => {
      const isUntold = held.isFirst && !held.waited;
      return show(isUntold ? { kase, before: undefined, unheard: undefined, hasBegun: false } : undefined, held);
    });
  /** Shows a case that was just changed; false where it may not be all that is to be shown. */
  const showChanged = async ({ id, token }: Case): Promise<boolean> => {
    const profile = token?.profile;
    const [isShown, heldThere] = await store.hold(cardKey(id), async (held) => {
      const [todo, read] = await allEnded([pending(id), profile === undefined ? undefined : readHeld(store, profile)]);
      return [await show(todo, held), read] as const;
    });
    return isShown && (heldThere === undefined || !isAmong(heldThere, id));
  };
  return async (id, { written, isOpened = false, profile = written?.token?.profile } = {}) => {
    if (written !== undefined && isPlain(written)) {
      if (await (isOpened ? showOpened(written) : showChanged(written))) return;
    }
    const [todo, kase, heldThere] = await allEnded([
      pending(id),
      store.cases.get(id),
      profile === undefined ? undefined : readHeld(store, profile),
    ]);
    const isLearnt = kase !== undefined && (await learnCard(deps, kase));
    if (kase !== undefined) await showHeld(kase, kase.token?.profile === profile ? heldThere : undefined);
    let isBehind = false;
    if (kase !== undefined && todo === undefined) {
      await drawOver(deps, kase, (live) => hold(live, true));
      // They read how each of their secrets stands, and may have read of this one what it was for a moment.
      await deps.tellReporters(kase);
      // Another case of its roll-up has drawn it as it was for a moment, and it is again as it was shown before.
      isBehind = await rollUps.isBehind(kase);
    }
    // Its card tells the case in which it goes on, and the message that told it together with others still tells it.
    if (kase !== undefined && isBehind && (await isSpokenFor(store, kase))) await rollUps.tell(kase);
    let isDue = isBehind || (isLearnt ? (await pending(id)) !== undefined : todo !== undefined);
    // Who changed it meanwhile may have found nothing to edit yet: the card that was posted is brought up to date here.
    for (let round = 0; round < MOST_ROUNDS && isDue; round += 1) {
      const isShown = await hold(id, isBehind);
      isBehind = false;
      isDue = !isShown && (await pending(id)) !== undefined;
    }
  };
}

/** True for a case that no other card and no roll-up tells of. */
function isPlain(kase: Case): boolean {
  return !isHeld(kase) && kase.mergedInto === undefined && kase.rollUp === undefined;
}
