import type { AskedVerb, FreshRead, Mutation, TokenKind, TokenState } from '#shared/core/vocabulary.ts';
import { escape, visible } from './text.ts';

/** The words for a change that a fresh read has confirmed; said for nothing less. */
export const DONE: Readonly<Record<Mutation, string>> = {
  deactivate: 'Deactivated',
  activate: 'Active again',
  delete: 'Deleted',
};

/** The words for a change that did not happen or could not be proved. */
export const NOT_DONE: Readonly<Record<Mutation, string>> = {
  deactivate: 'NOT deactivated',
  activate: 'NOT activated',
  delete: 'NOT deleted',
};

/** The words for a token that was so before the request. */
const ALREADY: Readonly<Record<Mutation, string>> = {
  deactivate: 'was already inactive',
  activate: 'was already active',
  delete: 'was already deleted',
};

/** The words for a token that was so before the request, as a fresh read has shown it. */
export function alreadyWords(verb: Mutation, read?: FreshRead): string {
  return verb === 'deactivate' && read === 'expired' ? 'had already expired' : ALREADY[verb];
}

/** The words while a change runs. */
export const DOING: Readonly<Record<Mutation, string>> = {
  deactivate: 'Deactivating',
  activate: 'Activating',
  delete: 'Deleting',
};

/** What a person wants to do, as the beginning of a button or a question. */
export const DO: Readonly<Record<Mutation, string>> = {
  deactivate: 'Deactivate',
  activate: 'Activate',
  delete: 'Delete',
};

/** What each right lets a person do, behind "may" or "may not". */
export const RIGHT: Readonly<Record<AskedVerb, string>> = {
  list: 'list tokens',
  show: 'see a token',
  deactivate: 'deactivate tokens',
  activate: 'activate tokens',
  delete: 'delete tokens',
  leak: 'report a leak',
  cases: 'see leak cases',
  audit: 'read the audit record',
  profiles: 'check the profiles',
  stats: 'see the statistics',
  lever: 'pull a bigger lever',
  whoami: 'ask what you may do',
  version: 'ask for the version',
  help: 'ask for help',
};

/** True for the verbs that change a token. */
export function isMutation(verb: AskedVerb | undefined): verb is Mutation {
  return verb === 'deactivate' || verb === 'activate' || verb === 'delete';
}

/** What a request that was refused or given up did not do: "NOT deleted", or "Nothing was done" where nothing would change. */
export function notDone(verb: AskedVerb | undefined): string {
  return isMutation(verb) ? NOT_DONE[verb] : 'Nothing was done';
}

/** What can be said about undoing a change, before and after it. */
export function undoWords(verb: Mutation, undo: boolean): string {
  if (verb === 'activate') return 'The token works again until it is deactivated.';
  if (verb === 'delete' || !undo) return 'This cannot be undone.';
  return 'This can be undone.';
}

/** The states of a token. */
export const STATE: Readonly<Record<TokenState, string>> = {
  active: 'active',
  inactive: 'inactive',
  expired: 'expired',
};

/** The kinds of a token, in words. */
export const KIND: Readonly<Record<TokenKind, string>> = { pat: 'personal access token', 'service-key': 'service key' };

/** What starts or ends a span of bold, struck, slanted or code text in mrkdwn, and the look-alike that does not. */
const FORMATTING = /[*~`]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;
const INERT: Readonly<Record<string, string>> = { '*': '∗', '~': '∼', '`': "'", _: '＿' };

/** A sentence of ours that may hold foreign pieces: nothing in it pings, links, formats or hides. */
export function sentence(text: string): string {
  return escape(visible(text).replace(FORMATTING, (mark) => INERT[mark] ?? mark));
}

/** A piece of a sentence with exactly one full stop at its end. */
export function stopped(text: string): string {
  return `${sentence(text).replace(/[.\s]+$/, '')}.`;
}

/** A sentence of its own: capital letter in front, one full stop at its end. */
export function stated(text: string): string {
  const piece = stopped(text);
  return piece.charAt(0).toUpperCase() + piece.slice(1);
}

/** Why a file is not where it was asked for. */
export const SENT_ALONE = {
  refused: 'Slack takes no file of mine here: it is in my direct messages with who asked.',
  discreet: 'It holds full ids, so it is in my direct messages with who asked.',
} as const;
