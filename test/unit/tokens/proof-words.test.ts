import { describe, expect, it } from 'vitest';
import type { AnswerFact, FreshRead, ProviderAnswer } from '#shared/core/vocabulary.ts';
import { answerWords, proofWords, readWords } from '#shared/tokens/proof-words.ts';

describe('the words of a proof', () => {
  it.each<[ProviderAnswer, string]>([
    [{ status: 204 }, 'HTTP 204'],
    [{ status: 200, fact: 'inactive' }, 'HTTP 200, and it says inactive'],
    [{ status: 409, fact: 'so_already' }, 'HTTP 409, and it is so already'],
    [{ status: 404, fact: 'own_attempt' }, 'HTTP 404, after our own attempt'],
    [{ status: 202, fact: 'waits' }, 'HTTP 202, and it waits for somebody there'],
    [{ status: 404, fact: 'no_revocation' }, 'this server knows no revocation (HTTP 404)'],
    [{ fact: 'delete_only' }, 'such a key can only be deleted'],
    [{ fact: 'lost' }, 'its answer was lost, and a fresh read agrees'],
    [{}, 'no answer'],
  ])('tell an answer %j as "%s"', (answer, words) => {
    expect(answerWords(answer)).toBe(words);
  });

  it('call nothing gone that a read could not see whole', () => {
    const reads: readonly FreshRead[] = ['active', 'inactive', 'expired', 'absent', 'partial'];
    const gone = reads.filter((read) => /did not find/.test(readWords(read)));
    expect(gone).toEqual(['absent']);
    expect(readWords('partial')).toBe('no fresh read could see everything');
  });

  it('cite the answer first and the read behind it', () => {
    expect(proofWords({ answer: { status: 200 }, read: 'absent' })).toBe('HTTP 200; then a fresh read did not find it');
    expect(proofWords({ read: 'inactive' })).toBe('a fresh read says inactive');
  });

  it('never say that something is dead because a server cannot do it', () => {
    const cannot: readonly AnswerFact[] = ['no_revocation', 'no_switch', 'delete_only', 'waits'];
    for (const fact of cannot) expect(answerWords({ status: 404, fact })).not.toMatch(/agree|inactive|deactivated/);
  });
});
