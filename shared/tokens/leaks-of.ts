import { allEnded } from '#shared/core/all-ended.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import { caseId, tokenKey } from '#shared/store/case-id.ts';
import { mayBeStopped } from '#shared/store/may-be-stopped.ts';
import type { Case } from '#shared/store/store.ts';
import type { Services } from './services.ts';

/**
 * The leaks for which tokens were stopped, or may have been where they do not work: whoever found the secret can use it again when
 * they are brought back.
 */
export async function leaksOf({ store }: Services, tokens: readonly Token[]): Promise<readonly Case[]> {
  const cases = await allEnded(
    tokens.map(async (token) => {
      const kase = await store.cases.get(caseId(tokenKey(token)));
      return kase !== undefined && isStoppedFor(kase, token) ? [kase] : [];
    }),
  );
  return cases.flat();
}

function isStoppedFor(kase: Case, token: Token): boolean {
  const isStopped = kase.state === 'dead' || (mayBeStopped(kase) && token.state !== 'active');
  return isStopped && kase.reports.some(({ test }) => test !== true);
}

/** Names a leak as it is told: one for which a token is stopped again, after it was brought back, is another one. */
export function leakName({ id, generation }: Case): string {
  return `${id}:${generation}`;
}
