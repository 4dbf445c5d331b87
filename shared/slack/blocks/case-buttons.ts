import { isDeepStrictEqual } from 'node:util';
import { matchWords } from '#shared/cases/match-words.ts';
import { repeatReport } from '#shared/cases/repeat-report.ts';
import { type CasePress, needsReason } from '#shared/cases/case-press.ts';
import type { Lever, Token } from '#shared/core/vocabulary.ts';
import type { types } from '@slack/bolt';
import type { OfferedChanges } from '#shared/policy/offered-changes.ts';
import { leverButton, leverWords } from '#shared/providers/lever-words.ts';
import type { Case } from '#shared/store/store.ts';
import { button, context, divider, section, sure } from './bricks.ts';
import { ACTION, encodeCase, refOf } from './press.ts';
import { code } from './text.ts';
import { brief, canDeactivate, listed, type Naming, plainBrief, plainName, rowWords } from './token.ts';
import { stated, stopped, undoWords } from './words.ts';

const CANDIDATES_SHOWN = 10;

/** Tells which changes of a token somebody could still bring about; `isProved`: its leak is. */
export type Offers = (token: Token, isProved: boolean) => OfferedChanges;

const everything: Offers = () => ({ deactivate: true, delete: true, activate: true });

/** Several tokens that it may be: each with its grade, its reason and its own button. */
export function candidateBlocks(kase: Case, naming: Naming, offers: Offers = everything) {
  const candidates = kase.candidates ?? [];
  if (kase.token !== undefined || candidates.length === 0) return [];
  const rest = candidates.length - CANDIDATES_SHOWN;
  const names = candidates.map(({ token }) => token.name);
  const alike = new Set(names.filter((name, index) => name === '' || names.indexOf(name) !== index));
  return [
    divider,
    ...candidates.slice(0, CANDIDATES_SHOWN).map(({ token, grade, because }) => {
      const choose =
        isOpen(kase) && !token.own
          ? chooseButton(kase.id, { token, name: plainBrief(token, naming), offered: offers(token, false) })
          : undefined;
      // What is said of the case as a whole is not said again of each.
      const isSaid = grade === kase.grade && isDeepStrictEqual(because, kase.because);
      const match = isSaid ? undefined : `Match: ${grade}. ${stated(matchWords(because))}`;
      const name = alike.has(token.name) ? listed(token, naming) : brief(token, naming);
      return section([`*${name}*`, rowWords(token, naming), match], choose);
    }),
    rest > 0 ? context(`And ${rest} more.`) : undefined,
  ];
}

function chooseButton(
  id: string,
  { token, name, offered }: { readonly token: Token; readonly name: string; readonly offered: OfferedChanges },
): types.Button | undefined {
  if (canDeactivate(token)) {
    const kill = { kill: `Deactivate ${name}? This can be undone.` };
    return offered.deactivate
      ? press('Deactivate', { case: id, act: 'deactivate', token: refOf(token) }, kill)
      : undefined;
  }
  return !offered.delete
    ? undefined
    : press(
        'Delete',
        { case: id, act: 'delete', token: refOf(token) },
        { kill: `Delete ${name} for good? This cannot be undone.` },
      );
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

function press(
  text: string,
  value: CasePress,
  { kill, yes = text, suffix = '' }: { readonly kill?: string; readonly yes?: string; readonly suffix?: string } = {},
): types.Button | undefined {
  const title = `${text.replace(/…$/, '')}?`;
  const danger = kill === undefined ? {} : { style: 'danger' as const, confirm: sure(title, kill, yes) };
  return button({ text, action: `${ACTION.case}:${value.act}${suffix}`, value: encodeCase(value), ...danger });
}

/** The buttons of a card: the two that matter first, and the others. */
interface CaseButtons {
  readonly first: readonly (types.Button | undefined)[];
  readonly others: readonly (types.Button | undefined)[];
}

/**
 * What may be pressed in each state, and nothing that could not work: no kill of what is Patrol's own, none that the policy
 * refuses to everybody, no deactivating of what can only be deleted. Whoever presses is checked again, so all see the same buttons.
 */
export function caseButtons(kase: Case, undo: boolean, offers: Offers = everything): CaseButtons {
  const { id, state, takenBy } = kase;
  const take = takenBy === undefined ? press('Take it', { case: id, act: 'take' }) : undefined;
  const search = repeatReport(kase, kase.updatedAt) && press('Search again', { case: id, act: 'retry' });
  const dismiss = dismissButton(kase);
  const offered = kase.token === undefined ? NOTHING : offers(kase.token, kase.grade === 'proved');
  const { soft, hard } = killButtons(kase, undo, offered);
  // The way that can be undone comes first; where there is none, the other.
  const kill = soft ?? hard;
  const rest = soft === undefined ? undefined : hard;
  switch (state) {
    case 'received':
    case 'acting':
      return { first: [take], others: [] };
    case 'unsearched':
      return { first: [search, take], others: [dismiss] };
    case 'unmatched':
    case 'muted':
      return { first: [dismiss, take], others: [search] };
    case 'asking':
    case 'noted':
    case 'shadowed':
      return kase.token === undefined
        ? { first: [dismiss, take], others: [search] }
        : { first: [kill, take], others: [rest, dismiss] };
    case 'not_revoked':
      return { first: [kill ?? (kase.token === undefined ? search : undefined), take], others: [rest, dismiss] };
    case 'waiting':
      return { first: [press('Check again', { case: id, act: 'retry' }), take], others: [] };
    case 'dead':
      return kase.verb === 'delete'
        ? { first: [take], others: [] }
        : {
            first: [
              take,
              undo && offered.activate && kase.already !== true && kase.token?.state !== 'expired'
                ? undoButton(id)
                : undefined,
            ],
            others: [hard],
          };
    case 'restored':
      return { first: [kill, take], others: [rest] };
    case 'dismissed':
      return {
        first: [kase.dismissedBy === undefined ? undefined : press('Reopen', { case: id, act: 'reopen' })],
        others: [],
      };
  }
}

const NOTHING: OfferedChanges = { deactivate: false, delete: false, activate: false };

function undoButton(id: string): types.Button | undefined {
  return press('Undo: activate', { case: id, act: 'undo' });
}

/** The two ways to stop a token, as far as they can work: `soft` can be undone. */
function killButtons(
  kase: Case,
  undo: boolean,
  offered: OfferedChanges,
): Record<'soft' | 'hard', types.Button | undefined> {
  const { id, token, state, troubles = [] } = kase;
  if (token === undefined || token.own) return { soft: undefined, hard: undefined };
  const what = plainName(token);
  const isProtected = troubles.some((one) => one.kind === 'refused' && one.why === 'protected');
  // Only where the leak is proved can others lift the protection, and they are asked for the reversible way alone.
  if (isProtected && kase.grade !== 'proved') return { soft: undefined, hard: undefined };
  const again = state === 'not_revoked' && !isProtected;
  const deactivate = { kill: `Deactivate ${what}? ${undoWords('deactivate', undo)}` };
  const name = isProtected ? 'Ask to lift the protection' : again ? 'Try again' : 'Deactivate';
  return {
    soft:
      offered.deactivate && canDeactivate(token) && !knowsNoDeactivate(kase)
        ? press(name, { case: id, act: again ? 'retry' : 'deactivate' }, deactivate)
        : undefined,
    hard:
      isProtected || !offered.delete
        ? undefined
        : press('Delete', { case: id, act: 'delete' }, { kill: `Delete ${what} for good? This cannot be undone.` }),
  };
}

/** Whether the token's provider has said that it cannot deactivate: pressing again would only hear it again. */
export function knowsNoDeactivate({ troubles = [] }: Pick<Case, 'troubles'>): boolean {
  return troubles.some((trouble) => trouble.kind === 'unsupported' && trouble.verb === 'deactivate');
}

/** What matches one token for sure is hardly somebody else's: closing it wants a typed reason in a window. */
function dismissButton(kase: Case): types.Button | undefined {
  // Whose it is is known: Patrol's own.
  if (kase.token?.own === true) return undefined;
  const value = { case: kase.id, act: 'dismiss' } as const;
  if (needsReason(kase)) return button({ text: 'Not ours…', action: ACTION.dismiss, value: encodeCase(value) });
  const { token } = kase;
  const goesOn = token === undefined ? undefined : `${plainName(token)} goes on working. Close the case?`;
  return press('Not ours', value, goesOn === undefined ? {} : { kill: goesOn });
}

/** The bigger levers, behind a dialog and the policy's approval; never pulled by themselves. */
export function leverButtons(
  { id, state, token }: Case,
  levers: readonly Lever[],
): readonly (types.Button | undefined)[] {
  if (token === undefined || state === 'dismissed' || state === 'received') return [];
  return levers.slice(0, LEVERS_SHOWN).map((lever, index) =>
    press(
      leverButton(lever),
      { case: id, act: 'lever', lever: lever.id },
      {
        kill: `${leverWords(lever)} This asks for approval first.`,
        yes: 'Ask for approval',
        // No two buttons of a block may be called the same.
        suffix: `:${index}`,
      },
    ),
  );
}

const LEVERS_SHOWN = 5;

/** What each lever does and what stops with it, beside its button's words. */
export function leverLines(levers: readonly Lever[]): string[] {
  return levers.slice(0, LEVERS_SHOWN).map((lever) => `${code(leverButton(lever))} ${stopped(leverWords(lever))}`);
}
