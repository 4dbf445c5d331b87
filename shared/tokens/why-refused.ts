import type { Refusal } from '#shared/store/store.ts';

/** Of a change that was refused, only why: as a record keeps it. */
export function whyRefused(change: Refusal): Refusal {
  switch (change.why) {
    case 'protected':
      return { why: change.why, reason: change.reason };
    case 'own':
      return { why: change.why, profile: change.profile };
    case 'brought_back':
    case 'called_off':
      return { why: change.why, by: change.by };
    default:
      return { why: change.why };
  }
}
