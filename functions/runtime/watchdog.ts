import { Worker } from 'node:worker_threads';
import type { SQSRecord } from 'aws-lambda';
import type { Log } from '#shared/telemetry/log.ts';
import type { Notes } from '#shared/store/store.ts';
import { type Beat, heldNote, type WatchdogData } from './watchdog-data.ts';

/** Ends work that holds the event loop, of which nothing in the loop itself could tell. */
export interface Watchdog {
  /** How often a record's job has held the loop while it ran alone; 0 when it was among others, `undefined` when never. */
  heldBefore(record: SQSRecord): Promise<number | undefined>;
  /** Does the work of a record under guard. */
  guard<T>(record: SQSRecord, heldBefore: number | undefined, work: () => Promise<T>): Promise<T>;
}

interface WatchdogDeps {
  readonly notes: Notes;
  readonly data: Omit<WatchdogData, 'heartbeat' | 'beatMs'>;
  readonly log: Log;
}

const BEAT_MS = 500;

/**
 * Starts a thread beside the loop: when the loop is silent for 5 s while jobs run, it notes that about their records, gives
 * them back to the queue and kills the process. Without a thread (it did not start, say) everything else goes on.
 */
export function createWatchdog({ notes, data, log }: WatchdogDeps): Watchdog {
  const heartbeat = new Int32Array(new SharedArrayBuffer(4));
  const workerData: WatchdogData = { ...data, heartbeat, beatMs: BEAT_MS };
  const thread = new Worker(new URL('watchdog.mjs', import.meta.url), { workerData });
  thread.unref();
  thread.on('error', () => log('error', { event: 'watchdog_failed' }));
  setInterval(() => Atomics.add(heartbeat, 0, 1), BEAT_MS).unref();
  const tell = (beat: Beat): void => thread.postMessage(beat);
  return {
    heldBefore: ({ messageId }) => notes.get<number>(heldNote(messageId)),
    guard: async ({ messageId, receiptHandle, attributes }, heldBefore, work) => {
      const { ApproximateReceiveCount } = attributes;
      tell({ begins: { messageId, receiptHandle, attributes: { ApproximateReceiveCount } }, heldBefore });
      try {
        return await work();
      } finally {
        tell({ ends: messageId });
      }
    },
  };
}
