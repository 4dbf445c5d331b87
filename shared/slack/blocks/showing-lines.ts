import type { Case } from '#shared/store/store.ts';
import { code, oneOf } from './text.ts';
import { whenExactly } from './time.ts';

/** When Patrol itself used the leaked secret, for whoever reads the issuer's log and must tell it from a thief. */
export function showingLines({ showings = [] }: Pick<Case, 'showings'>): string[] {
  return showings.flatMap(({ at, hosts }) => {
    const named = (answered: boolean) => hosts.filter((one) => one.answered === answered).map(({ host }) => code(host));
    const [shown, tried] = [named(true), named(false)];
    return [
      ...(shown.length > 0
        ? [
            `Patrol showed the secret to ${oneOf(shown, 'and')} at ${whenExactly(at)}, once: a use of it there and then is Patrol's.`,
          ]
        : []),
      ...(tried.length > 0
        ? [
            `Patrol tried to show the secret to ${oneOf(tried, 'and')} at ${whenExactly(at)} and had no answer: a use of it there and then may be Patrol's.`,
          ]
        : []),
    ];
  });
}
