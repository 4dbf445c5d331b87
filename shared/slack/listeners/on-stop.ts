import { stopRun } from '#shared/tokens/stop-run.ts';
import type { Answer } from './answer.ts';
import type { Press } from './press.ts';
import { contextOf, type SlackContext } from './slack-context.ts';

/** Stops a run over many tokens before its next one. The run's own message says so. */
export async function onStop(slack: SlackContext, { value = '' }: Press): Promise<readonly Answer[]> {
  const refusal = await stopRun(await contextOf(slack, true), value);
  return refusal === undefined ? [] : [{ outcome: refusal, to: 'me' }];
}
