import type { VNode } from 'preact';
import { RichText } from './rich-text.tsx';
import type { Block } from './page-state.ts';

const SIGNS: Readonly<Record<string, string>> = {
  pending: '○ not done',
  in_progress: '◔ at work',
  complete: '✓ done',
  error: '✗ failed',
};

/** Shows a plan: a title and one line for each task. */
export function PlanView({ block }: { readonly block: Block }): VNode {
  const tasks = Array.isArray(block['tasks']) ? (block['tasks'] as Block[]) : [];
  return (
    <div class="block-container">
      <div class="head">{String(block['title'] ?? '')}</div>
      <div class="tasks">
        {tasks.map((task, index) => (
          <TaskView key={String(task['task_id'] ?? index)} task={task} />
        ))}
      </div>
    </div>
  );
}

/** Shows one task: its state as a sign and a word, its title, and what is told of it. */
export function TaskView({ task }: { readonly task: Block }): VNode {
  const status = String(task['status']);
  return (
    <div class={`task ${status}`}>
      <span class="sign">{SIGNS[status] ?? status}</span>
      <span class="grow">
        <span>{String(task['title'] ?? '')}</span>
        {['details', 'output'].map((part) =>
          task[part] === undefined ? null : (
            <span key={part} class="more">
              <RichText block={task[part] as Block} />
            </span>
          ),
        )}
      </span>
    </div>
  );
}
