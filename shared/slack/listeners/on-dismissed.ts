import * as z from 'zod';
import { pressCase } from '#shared/cases/press-case.ts';
import { REASON_BLOCK } from '../skeleton-modal.ts';
import type { Answer } from './answer.ts';
import { contextOf, type SlackContext } from './slack-context.ts';
import { type Submitted, typed } from './submitted.ts';

const metadataSchema = z.object({ case: z.string() });

/** Closes a case as not ours with the typed reason. */
export async function onDismissed(slack: SlackContext, submitted: Submitted): Promise<readonly Answer[]> {
  const { case: id } = metadataSchema.parse(JSON.parse(submitted.metadata));
  const reason = typed(submitted, REASON_BLOCK) ?? '';
  const context = await contextOf(slack, true);
  const outcome = await pressCase(context, slack.sendLeaks, { case: id, act: 'dismiss', reason });
  return [{ outcome, to: outcome.kind === 'denied' ? 'me' : 'card', caseId: id }];
}
