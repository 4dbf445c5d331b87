import type { types } from '@slack/bolt';
import { button, sure } from './bricks.ts';
import { ACTION } from './press.ts';
import { clip, visible } from './text.ts';

const CHANGES = /^\/pat (?:deactivate|activate|delete|undo)\b/;

/**
 * A button that runs exactly the line that is suggested, as if the person had typed it: the same rights, questions and
 * approvals. What would change a token is asked once more. `name` tells several of one row apart.
 */
export function runButton(line: string | undefined, name = ''): types.Button | undefined {
  if (line === undefined) return undefined;
  const shown = clip(visible(line).replaceAll('`', "'"), 60);
  const confirm = CHANGES.test(line) ? { confirm: sure('Run this?', line, 'Run it') } : {};
  return button({ text: shown, action: `${ACTION.run}${name === '' ? '' : `:${name}`}`, value: line, ...confirm });
}
