import { isFault } from '#shared/core/fault.ts';

/** Takes it that Slack refuses a message for good: it, or its reader, is gone, or nobody may edit it any more. Throws all else on. */
export function onlyIfRefused(error: unknown): undefined {
  if (!isFault(error, 'slack_rejected')) throw error;
}
