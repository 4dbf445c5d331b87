import type { ApprovalDueJob } from '#shared/jobs/job.ts';
import { sendPlanned } from '#shared/jobs/send-planned.ts';
import type { Services } from './services.ts';

/** Plans what is to be done about a request for others at a time: to remind of it, or to end it. */
export function planDue(
  { sendLater, now }: Pick<Services, 'sendLater' | 'now'>,
  approvalId: string,
  { step, at }: { readonly step: ApprovalDueJob['step']; readonly at: number },
): Promise<void> {
  const deliveryKey = `${step}:${approvalId}`;
  const job = { v: 1, kind: 'approval-due', deliveryKey, approvalId, step, at: new Date(at).toISOString() } as const;
  return sendPlanned(job, { send: sendLater, now });
}
