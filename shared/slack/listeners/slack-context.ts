import type { CommandJob, SendLeaks } from '#shared/jobs/job.ts';
import type { Attempt } from '#shared/tokens/attempt.ts';
import { authorise } from '#shared/tokens/authorise.ts';
import type { Context } from '#shared/tokens/context.ts';
import type { Services } from '#shared/tokens/services.ts';
import type { Request } from './request.ts';

/** Everything a listener has at hand while it works on one request. */
export interface SlackContext {
  readonly services: Services;
  readonly sendLeaks: SendLeaks;
  readonly request: Request;
  readonly attempt: Attempt;
  /** Delivers a job once more, beside its queue; throws the fault that ends it. False where nothing here knows it. */
  readonly again: (job: CommandJob) => Promise<boolean>;
}

/** Gives what the use cases need to serve whoever made this request; rights are looked up now. */
export async function contextOf({ services, request, attempt }: SlackContext, isChange: boolean): Promise<Context> {
  return {
    services,
    attempt,
    authority: await authorise(services, request.actor, isChange && attempt.journal),
  };
}
