import { escape } from '../blocks/text.ts';
import type { Answer } from './answer.ts';
import { lapsed } from './lapsed.ts';
import { onCommand } from './on-command.ts';
import type { Press } from './press.ts';
import type { SlackContext } from './slack-context.ts';

/** Runs the line that a suggestion's button carries, as whoever presses it: as if they had typed it. */
export async function onRun(slack: SlackContext, { value }: Press): Promise<readonly Answer[]> {
  const line = /^\/pat (.+)$/s.exec(value ?? '')?.[1];
  if (line === undefined) return [lapsed('list')];
  // As Slack would have sent it, had it been typed.
  return onCommand(slack, escape(line));
}
