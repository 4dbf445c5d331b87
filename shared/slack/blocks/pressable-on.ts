import type { types } from '@slack/bolt';
import type { CasePress } from '#shared/cases/case-press.ts';
import { ACTION } from './press.ts';

/** What can be pressed on a card, as its buttons say: no sentence names another. */
export interface Pressable {
  readonly kill?: string | undefined;
  readonly dismiss?: string | undefined;
  /** What tries or searches again. */
  readonly again?: string | undefined;
  /** True where one of several tokens can be chosen. */
  readonly choose: boolean;
}

/** What the buttons of a card can be told as, by what each does. */
export function pressableOn(
  buttons: readonly (types.Button | undefined)[],
  candidates: readonly (types.KnownBlock | undefined)[],
): Pressable {
  const named = (...acts: readonly CasePress['act'][]) =>
    buttons
      .find((one) => acts.some((act) => one?.action_id?.startsWith(`${ACTION.case}:${act}`) === true))
      ?.text.text.replace(/…$/, '');
  const again = named('retry');
  return {
    kill: named('deactivate') ?? (again === 'Try again' ? again : undefined) ?? named('delete'),
    dismiss: named('dismiss') ?? (buttons.some((one) => one?.action_id === ACTION.dismiss) ? 'Not ours' : undefined),
    again,
    choose: candidates.some((block) => block?.type === 'section' && block.accessory !== undefined),
  };
}
