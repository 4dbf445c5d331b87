import pLimit from 'p-limit';
import { allEnded } from '#shared/core/all-ended.ts';
import { defined } from '#shared/core/defined.ts';
import type { Policy } from '#shared/policy/policy.ts';
import type { Case, CaseState, Write } from '#shared/store/store.ts';
import type { Services } from '#shared/tokens/services.ts';
import { changeCase } from './keep-case.ts';
import { isMerged } from '#shared/store/read-live-case.ts';
import { notingUnheard } from './noting-unheard.ts';
import { postingNote } from './posting-note.ts';

/** Says what was rolled up: posts the message, or edits it where there is one, and calls `begin` right before that. */
export type AnnounceRollUp = (rollUp: RollUp, begin: () => Promise<void>) => Promise<Case['message']>;

/** The one message about all cases of a time that got no card of their own, because more came than a channel takes. */
export interface RollUp {
  readonly id: string;
  /** ISO 8601: when its time began. */
  readonly since: string;
  /** Those that want somebody's look first come first. */
  readonly cases: readonly Case[];
  /** True where there are more than these. */
  readonly isCut: boolean;
  readonly message?: Case['message'];
  /** ISO 8601: since when an edit of it may still come of which nobody has heard the end. */
  readonly unheard?: string;
}

interface RollUpsDeps extends Pick<Services, 'store' | 'now' | 'sleep'> {
  readonly flood: Policy['alerts']['flood'];
  readonly announceRollUp: AnnounceRollUp;
}

/** Decides which new cases get a card of their own, and tells all others together. */
export interface RollUps {
  /**
   * True for a case with a card, and for one that may have one now; what it took of the allowance it keeps. What is given
   * along is written with that.
   */
  hasCard(kase: Case, along?: readonly Write[]): Promise<boolean>;
  /** Tells a case in the roll-up of this time, together with all others that come within some seconds. */
  tell(kase: Case): Promise<void>;
  /**
   * True where a roll-up, which whoever comes draws for all of its cases, has last told this one in another state, may be
   * overtaken by an edit that nobody has heard of, or was posted and nobody knows where.
   */
  isBehind(kase: Case): Promise<boolean>;
}

/** Where the message is, and the state in which it tells each case. */
interface Drawn extends NonNullable<Case['message']> {
  readonly told?: Readonly<Record<string, CaseState>>;
  /** ISO 8601: since when an edit may still come of which nobody has heard the end. It is drawn again after that. */
  readonly unheard?: string;
}

/** What is drawn together. A channel takes about a message a second, and an edit counts as one. */
const BEAT_MS = 5000;
/** After a beat's end: what was written before that is found by then, though the index lags behind. */
const LAG_MS = 3000;
/** As old as a job may be: a case that is told late was opened long before, too. */
const LOOK_BACK_MS = 15 * 86_400_000;
const BEAT_KEPT_SECONDS = 3600;
const MOST_CASES = 1000;
const AT_ONCE = 8;
const KEPT_SECONDS = 90 * 86_400;

/**
 * Whose cards come first: what is proved, or what a person reported; then what means a token of ours; then all others. Each
 * has an allowance of its own, so that no flood of strangers' findings holds up the card of a known token.
 */
const PLACES = { proved: 4, known: 1, unknown: 1 } as const;

function rankOf({ token, grade, reports }: Case): keyof typeof PLACES {
  if (reports.some(({ reporter }) => reporter !== undefined)) return 'proved';
  if (token === undefined) return 'unknown';
  return grade === 'proved' ? 'proved' : 'known';
}

/** The cases of a roll-up: those among the newest, and older ones that are named, as many as one message tells. */
async function casesOf(
  { cases }: Pick<Services['store'], 'cases'>,
  id: string,
  { listed, named }: { readonly listed: readonly Case[]; readonly named: readonly string[] },
): Promise<readonly Case[]> {
  const newest = listed.filter(({ rollUp }) => rollUp === id);
  const found = new Set(newest.map((kase) => kase.id));
  const older = [...new Set(named)].filter((one) => !found.has(one)).slice(0, MOST_CASES - newest.length);
  const limit = pLimit(AT_ONCE);
  const read = await allEnded(older.map((one) => limit(() => cases.get(one))));
  return [...newest, ...read.flatMap((kase) => (kase?.rollUp === id ? [kase] : []))];
}

/** Makes what draws the roll-up of a time, as its cases are then, for one of them. */
function createDraw(
  { store, now, announceRollUp }: Pick<RollUpsDeps, 'store' | 'now' | 'announceRollUp'>,
  windowMs: number,
): (id: string, forCase: string) => Promise<void> {
  return (id, forCase) =>
    store.hold(rollUpKey(id), async () => {
      const since = new Date(Number(id) * windowMs).toISOString();
      const from = new Date(Number(id) * windowMs - LOOK_BACK_MS).toISOString();
      const [listed, message] = await allEnded([
        store.cases.list({ since: from, limit: MOST_CASES }),
        store.notes.get<Drawn>(rollUpKey(id)),
      ]);
      // So many may have come since that the list holds none of those that the message tells.
      const named = [forCase, ...Object.keys(message?.told ?? {})];
      const found = await casesOf(store, id, { listed, named });
      const cases = found.toSorted((left, right) => urgency(left) - urgency(right));
      if (cases.length === 0) return;
      const isCut = listed.length === MOST_CASES;
      const known = message && { message: { channel: message.channel, ts: message.ts } };
      const rollUp = { id, since, cases, isCut, ...known, ...defined({ unheard: message?.unheard }) };
      const said = await notingUnheard(
        (begin) => announceRollUp(rollUp, begin),
        async () => {
          const unheard = now().toISOString();
          // What is posted is looked for by its name.
          if (message !== undefined) await store.notes.put(rollUpKey(id), { ...message, unheard }, KEPT_SECONDS);
        },
      );
      if (said === undefined) return;
      const told = Object.fromEntries(cases.map((kase) => [kase.id, kase.state]));
      await store.notes.put(rollUpKey(id), { ...said, told } satisfies Drawn, KEPT_SECONDS);
    });
}

/** Makes what rolls up. Who first comes within a beat draws for all of it. */
export function createRollUps({ store, now, sleep, flood, announceRollUp }: RollUpsDeps): RollUps {
  const { cards, minutes } = flood;
  const windowMs = minutes * 60_000;

  const draw = createDraw({ store, now, announceRollUp }, windowMs);
  return {
    hasCard: async (kase, along = []) => {
      if (kase.message !== undefined) return true;
      if (isMerged(kase)) return false;
      const rank = rankOf(kase);
      if (rank !== 'proved' && (kase.rollUp !== undefined || isOneOfMany(kase, cards))) return false;
      // Each place is free again when its time is over: no window of that length ever sees more.
      const places = Array.from({ length: cards * PLACES[rank] }, (_, place) => `card:${rank}:${place}`);
      return store.notes.claimOneOf(places, minutes * 60, { by: kase.id, along });
    },
    tell: async (kase) => {
      const time = now().getTime();
      const id = kase.rollUp ?? String(Math.floor(time / windowMs));
      if (kase.rollUp === undefined) {
        await changeCase(store, { id: kase.id, now: now(), seen: kase }, (current) => ({ ...current, rollUp: id }));
      }
      for (let beat = Math.floor(time / BEAT_MS); ; beat += 1) {
        const name = `${rollUpKey(id)}:${beat}`;
        // Whoever was first in this beat draws when it is over; a crash of theirs is drawn when their job comes back.
        if (await store.notes.claim(name, BEAT_KEPT_SECONDS, { by: kase.id })) {
          await sleep(Math.min(BEAT_MS, (beat + 1) * BEAT_MS - time));
          await store.notes.put(overNote(name), true, BEAT_KEPT_SECONDS);
          await sleep(LAG_MS);
          return draw(id, kase.id);
        }
        // By a clock ahead of ours it was over before this case was there to be drawn.
        if ((await store.notes.get<boolean>(overNote(name))) !== true) return;
      }
    },
    isBehind: async ({ id, state, rollUp }) => {
      if (rollUp === undefined) return false;
      const note = rollUpKey(rollUp);
      const [drawn, posting] = await allEnded([store.notes.get<Drawn>(note), store.notes.get(postingNote(note))]);
      // Who posted it has died, or never heard Slack's answer: it may stand there as its cases were.
      if (drawn === undefined) return posting !== undefined;
      const last = drawn.told?.[id];
      return drawn.unheard !== undefined || (last !== undefined && last !== state);
    },
  };
}

/** Names the note that whoever draws a beat waits for no more cases of it. */
function overNote(beat: string): string {
  return `${beat}:over`;
}

/** Names the message about a time's cases, and the note of where it is. */
export function rollUpKey(id: string): string {
  return `roll-up:${id}`;
}

/** True for one of more unmatched findings of one report than there are cards: they are told by one message from the start. */
function isOneOfMany({ token, candidates = [], reports }: Case, cards: number): boolean {
  return token === undefined && candidates.length === 0 && reports.every(({ among = 1 }) => among > cards);
}

/** Told first: what somebody must decide about a token of ours; then what could not be looked for, or matches nothing. */
const ORDER: readonly CaseState[] = [
  'not_revoked',
  'waiting',
  'acting',
  'asking',
  'unsearched',
  'received',
  'unmatched',
];

function urgency({ state, token }: Case): number {
  const place = ORDER.indexOf(state);
  return (place < 0 ? ORDER.length : place) + (token === undefined ? ORDER.length : 0);
}
