import type { Refusal } from '#shared/store/store.ts';

/** Why Patrol did not do what was asked, as the end of a sentence. A protection is told in the policy's own words. */
export function refusalWords(refusal: Refusal): string {
  switch (refusal.why) {
    case 'protected':
      return refusal.reason;
    case 'own':
      return `it is the token that Patrol itself works with in ${refusal.profile}`;
    case 'no_right':
      return 'whoever had asked had no right to it any more';
    case 'overtaken':
      return 'the opposite had been asked for meanwhile';
    case 'overruled':
      return 'it had been decided otherwise meanwhile';
    case 'leaked':
      return 'it has leaked, and that was not named when this was asked for';
    case 'called_off':
      return 'it had been given up meanwhile';
    case 'brought_back':
      return 'a person had brought it back less than a minute before, and no report undoes that by itself';
  }
}
