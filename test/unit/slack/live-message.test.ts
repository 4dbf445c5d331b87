import { expect, it } from 'vitest';
import { LATE_MS } from '#shared/core/late-ms.ts';
import { createLiveMessage } from '#shared/slack/listeners/live-message.ts';
import type { Request } from '#shared/slack/listeners/request.ts';
import type { Reply } from '#shared/slack/reply.ts';

it.each([0, 5_000, -5_000, -90_000])(
  'settles only when first words that were not answered cannot come any more, also where the clock is set by %i ms meanwhile',
  async (step) => {
    let time = 3_600_000;
    const live = createLiveMessage(
      {
        services: { now: () => new Date(time), sleep: async (milliseconds) => void (time += milliseconds) },
        reply: {} as Reply,
        say: async () => Promise.reject(new Error('no answer')),
        toMessage: () => ({ text: 'working', blocks: [] }),
      },
      { place: { userId: 'U1', channel: 'C1' } } as Request,
    );
    await live.show({ kind: 'version', version: '1' });
    time += step;
    const before = time;
    expect(await live.settle()).toBe(true);
    expect(time - before).toBe(LATE_MS);
  },
);
