import * as z from 'zod';
import { REASON_BLOCK } from '../skeleton-modal.ts';
import type { Answer } from './answer.ts';
import { onApproval } from './on-approval.ts';
import type { SlackContext } from './slack-context.ts';
import { type Submitted, typed } from './submitted.ts';

const glassSchema = z.object({ approval: z.string() });

/** Breaks the glass with the typed reason. */
export async function onGlassBroken(slack: SlackContext, submitted: Submitted): Promise<readonly Answer[]> {
  const { approval } = glassSchema.parse(JSON.parse(submitted.metadata));
  const reason = typed(submitted, REASON_BLOCK) ?? '';
  return onApproval(slack, { approvalId: approval, answer: 'break-glass', reason });
}
