import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkBlocks } from '#infra/sandbox/slack/block-check/check-blocks.ts';
import { chooseModal } from '#shared/slack/blocks/choose-modal.ts';
import { token } from '#test/support/arbitraries/token.ts';

const now = new Date('2026-11-22T14:00:00.000Z');

it('is a window that Slack takes, whatever the tokens are called and however many there are', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(token, { maxLength: 130, size: 'max', selector: ({ profile, id }) => `${profile}:${id}` }),
      fc.integer({ min: 1, max: 1000 }),
      (tokens, most) => {
        const view = chooseModal(tokens, { now, most, channel: 'C0GENERAL01' });
        expect(checkBlocks(view)).toEqual([]);
        const offered = JSON.stringify(view).split('"tokens"').length > 1;
        expect(offered || tokens.every(({ own, profile, id }) => own || `${profile}:${id}`.length > 122)).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});
