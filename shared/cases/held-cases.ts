import { allEnded } from '#shared/core/all-ended.ts';
import { defined } from '#shared/core/defined.ts';
import { outwait } from '#shared/core/outwait.ts';
import { without } from '#shared/core/without.ts';
import type { Case, Store } from '#shared/store/store.ts';
import type { Services } from '#shared/tokens/services.ts';
import { notingUnheard } from './noting-unheard.ts';

/** One case whose kill the brake held back, as its profile's one card tells it. */
export interface HeldCase {
  /** Counts up for each profile and never comes again: a button says up to which one it asks. */
  readonly number: number;
  readonly caseId: string;
  /** Of the token: foreign text. */
  readonly name: string;
  readonly owner?: string;
  readonly createdAt?: string;
}

/** A card, as whoever has pressed it knows it. */
export type HeldCard = Partial<NonNullable<Case['message']>>;

/** What the brake of one profile holds back. */
export interface HeldCases {
  readonly held: readonly HeldCase[];
  /** How many cases the card has told of that are held no more. */
  readonly decided: number;
  /** The number that was given last. */
  readonly last: number;
  /** How often the card became the message that says what came of a press. */
  readonly released?: number;
  /** The card, as long as it asks for something. */
  readonly message?: NonNullable<Case['message']>;
  /** ISO 8601: since when an edit of the card may still come of which nobody has heard the end. It is drawn again after that. */
  readonly unheard?: string;
}

/**
 * Says what the brake of a profile holds back: posts the card, or edits it where there is one, and calls `begin` right before
 * that. Where nothing is held back any more none is posted.
 */
export type AnnounceHeld = (profile: string, cases: HeldCases, begin: () => Promise<void>) => Promise<Case['message']>;

const NONE: HeldCases = { held: [], decided: 0, last: 0 };
const KEPT_SECONDS = 180 * 86_400;
/** More in one profile are told by their own cards. */
const MOST_HELD = 1000;

const keyOf = (profile: string): string => `held:${profile}`;

/** True for a case that would have been acted on without a human, had the brake not held it back. */
export function isHeld({ state, decision, token }: Case): boolean {
  return state === 'asking' && decision?.rule === 'floor:brake' && token !== undefined;
}

/** True for a case without a card of its own, because its profile's one card asks about it. */
export async function isToldTogether(store: Pick<Store, 'notes'>, kase: Case): Promise<boolean> {
  if (!isHeld(kase) || kase.message !== undefined) return false;
  return isAmong(await readHeld(store, kase.token?.profile ?? ''), kase.id);
}

/** True for a case that a profile's card tells of. */
export function isAmong({ held }: HeldCases, id: string): boolean {
  return held.some(({ caseId }) => caseId === id);
}

/** Reads what the brake of a profile holds back. */
export async function readHeld({ notes }: Pick<Store, 'notes'>, profile: string): Promise<HeldCases> {
  return (await notes.get<HeldCases>(keyOf(profile))) ?? NONE;
}

interface ShowHeldDeps {
  readonly store: Store;
  readonly now: () => Date;
  readonly announceHeld: AnnounceHeld;
}

/**
 * Makes what keeps the one card of each profile's brake equal to its cases: however many are held back, one message asks
 * for all of them, and when none is left it says so and the next time is told anew. Whoever has just read what is held back
 * gives it. Throws Slack's and the store's faults.
 */
export function createShowHeld({
  store,
  now,
  announceHeld,
}: ShowHeldDeps): (kase: Case, read?: HeldCases) => Promise<void> {
  const isIn = (kase: Case, cases: HeldCases) => isAmong(cases, kase.id);
  // One that is held on after its card was pressed is asked about anew.
  const isDue = (kase: Case, cases: HeldCases) =>
    cases.unheard !== undefined ||
    (isHeld(kase) ? !isIn(kase, cases) || cases.message === undefined : isIn(kase, cases));
  return async (kase, read) => {
    const profile = kase.token?.profile;
    if (profile === undefined || !isDue(kase, read ?? (await readHeld(store, profile)))) return;
    await store.hold(keyOf(profile), async () => {
      const [before, current] = await allEnded([readHeld(store, profile), store.cases.get(kase.id)]);
      if (current === undefined || !isDue(current, before)) return;
      const after = isHeld(current) === isIn(current, before) ? before : changed(before, current);
      if (after === before && before.message !== undefined && before.unheard === undefined) return;
      // Noted with all that the card is about to tell: who comes after a crash finds that it may say more than was known.
      const message = await notingUnheard(
        (begin) => announceHeld(profile, after, begin),
        () => store.notes.put(keyOf(profile), { ...after, unheard: now().toISOString() }, KEPT_SECONDS),
      );
      // Once nothing is held the card is history, and the next one is a message that rings.
      const kept =
        after.held.length === 0
          ? { ...NONE, last: after.last, ...defined({ released: after.released }) }
          : { ...without(after, 'unheard'), ...(message && { message }) };
      await store.notes.put(keyOf(profile), kept, KEPT_SECONDS);
    });
  };
}

/**
 * Lets go of a profile's card, whose message tells something else from now on: no edit of the card comes any more. Where
 * another message is the card by now that one goes on.
 */
export async function releaseHeldCard(
  { store, ...clock }: Pick<Services, 'store' | 'now' | 'sleep'>,
  profile: string,
  card: HeldCard | undefined,
): Promise<void> {
  await store.hold(keyOf(profile), async () => {
    const { message: at, unheard, ...held } = await readHeld(store, profile);
    if (at === undefined || at.ts !== card?.ts) return;
    await outwait(clock, unheard);
    await store.notes.put(keyOf(profile), { ...held, decided: 0, released: (held.released ?? 0) + 1 }, KEPT_SECONDS);
  });
}

function changed(cases: HeldCases, kase: Case): HeldCases {
  return isHeld(kase) ? joined(cases, kase) : left(cases, kase.id);
}

function joined(cases: HeldCases, { id, token }: Case): HeldCases {
  if (token === undefined || cases.held.length >= MOST_HELD) return cases;
  const { name, createdAt } = token;
  const owner = token.owner?.name ?? token.owner?.id;
  const number = cases.last + 1;
  const one = { number, caseId: id, name, ...(owner && { owner }), ...(createdAt && { createdAt }) };
  return { ...cases, last: number, held: [...cases.held, one] };
}

function left(cases: HeldCases, caseId: string): HeldCases {
  return { ...cases, decided: cases.decided + 1, held: cases.held.filter((one) => one.caseId !== caseId) };
}
