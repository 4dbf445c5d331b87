import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toQueueText } from '#shared/jobs/to-queue-text.ts';
import { anyCharacter } from '#test/support/arbitraries/any-character.ts';

describe('the text of a queue message', () => {
  it('reads back as the job it was, and holds only what SQS takes, whatever somebody typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (text) => {
        const written = toQueueText(JSON.stringify({ text }));
        expect(JSON.parse(written)).toEqual({ text });
        expect(written).not.toMatch(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD]/);
      }),
      { examples: [['🙂'], ['\uD83D'], ['\uFFFF\uFFFE'], ['\u0000\u000B'], ['jürgen']] },
    );
  });
});
