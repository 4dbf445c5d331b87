import type { Receipt } from '#shared/core/vocabulary.ts';
import { proofWords } from '#shared/tokens/proof-words.ts';
import { utcDay, utcTime } from './time.ts';
import { stopped } from './words.ts';

/** Proof as it can be pasted into an incident report: "Proof: requested 14:02:07, acted 14:02:11, confirmed 14:02:12 UTC on 2026-11-22." */
export function receiptWords(receipt: Receipt): string {
  const { requestedAt, actedAt, confirmedAt } = receipt;
  return `Proof: requested ${utcTime(requestedAt)}, acted ${utcTime(actedAt)}, confirmed ${utcTime(confirmedAt)} UTC on ${utcDay(confirmedAt)}. The provider said: ${stopped(proofWords(receipt))}`;
}
