import type { Token } from '#shared/core/vocabulary.ts';
import { count } from './text.ts';
import { ageWords, listed, type Naming, ownerWords } from './token.ts';

/** So many are told at once; the others the next time. */
export const PROTECTED_SHOWN = 20;

/** Tells of tokens that the policy protects since the last report, and whose they are: whoever mints a token names it. */
export function protectedLines(tokens: readonly Token[], naming: Naming): readonly string[] {
  if (tokens.length === 0) return [];
  const { now, discreet } = naming;
  const shown = tokens
    .slice(0, PROTECTED_SHOWN)
    .map(
      (token) => `• ${listed(token, naming)} · owner ${ownerWords(token, naming)} · ${ageWords(token, now, discreet)}`,
    );
  const rest = tokens.length - shown.length;
  return [
    `*${count(tokens.length, 'token')} newly protected by the policy.* Alerts never revoke them. Is each meant to be?`,
    ...shown,
    ...(rest > 0 ? [`And ${rest} more.`] : []),
  ];
}
