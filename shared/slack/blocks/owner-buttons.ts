import type { types } from '@slack/bolt';
import type { OwnersAct } from '#shared/cases/case-press.ts';
import type { Case, CaseState } from '#shared/store/store.ts';
import { button, sure } from './bricks.ts';
import { ACTION, encodeCase } from './press.ts';
import { count } from './text.ts';

/** States in which an owner's word still tells something. */
const SPOKEN_IN: ReadonlySet<CaseState> = new Set([
  'asking',
  'noted',
  'shadowed',
  'not_revoked',
  'waiting',
  'dead',
  'restored',
]);

/**
 * What the owner of a case's token can say: none of it that was said already, and no time where none is left to be given.
 * Whoever presses is checked, so all who read it see the same.
 */
export function ownerButtons(kase: Case, minutes = 30): readonly (types.Button | undefined)[] {
  const { token, state, ownerWord, wait } = kase;
  if (token === undefined || token.own || !SPOKEN_IN.has(state)) return [];
  const said = ownerWord?.said;
  const isLive = state !== 'dead';
  return [
    said === 'mine'
      ? undefined
      : press(kase, 'mine', {
          text: 'It is mine, replaced',
          ask: isLive ? 'Nothing of yours uses this token any more? It may be deactivated at once.' : undefined,
        }),
    said === 'not_mine' ? undefined : press(kase, 'not_mine', { text: 'Not me' }),
    state === 'asking' && wait === undefined && said === undefined
      ? press(kase, 'wait', { text: `I need ${count(minutes, 'minute')}` })
      : undefined,
  ];
}

function press(
  { id }: Case,
  act: OwnersAct,
  { text, ask }: { readonly text: string; readonly ask?: string | undefined },
): types.Button | undefined {
  const confirm = ask === undefined ? {} : { confirm: sure(`${text}?`, ask, 'Yes, replaced') };
  return button({ text, action: `${ACTION.case}:${act}`, value: encodeCase({ case: id, act }), ...confirm });
}
