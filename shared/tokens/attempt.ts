import { defined } from '#shared/core/defined.ts';
import type { Actor, ChangeOrder, Token } from '#shared/core/vocabulary.ts';
import type { Journal, Write } from '#shared/store/store.ts';
import type { TokenAhead } from './begun-change.ts';
import type { Change, Outcome } from './outcome.ts';

/** A token as it was read for this very delivery, before it was held. */
export interface EarlierRead {
  readonly token: Token;
  /** When that read was asked for, milliseconds since the epoch. */
  readonly askedAt: number;
}

/** One delivery of one job, as the use cases see it. */
export interface Attempt {
  /** Notes that outlive a crash. */
  readonly journal: Journal;
  /** When the request reached us, ISO 8601; the same on every replay. */
  readonly requestedAt: string;
  /** The request's own name, the same on every replay. */
  readonly request?: string;
  /** What was read when the one token was looked for; `changeToken` says when it is believed. */
  readonly read?: EarlierRead;
  /** The token, where it was taken before anybody knew whether it is changed. */
  readonly held?: TokenAhead | undefined;
  /** Reads a token after its change as `provider.get` does, by a read that others share who asked before it began. */
  readonly readBack?: (id: string, known: Token) => Promise<Token | undefined>;
  /** False where a change that its provider has taken, and that may still wait for an approval there, is not asked for again. */
  readonly asksAgain?: false;
  /**
   * Enters a change that was made where it belongs, if it can together with these writes: its line of the record, and the
   * token given back. Whatever it leaves of them is written after it.
   */
  readonly enter?: (change: Change, along: () => readonly Write[]) => Promise<void>;
  /** Gives what a replay has to know of how the order came about, to be written together with the first note of it. */
  readonly noting?: () => readonly Write[];
  /** Gives what counts its order among those of its person, to be written together with the first note of it. */
  readonly counted?: () => readonly Write[];
  /** Gives what is written together with the note that the change begins. */
  readonly beginning?: () => readonly Write[];
  /** Whoever has given the request up meanwhile: nothing more is begun, and what was begun is read and told. */
  readonly calledOffBy?: Actor;
  /** Milliseconds until the function is stopped; a long run ends itself before and goes on with the next delivery. */
  readonly timeLeftMs?: () => number;
  /** Shows how far a long run has come; paced by whoever shows it. Never throws. */
  readonly progress: (outcome: Outcome) => Promise<void>;
}

/** What tells an attempt's request from every other, as an order carries it. */
export function requestOf({ requestedAt, request }: Attempt): Pick<ChangeOrder, 'requestedAt' | 'request'> {
  return { requestedAt, ...defined({ request }) };
}

/** Gives an id that stays the same when the job is replayed. */
export async function stableId(attempt: Attempt, name: string, newId: () => string): Promise<string> {
  const known = attempt.journal.get<string>(name);
  if (known !== undefined) return known;
  const id = newId();
  await attempt.journal.put(name, id);
  return id;
}
