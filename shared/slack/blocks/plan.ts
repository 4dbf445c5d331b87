import type { types } from '@slack/bolt';
import { defined } from '#shared/core/defined.ts';
import { LIMITS } from './limits.ts';
import { plain } from './text.ts';

/** One line of a plan. */
export interface Task {
  readonly id: string;
  readonly title: string;
  readonly status: 'pending' | 'in_progress' | 'complete' | 'error';
  /** What came of it, in words of ours. */
  readonly output?: string;
}

/** Many things that are done one after the other, a line each; the caller passes no more than `LIMITS.planTasks`. */
export function plan(title: string, tasks: readonly Task[]): types.PlanBlock {
  return {
    type: 'plan',
    title: plain(title, LIMITS.header),
    tasks: tasks.slice(0, LIMITS.planTasks).map((task) => ({
      type: 'task_card' as const,
      task_id: task.id,
      title: plain(task.title, LIMITS.taskTitle),
      status: task.status,
      ...defined({ output: task.output === undefined ? undefined : richWords(task.output) }),
    })),
  };
}

function richWords(text: string): types.RichTextBlock {
  const words = { type: 'text' as const, text: plain(text, LIMITS.header) };
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [words] }] };
}
