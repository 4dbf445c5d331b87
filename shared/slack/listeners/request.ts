import type { Actor } from '#shared/core/vocabulary.ts';
import { authorise } from '#shared/tokens/authorise.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import type { Delivery, Desk, Run } from '#shared/tokens/run.ts';
import type { Services } from '#shared/tokens/services.ts';
import type { Target } from '../reply.ts';
import type { CommandJob, LeakJob } from '#functions/job.ts';

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
  readonly delivery: Delivery;
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
  /** Where a new message belongs when the press came from no channel (App Home, a modal). */
  readonly where?: string;
}

/** What keeps a case's card and its alerts equal to the case. */
export interface CaseActs {
  /** Brings the card up to date. */
  readonly show: (caseId: string) => Promise<void>;
  /** Answers the alerts that are owed an answer. */
  readonly answerBack: (caseId: string) => Promise<void>;
  /** Queues the job that looks for a case's token again. */
  readonly lookAgain: (job: LeakJob) => Promise<void>;
}

/** Everything a listener has at hand while it works on one request. */
export interface Scene {
  readonly services: Services;
  readonly acts: CaseActs;
  readonly request: Request;
  readonly run: Run;
}

/** The desk at which the use cases serve whoever made this request; rights are looked up now. */
export async function deskOf({ services, request, run }: Scene, isChange: boolean): Promise<Desk> {
  return {
    services,
    run,
    authority: await authorise(services, request.actor, isChange && run.journal),
  };
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
