import type { Actor } from '#shared/core/vocabulary.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import type { Target } from '../reply.ts';
import type { CommandJob } from '#functions/job.ts';

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
  readonly actor: Actor;
  readonly place: RequestPlace;
  /** True when the queue will not deliver it again. */
  readonly isLast: boolean;
}

/**
 * One answer. `channel`: a new message; `me`: only for the person; `here`: the pressed message is replaced; `security`: a
 * new message in the security channel.
 */
export interface Said {
  readonly outcome: Outcome;
  readonly to: 'channel' | 'me' | 'here' | 'security';
  readonly reason?: string;
  readonly approvedBy?: readonly Actor[];
  /** Who asked, where that is not the person who pressed. */
  readonly actor?: Actor;
  /** A message known from elsewhere (a modal's origin), to be replaced instead. */
  readonly at?: { readonly channel: string; readonly ts: string };
}

/** Chooses where the answer to a typed command belongs: refusals and help are nobody else's business. */
export function placeOf(outcome: Outcome): Said['to'] {
  switch (outcome.kind) {
    case 'denied':
    case 'help':
    case 'whoami':
    case 'leak_received':
    case 'misunderstood':
      return 'me';
    case 'listed':
      return outcome.private ? 'me' : 'channel';
    default:
      return 'channel';
  }
}
