import { repeatReport } from '#shared/cases/repeat-report.ts';
import type { CasePress } from '#shared/cases/case-press.ts';
import type { types } from '@slack/bolt';
import type { Lever } from '#shared/providers/provider.ts';
import type { Case } from '#shared/store/store.ts';
import { button, context, divider, section, sure } from './bricks.ts';
import { ACTION, encodeCase, refOf } from './press.ts';
import { listed, type Naming, plainBrief, plainName, rowWords } from './token.ts';
import { stated, stopped, undoWords } from './words.ts';

const CANDIDATES_SHOWN = 10;

/** Several tokens that it may be: each with its grade, its reason and its own button. */
export function candidateBlocks(kase: Case, naming: Naming) {
  const candidates = kase.candidates ?? [];
  if (kase.token !== undefined || candidates.length === 0) return [];
  const rest = candidates.length - CANDIDATES_SHOWN;
  return [
    divider,
    ...candidates.slice(0, CANDIDATES_SHOWN).map(({ token, grade, because }) => {
      const choose = isOpen(kase)
        ? press(
            'Deactivate',
            { case: kase.id, act: 'deactivate', token: refOf(token) },
            { kill: `Deactivate ${plainBrief(token, naming)}? This can be undone.` },
          )
        : undefined;
      return section([listed(token, naming), rowWords(token, naming), `Match: ${grade}. ${stated(because)}`], choose);
    }),
    rest > 0 ? context(`And ${rest} more.`) : undefined,
  ];
}

function isOpen({ state }: Case): boolean {
  return (
    state === 'asking' ||
    state === 'noted' ||
    state === 'shadowed' ||
    state === 'not_revoked' ||
    state === 'waiting' ||
    state === 'restored'
  );
}

function press(text: string, value: CasePress, more: { readonly kill?: string } = {}): types.Button | undefined {
  const danger =
    more.kill === undefined ? {} : { style: 'danger' as const, confirm: sure(`${text}?`, more.kill, text) };
  return button({ text, action: `${ACTION.case}:${value.act}`, value: encodeCase(value), ...danger });
}

/** What may be pressed in each state. Whoever presses is checked again, so all see the same buttons. */
export function caseButtons(kase: Case, undo: boolean): (types.Button | undefined)[] {
  const { id, state, token, takenBy } = kase;
  const isTouchable = token !== undefined && !token.own;
  const what = token === undefined ? '' : plainName(token);
  const deactivate = isTouchable
    ? press(
        'Deactivate',
        { case: id, act: 'deactivate' },
        { kill: `Deactivate ${what}? ${undoWords('deactivate', undo)}` },
      )
    : undefined;
  const remove = isTouchable
    ? press('Delete', { case: id, act: 'delete' }, { kill: `Delete ${what} for good? This cannot be undone.` })
    : undefined;
  const search = repeatReport(kase, kase.updatedAt) && press('Search again', { case: id, act: 'retry' });
  // What matches one token for sure is hardly somebody else's: a second look before a live leak is closed.
  const dismiss = press(
    'Not ours',
    { case: id, act: 'dismiss' },
    token === undefined
      ? {}
      : { kill: `${what} goes on working, although its secret matches (${kase.grade ?? 'unknown'}). Close the case?` },
  );
  const take = takenBy === undefined ? press('Take it', { case: id, act: 'take' }) : undefined;
  switch (state) {
    case 'received':
    case 'acting':
      return [take];
    case 'unsearched':
      return [search, dismiss, take];
    case 'unmatched':
      return [search, dismiss, take];
    case 'asking':
    case 'noted':
    case 'shadowed':
      return [deactivate, remove, dismiss, take];
    case 'not_revoked':
      return [
        isTouchable ? press('Try again', { case: id, act: 'retry' }) : undefined,
        deactivate,
        remove,
        dismiss,
        take,
      ];
    case 'waiting':
      return [press('Check again', { case: id, act: 'retry' }), take];
    case 'dead':
      return kase.verb === 'delete'
        ? [take]
        : [
            undo && kase.already !== true ? press('Undo: activate', { case: id, act: 'undo' }) : undefined,
            remove,
            take,
          ];
    case 'restored':
      return [deactivate, remove, take];
    case 'dismissed':
      return [kase.dismissedBy === undefined ? undefined : press('Reopen', { case: id, act: 'reopen' })];
  }
}

/** The bigger levers, behind a dialog and the policy's approval; never pulled by themselves. */
export function leverBlocks({ id, state, token }: Case, levers: readonly Lever[]) {
  if (levers.length === 0 || token === undefined || state === 'dismissed' || state === 'received') return [];
  return [
    divider,
    ...levers
      .slice(0, 5)
      .map((lever) =>
        section(
          `Bigger lever: ${stopped(lever.words)}`,
          press(
            'Pull…',
            { case: id, act: 'lever', lever: lever.id },
            { kill: `${lever.words} This asks for approval first.` },
          ),
        ),
      ),
  ];
}
