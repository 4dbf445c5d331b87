import { isWithin } from '#shared/core/is-within.ts';
import type { ProviderDeps } from '../provider.ts';
import type { UserActionRequest } from './sign-challenge.ts';
import type { Challenge } from './user-actions.ts';

/** How long a challenge is used after it was asked for, milliseconds: Dfns does not document how long it lives. */
const STANDS_MS = 10_000;

/** Challenges that were asked for ahead, each for one request. */
export interface Prepared {
  /** Asks for one, unless there is one already. Never throws. */
  ask(request: UserActionRequest): void;
  /** Gives it, once; `undefined` where none was asked for lately, or where that failed. */
  take(request: UserActionRequest): Promise<Challenge | undefined>;
}

interface Asked {
  readonly at: number;
  readonly challenge: Promise<Challenge | undefined>;
}

/** Keeps what is asked for ahead through one credential, for seconds and for one use. */
export function createPrepared(
  { now }: Pick<ProviderDeps, 'now'>,
  open: (request: UserActionRequest) => Promise<Challenge>,
): Prepared {
  const asked = new Map<string, Asked>();
  const keyOf = ({ method, path }: UserActionRequest) => `${method} ${path}`;
  const stands = ({ at }: Asked) => isWithin(at, now(), STANDS_MS);
  return {
    ask: (request) => {
      for (const [key, one] of asked) if (!stands(one)) asked.delete(key);
      if (asked.has(keyOf(request))) return;
      const at = now().getTime();
      asked.set(keyOf(request), { at, challenge: open(request).catch(() => undefined) });
    },
    take: async (request) => {
      const one = asked.get(keyOf(request));
      asked.delete(keyOf(request));
      return one !== undefined && stands(one) ? one.challenge : undefined;
    },
  };
}
