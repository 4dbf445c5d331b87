import { type Logger, LogLevel } from '@slack/bolt';

const nothing = () => undefined;

/**
 * Says nothing. Slack's own libraries would write to the log beside ours: what Slack answers, and the words of whatever was
 * thrown. What went wrong is told by a fault, in our own line.
 */
export const SILENT_LOGGER: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  setName: nothing,
  getLevel: () => LogLevel.ERROR,
};
