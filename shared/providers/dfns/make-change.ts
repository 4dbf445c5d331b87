import { defined } from '#shared/core/defined.ts';
import { chooseDelay } from '#shared/core/http.ts';
import { isFault } from '#shared/core/fault.ts';
import type { AnswerFact, ProviderAnswer } from '#shared/core/vocabulary.ts';
import { readLost } from '../kit/read-lost.ts';
import { refusalOf } from '../kit/refusal-of.ts';
import type { Effect, ProviderDeps } from '../provider.ts';
import type { UserActionRequest } from './sign-challenge.ts';
import type { Challenge } from './user-actions.ts';
import type { Wire } from './wire.ts';

export interface DfnsChange {
  readonly request: UserActionRequest;
  /** Names it in faults. */
  readonly what: string;
  /** What an accepting reply says; without anything, its status has to do. */
  readonly says: (json: unknown) => AnswerFact | undefined;
  /** True when a fresh read shows the state that is asked for. */
  readonly isReached: () => Promise<boolean>;
  /** True where "unknown" after an attempt of our own means that the attempt worked. */
  readonly isGone?: boolean;
  /** The challenge of its first sequence, where it was asked for ahead. */
  readonly ahead?: Challenge | undefined;
}

/** Each sequence of three calls has its own challenge and user action; a spent one is never sent again. */
const SEQUENCES = 2;

/**
 * Makes one signed change. After a lost answer a fresh read decides, and no refusal of what follows: where the change did not
 * happen, the whole sequence is done anew once. Throws the provider's faults; 202 is `pending`, 404 `not_found`.
 */
export async function makeChange(wire: Wire, deps: ProviderDeps, change: DfnsChange): Promise<Effect> {
  const tried = { mayHaveActed: false };
  try {
    return await tryChange(wire, deps, { change, tried });
  } catch (error) {
    if (!tried.mayHaveActed || !isFault(error) || error.isRetryable) throw error;
    if (await readLost(change.isReached, `${deps.profile}: ${change.what}`)) return done({ fact: 'lost' });
    throw error;
  }
}

async function tryChange(
  wire: Wire,
  deps: ProviderDeps,
  { change, tried }: { readonly change: DfnsChange; readonly tried: { mayHaveActed: boolean } },
): Promise<Effect> {
  for (let sequences = 1; ; sequences += 1) {
    const sent = await wire.send(change.request, change.what, sequences === 1 ? change.ahead : undefined);
    if (sent.kind === 'answered') {
      const { reply } = sent;
      const { status } = reply;
      if (status === 202) return { kind: 'pending', answer: { status, fact: 'waits' } };
      if (status < 300) return done({ status, ...defined({ fact: change.says(reply.json) }) });
      if (status === 404 && reply.body !== 'other')
        return tried.mayHaveActed && change.isGone ? done({ status, fact: 'own_attempt' }) : { kind: 'not_found' };
      // "Already so" has no documented status of its own.
      if ((status === 400 || status === 409) && (await change.isReached())) {
        return done({ status, fact: 'so_already' });
      }
      throw refusalOf(reply, `${deps.profile}: ${change.what}`);
    }
    tried.mayHaveActed ||= sent.mayHaveActed;
    if (sent.mayHaveActed && (await change.isReached())) return done({ fact: 'lost' });
    const delay = chooseDelay(sent.fault, sequences, deps);
    if (sequences >= SEQUENCES || delay === undefined) throw sent.fault;
    await deps.sleep(delay);
  }
}

function done(answer: ProviderAnswer): Effect {
  return { kind: 'done', answer };
}
