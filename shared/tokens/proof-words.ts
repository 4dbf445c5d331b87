import type { AnswerFact, FreshRead, ProviderAnswer, Receipt } from '#shared/core/vocabulary.ts';

/** What proves a change, in words: the provider's answer, and what a fresh read showed behind it. */
export function proofWords({ answer, read }: Pick<Receipt, 'answer' | 'read'>): string {
  return answer === undefined ? readWords(read) : `${answerWords(answer)}; then ${readWords(read)}`;
}

/** A provider's answer in words: "HTTP 200, and it says inactive". What is quoted of it is foreign, and escaped by the caller. */
export function answerWords({ status, fact, quoted }: ProviderAnswer): string {
  const words = fact === undefined ? undefined : WORDS[fact];
  if (status === undefined) return words ?? 'no answer';
  if (fact !== undefined && IS_CAUSE.has(fact)) return `${WORDS[fact]} (HTTP ${status})`;
  return [`HTTP ${status}`, words, quoted].filter((part) => part !== undefined).join(', ');
}

/** Said before the status, which is only the sign of it. */
const IS_CAUSE: ReadonlySet<AnswerFact> = new Set(['no_revocation', 'no_switch', 'delete_only']);

/** A new fact does not compile until it has words. */
const WORDS: Readonly<Record<AnswerFact, string>> = {
  active: 'and it says active',
  inactive: 'and it says inactive',
  revoked: 'and it says revoked',
  stopped: 'and it says that no new tokens can be made',
  so_already: 'and it is so already',
  own_attempt: 'after our own attempt',
  lost: 'its answer was lost, and a fresh read agrees',
  read_agrees: 'and a fresh read agrees',
  unproved: 'and no fresh read agrees',
  waits: 'and it waits for somebody there',
  no_revocation: 'this server knows no revocation',
  no_switch: 'this server knows no such switch',
  delete_only: 'such a key can only be deleted',
};

/** What a fresh read has shown, in words. */
export function readWords(read: FreshRead): string {
  if (read === 'absent') return 'a fresh read did not find it';
  return read === 'partial' ? 'no fresh read could see everything' : `a fresh read says ${read}`;
}
