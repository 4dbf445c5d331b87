import type { World } from './world.ts';

export type ProviderState = 'active' | 'inactive' | 'deleted';

/** A token as its provider keeps it. */
export interface SimToken {
  readonly provider: 'dfns' | 'langsmith';
  /** The profiles through which it is seen. */
  readonly profiles: readonly string[];
  readonly id: string;
  readonly name: string;
  /** Changes when it is rotated, which only Patrol's own are. */
  secret: string;
  readonly owner: string;
  readonly kind: 'pat' | 'service-key';
  readonly createdAt: string;
  /** Patrol's own. */
  readonly own: boolean;
  state: ProviderState;
  /** A change that is accepted already, and will be so at that time. */
  coming?: { readonly state: ProviderState; readonly at: number } | undefined;
}

/** Something that changed a token's state. */
export interface StateChange {
  readonly at: number;
  readonly token: SimToken;
  readonly from: ProviderState;
  readonly to: ProviderState;
  /** The job that caused it; none when it came from elsewhere. */
  readonly job: string | undefined;
  /** Told by a name when Patrol had nothing to do with it. */
  readonly elsewhere?: boolean;
  /** It was accepted long before, and had been told as not confirmed. */
  readonly isLate?: boolean;
}

/** All tokens at all providers, and everything that ever changed them. */
export interface Ledger {
  readonly tokens: readonly SimToken[];
  readonly changes: readonly StateChange[];
  /** What the provider says now. */
  stateOf(token: SimToken): ProviderState;
  change(token: SimToken, to: ProviderState, how?: { readonly elsewhere?: boolean }): void;
  /** Accepts a change that takes some seconds to be so. */
  accept(token: SimToken, to: ProviderState, afterMs: number): void;
}

/** Opens the ledger of a history. */
export function createLedger(world: World, tokens: readonly SimToken[]): Ledger {
  const changes: StateChange[] = [];
  const enter = (
    token: SimToken,
    to: ProviderState,
    more: Pick<StateChange, 'at' | 'job' | 'elsewhere' | 'isLate'>,
  ): void => {
    if (token.state === to) return;
    changes.push({ token, from: token.state, to, ...more });
    token.state = to;
  };
  const settle = (token: SimToken): void => {
    if (token.coming === undefined || token.coming.at > world.now()) return;
    const { state, at } = token.coming;
    token.coming = undefined;
    enter(token, state, { at, job: jobs.get(token), isLate: true });
  };
  const jobs = new Map<SimToken, string | undefined>();
  return {
    tokens,
    changes,
    stateOf: (token) => {
      settle(token);
      return token.state;
    },
    change: (token, to, { elsewhere = false } = {}) => {
      settle(token);
      // What is deleted stays so, whoever asks.
      if (token.state === 'deleted') return;
      token.coming = undefined;
      enter(token, to, {
        at: world.now(),
        job: elsewhere ? undefined : world.job(),
        ...(elsewhere ? { elsewhere } : {}),
      });
    },
    accept: (token, to, afterMs) => {
      settle(token);
      world.occur('a provider takes a change that is so only later');
      jobs.set(token, world.job());
      token.coming = { state: to, at: world.now() + afterMs };
    },
  };
}
