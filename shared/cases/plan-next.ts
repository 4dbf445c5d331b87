import type { Case } from '#shared/store/store.ts';
import type { SearchAgain } from './search-again.ts';
import type { Wake } from './wake.ts';

/**
 * Makes what sees to it, before a case is shown, that all its card promises is planned: who is called to it, and when its token is
 * searched for or killed again. Gives the case as it was written last, where it was.
 */
export function createPlanNext({
  wake,
  searchAgain,
}: {
  readonly wake: Pick<Wake, 'plan'>;
  readonly searchAgain: Pick<SearchAgain, 'keep'>;
}): (kase: Case) => Promise<Case | undefined> {
  return async (kase) => {
    const woken = await wake.plan(kase);
    return (await searchAgain.keep(woken ?? kase)) ?? woken;
  };
}
