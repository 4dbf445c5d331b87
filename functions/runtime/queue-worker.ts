import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { allEnded } from '#shared/core/all-ended.ts';
import { attemptOf, createHandleRecord, type Delivered, type HandleRecordDeps, type Traced } from './handle-record.ts';
import type { Watchdog } from './watchdog.ts';

interface QueueWorkerDeps<J> extends HandleRecordDeps<J> {
  /** Ends work that holds the event loop; absent where nothing could. */
  readonly watchdog?: Watchdog;
}

/** How often a job may hold the loop while it runs alone: then its refusal is told, and after that nothing is tried at all. */
const MOST_HELD = 1;

/**
 * Handles a batch of queue records and reports those that the queue shall deliver again, each after a pause that doubles.
 * What our own functions have not signed is dropped with a log line: redelivering it would not mend it. A job of ours that
 * this release does not know is kept: another one does.
 */
export function createQueueWorker<J extends Traced>(deps: QueueWorkerDeps<J>) {
  const { log, watchdog } = deps;
  const one = createHandleRecord(deps);
  return async (event: SQSEvent, context?: Pick<Context, 'getRemainingTimeInMillis'>): Promise<SQSBatchResponse> => {
    const batch = await allEnded(
      event.Records.map(async (record) => ({ record, heldBefore: await heldBefore(record), context })),
    );
    const failed: string[] = [];
    const work = async (delivered: Delivered) => {
      if (!(await guarded(delivered))) failed.push(delivered.record.messageId);
    };
    await allEnded(batch.filter((each) => each.heldBefore === undefined).map(work));
    // One of a batch has held the loop, and which is not known: each of them runs alone.
    for (const suspect of batch.filter((each) => each.heldBefore !== undefined)) await work(suspect);
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  };

  /** A first delivery costs no read; where the table cannot be read the job itself will say so. */
  async function heldBefore(record: SQSRecord): Promise<number | undefined> {
    if (watchdog === undefined || attemptOf(record) === 1) return undefined;
    return watchdog.heldBefore(record).catch(() => undefined);
  }

  async function guarded(delivered: Delivered): Promise<boolean> {
    const { record, heldBefore: times = 0 } = delivered;
    if (times > MOST_HELD) {
      const attempt = attemptOf(record);
      log('error', { event: 'job_dropped', attempt, fault: 'work_too_long', count: times });
      return true;
    }
    if (watchdog === undefined) return one(delivered);
    return watchdog.guard(record, delivered.heldBefore, () => one(delivered));
  }
}
