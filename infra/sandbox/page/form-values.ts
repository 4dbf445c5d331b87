import type { Values } from './element-view.tsx';
import type { Block } from './page-state.ts';

/** What an element is filled with at first, and what Slack calls that once it is sent. */
const INITIAL: Readonly<Record<string, string>> = {
  initial_value: 'value',
  initial_option: 'selected_option',
  initial_options: 'selected_options',
  initial_user: 'selected_user',
};

const inputsOf = (view: Block): Block[] => (view['blocks'] as Block[]).filter((block) => block['type'] === 'input');

/** The values of a form as Slack sends them: what was chosen, and what was filled in at first where nobody changed it. */
export function formValues(view: Block, chosen: Values): Values {
  const initial = inputsOf(view).flatMap((block) => {
    const element = block['element'] as Block;
    const first = Object.entries(INITIAL).flatMap(([from, to]) =>
      element[from] === undefined ? [] : [[to, element[from]] as const],
    );
    if (first.length === 0) return [];
    const value = { type: element['type'] as string, ...Object.fromEntries(first) };
    return [[String(block['block_id']), { [String(element['action_id'])]: value }] as const];
  });
  return { ...Object.fromEntries(initial), ...chosen };
}

/** What Slack says under each input that must not be empty and is: it holds such a form back itself. */
export function missingInputs(view: Block, values: Values): Record<string, string> {
  const required = inputsOf(view).filter((block) => block['optional'] !== true);
  return Object.fromEntries(
    required
      .map((block) => String(block['block_id']))
      .filter((blockId) => Object.values(values[blockId] ?? {}).every(isEmpty))
      .map((blockId) => [blockId, 'Please complete this required field.']),
  );
}

const isEmpty = (value: Block): boolean =>
  Object.entries(value).every(
    ([name, content]) =>
      name === 'type' || content === '' || content === null || (Array.isArray(content) && content.length === 0),
  );
