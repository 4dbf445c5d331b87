import pLimit from 'p-limit';
import { allEnded } from '#shared/core/all-ended.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import type { Services } from '#shared/tokens/services.ts';
import { caseId, tokenKey } from '#shared/store/case-id.ts';
import { aliveAgain, isAliveAgain } from './alive-again.ts';
import { changeCase } from './keep-case.ts';
import { lookedAfter } from './looked-after.ts';
import { proveReturn } from './prove-return.ts';

const AT_ONCE = 8;

/** A token that works although its case says that it is dead. */
export interface Revived {
  readonly caseId: string;
  readonly token: Token;
}

/** What came of comparing tokens with their cases. */
export interface FoundAlive {
  readonly revived: readonly Revived[];
  /** Cases of tokens that were brought back through Patrol, which could not be proved until now, or of which nobody has told. */
  readonly returned: readonly string[];
}

/**
 * Compares tokens as they were just read with the cases about them, and gives those that work although a kill was confirmed.
 * Their cases say so from then on, until the token is dead again or somebody closes them. What Patrol itself brought back is
 * told as that.
 */
export async function findRevived(services: Services, tokens: readonly Token[]): Promise<FoundAlive> {
  const { store, now } = services;
  const limit = pLimit(AT_ONCE);
  const look = async (token: Token): Promise<FoundAlive> => {
    const id = caseId(tokenKey(token));
    const known = await store.cases.get(id);
    if (known === undefined) return { revived: [], returned: [] };
    if (known.state === 'dead' && (await proveReturn(services, known, token))) return { revived: [], returned: [id] };
    // Whoever has its card told plans a look after that: an attempt that found it has died.
    const isUntold = known.state === 'restored' && known.look?.after !== lookedAfter(known);
    if (isUntold) return { revived: [], returned: [id] };
    // A case that is believed dead is read once more as it is changed: it may be killed or undone this moment.
    const kase = known.state === 'dead' ? await changeCase(store, { id, now: now() }, aliveAgain) : known;
    return { revived: isAliveAgain(kase) ? [{ caseId: id, token }] : [], returned: [] };
  };
  const active = tokens.filter(({ state }) => state === 'active');
  const found = await allEnded(active.map((token) => limit(() => look(token))));
  return {
    revived: found.flatMap(({ revived }) => revived),
    returned: found.flatMap(({ returned }) => returned),
  };
}
