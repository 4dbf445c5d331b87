import type { Receipt } from '#shared/core/vocabulary.ts';
import { proofWords } from '#shared/tokens/proof-words.ts';
import { timeExactly, whenExactly } from './time.ts';
import { stopped } from './words.ts';

/** Proof in times to the second: "Proof: requested 14:02:07, acted 14:02:11, confirmed 22 Nov 2026 at 14:02:12." */
export function receiptWords(receipt: Receipt): string {
  const { requestedAt, actedAt, confirmedAt } = receipt;
  return `Proof: requested ${timeExactly(requestedAt)}, acted ${timeExactly(actedAt)}, confirmed ${whenExactly(confirmedAt)}. The provider said: ${stopped(proofWords(receipt))}`;
}
