import type { App, Receiver } from '@slack/bolt';
import type { CommandJob } from '#shared/jobs/job.ts';
import { Fault } from '#shared/core/fault.ts';
import type { Delivery } from '#shared/tokens/delivery.ts';

export interface QueueReceiver extends Receiver {
  /**
   * Gives a job to the app's listeners. Resolves when they are done; `handled` is false when no listener took it.
   * Rejects with the listener's own error. `context.patrol` holds the job without its payload, `context.delivery` the delivery:
   * of two of one job at the same time each has its own.
   */
  process(job: CommandJob, delivery?: Delivery): Promise<{ readonly handled: boolean }>;
}

/**
 * Lets a Bolt app be fed from a queue. Nothing is verified here: the edge did that, only the edge may write to the queue,
 * and a job that waited would have left Slack's five minutes.
 */
export function createQueueReceiver(): QueueReceiver {
  let app: App | undefined;
  return {
    init: (ours) => {
      app = ours;
    },
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    process: async ({ payload, ...job }, delivery) => {
      if (app === undefined) throw new Fault('config_invalid', 'no Bolt app behind the queue');
      let handled = false;
      await app.processEvent({
        body: payload,
        customProperties: { patrol: job, delivery },
        ack: async (answer?: unknown) => {
          handled = true;
          // Slack has had its answer from the edge: one given now would be lost without a word.
          if (answer !== undefined) throw new Fault('config_invalid', 'a listener answers through ack');
        },
      });
      return { handled };
    },
  };
}
