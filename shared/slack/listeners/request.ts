import type { CommandJob } from '#shared/jobs/job.ts';
import type { Actor } from '#shared/core/vocabulary.ts';
import type { Delivery } from '#shared/tokens/delivery.ts';
import type { Target } from '../reply.ts';

/** Where a request came from and may be answered. */
export interface RequestPlace {
  /** Absent in App Home and in modals. */
  readonly channel?: string;
  readonly userId: string;
  readonly responseUrl?: string;
  /** The message that was pressed. */
  readonly pressed?: Target;
}

/** One delivery of something a person did in Slack. */
export interface Request {
  readonly job: Omit<CommandJob, 'payload'>;
  readonly payload: CommandJob['payload'];
  readonly actor: Actor;
  readonly place: RequestPlace;
  readonly delivery: Delivery;
  /** The window that the edge opened for it; absent where it wants none, and where Slack refused. */
  readonly viewId?: string;
}
