import type { types } from '@slack/bolt';
import { mrkdwn } from './bricks.ts';
import { LIMITS } from './limits.ts';

/** A warning in a window, of escaped words; Slack takes it in no message. */
export function alert(text: string, level: 'warning' | 'error'): types.AlertBlock {
  return { type: 'alert', level, text: mrkdwn(text, LIMITS.alert) };
}
