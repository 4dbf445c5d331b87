import type { types } from '@slack/bolt';
import type { Mutation, Token, TokenRef } from '#shared/core/vocabulary.ts';
import { FACTS } from '#shared/providers/facts.ts';
import { isDeleteOnly, tells } from '#shared/providers/tells.ts';
import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import { actions, button, context, type Message, message, section } from './bricks.ts';
import { ACTION, encodeTokens, refOf } from './press.ts';
import { clip, code, count, oneOf } from './text.ts';
import { age, ago, when, whenExactly } from './time.ts';
import { runButton } from './run-button.ts';
import { unreadLine } from './render-trouble.ts';
import { DO, KIND, notDone, STATE } from './words.ts';

/** Names a token for a person: its name and its `profile:id`. */
export function named(token: TokenRef & { readonly name: string }): string {
  return token.name === '' ? code(refOf(token)) : `${code(token.name)} (${code(refOf(token))})`;
}

/**
 * How a message that lists tokens may name them. `discreet`: others read it than whoever asked and the security channel, so
 * that it holds no full id, no second of creation and no masked key, of which a likeness of the token could be made.
 */
export interface Naming {
  readonly now: Date;
  readonly discreet: boolean;
}

/** Names one of several tokens: with its `profile:id`, or by its name and profile where a message is discreet. */
export function listed(token: TokenRef & { readonly name: string }, { discreet }: Pick<Naming, 'discreet'>): string {
  return discreet ? `${nameOnly(token)} in ${code(token.profile)}` : named(token);
}

/** The name of one of several tokens in a few words; its id where it has none, unless the message is discreet. */
export function brief(token: TokenRef & { readonly name: string }, { discreet }: Pick<Naming, 'discreet'>): string {
  return discreet ? nameOnly(token) : short(token);
}

function nameOnly({ name }: { readonly name: string }): string {
  return name === '' ? 'a token without a name' : code(name, 60);
}

/** Names a token in a few words, for headlines: its name, or its id where it has none. */
export function short(token: { readonly name: string; readonly id: string }): string {
  return code(token.name === '' ? token.id : token.name, 60);
}

/** Names a token in plain text, for dialogs. */
export function plainName(token: { readonly name: string; readonly id: string }): string {
  return clip(token.name === '' ? token.id : token.name, 60);
}

/** Names one of several tokens in plain text, for dialogs. */
export function plainBrief(
  token: { readonly name: string; readonly id: string },
  { discreet }: Pick<Naming, 'discreet'>,
): string {
  return discreet && token.name === '' ? 'this token' : plainName(token);
}

/** Names one of several tokens in plain text, for tables: with its `profile:id`, or with its profile where a message is discreet. */
export function plainListed(
  token: TokenRef & { readonly name: string },
  { discreet }: Pick<Naming, 'discreet'>,
): string {
  if (discreet) return `${token.name === '' ? 'a token without a name' : token.name} in ${token.profile}`;
  return token.name === '' ? refOf(token) : `${token.name} (${refOf(token)})`;
}

/** The owner as the person that Slack knows, by name, so that a list wakes nobody; else as the provider names them. */
export function ownerWords(token: Token, { discreet }: Pick<Naming, 'discreet'> = { discreet: false }): string {
  if (token.owner === undefined) return 'unknown';
  const { id, name, person } = token.owner;
  if (person?.name !== undefined) return discreet ? code(person.name) : `${code(person.name)} (${code(name ?? id)})`;
  if (discreet && name !== undefined) return code(name);
  return name === undefined || name === id ? code(id) : `${code(name)} (${code(id)})`;
}

/** The owner in one name: of the person that Slack knows, else the provider's; an id only where there is nothing else. */
export function ownerBrief({ owner }: Token): string {
  return owner === undefined ? 'unknown' : code(owner.person?.name ?? owner.name ?? owner.id, 80);
}

/** The permissions in brief: how many, and the first few by name. */
export function permissionWords(token: Token, most = 3): string {
  const { permissions, provider } = token;
  if (permissions.length === 0) return `${FACTS[provider].displayName} tells none`;
  const shown = permissions.slice(0, most).map((permission) => code(permission, 60));
  const rest = permissions.length - shown.length;
  return `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** When the token was last used; "not told" where the provider tells none. */
export function lastUseWords(token: Token, now: Date): string {
  if (token.lastUsedAt !== undefined) return ago(token.lastUsedAt, now);
  return tells(token, 'lastUse') ? 'never' : `not told by ${FACTS[token.provider].displayName}`;
}

/** The last use as a phrase of its own: "last used 3 days ago", "never used". */
export function usedWords(token: Token, now: Date): string {
  const words = lastUseWords(token, now);
  return words === 'never' ? 'never used' : `last used ${words}`;
}

/** When the token ends by itself; "not told" where the provider tells none. */
export function expiryWords(token: Token, now: Date, discreet = false): string {
  // To the second it often tells when the token was made.
  if (token.expiresAt !== undefined) {
    return discreet ? ago(token.expiresAt, now) : `${ago(token.expiresAt, now)}, ${when(token.expiresAt)}`;
  }
  return tells(token, 'expiry') ? 'never' : `not told by ${FACTS[token.provider].displayName}`;
}

/** The age in words: "14 months old". */
export function ageWords(token: Token, now: Date, discreet = false): string {
  if (token.createdAt === undefined) return 'age unknown';
  const isNew = now.getTime() - Date.parse(token.createdAt) < 120_000;
  return discreet && isNew ? 'a few minutes old at most' : `${age(token.createdAt, now)} old`;
}

/** What to know before a token is revoked, and after: owner, age, last use, permissions. */
export function factLines(token: Token, now: Date): string[] {
  return [
    `Owner: ${ownerWords(token)}`,
    `Age: ${ageWords(token, now)} · last used: ${lastUseWords(token, now)}`,
    `Permissions: ${permissionWords(token)}`,
  ];
}

/** Says of a token that can only be deleted that it is so with all of its kind; without a full stop. */
export function onlyDeletes({ provider, kind }: Pick<Token, 'provider' | 'kind'>): string {
  return `${FACTS[provider].displayName} can only delete ${KIND[kind]}s`;
}

/** True where deactivating it could change something: some can only be deleted, and what has expired is dead. */
export function canDeactivate(token: Pick<Token, 'provider' | 'kind' | 'state'>): boolean {
  return !isDeleteOnly(token) && token.state !== 'expired';
}

/** Everything known about one token. */
export function renderShown({ token, may }: OutcomeOf<'shown'>, now: Date): Message {
  const { displayName: name } = FACTS[token.provider];
  const since =
    token.state === 'inactive' && token.deactivatedAt !== undefined ? ` since ${when(token.deactivatedAt)}` : '';
  const state = `${STATE[token.state]}${since}`;
  return message(`${short(token)} at ${name} is ${STATE[token.state]}, ${ageWords(token, now)}.`, [
    section([`*${short(token)}* at ${name} is *${state}*.`, token.own ? OWN : undefined]),
    section([
      `Token: ${code(refOf(token))}${token.kind === 'service-key' ? ' (service key)' : ''}`,
      token.shortKey === undefined ? undefined : `Looks like: ${code(token.shortKey)}`,
      `Owner: ${ownerWords(token)}`,
      token.organizationId === undefined ? undefined : `Organisation: ${code(token.organizationId)}`,
      `Created: ${token.createdAt === undefined ? 'unknown' : `${ago(token.createdAt, now)}, ${when(token.createdAt)}`}`,
      `Last used: ${lastUseWords(token, now)}`,
      `Expires: ${expiryWords(token, now)}`,
      `Permissions: ${permissionWords(token, 20)}`,
    ]),
    // It stays in the channel when that is not so any more.
    context(`Read ${whenExactly(now.toISOString())}.`),
    actions(...may.map((verb) => tokenButton(verb, token))),
  ]);
}

const OWN = 'This is the token that Patrol itself works with; Patrol never revokes it.';

/** A button for a change that would change something. */
function tokenButton(verb: Mutation, token: Token): types.Button | undefined {
  const value = encodeTokens({ verb, tokens: [refOf(token)] });
  const isSo = verb === (token.state === 'inactive' ? 'deactivate' : 'activate');
  if (value === undefined || token.own || isSo || (verb !== 'delete' && !canDeactivate(token))) return undefined;
  const style = verb === 'activate' ? {} : { style: 'danger' as const };
  return button({ text: DO[verb], action: `${ACTION.row}:${verb}`, value, ...style });
}

const CANDIDATES_SHOWN = 10;

/** A name that means several tokens gets a choice, never a guess. */
export function renderAmbiguous({ verb, asked, candidates }: OutcomeOf<'ambiguous'>, naming: Naming): Message {
  const wanted = verb === 'show' ? 'Show' : DO[verb];
  const head = `${verb === 'show' ? '' : `${notDone(verb)}: `}${code(asked)} means ${count(candidates.length, 'token')}. Which one?`;
  const shown = candidates.slice(0, CANDIDATES_SHOWN);
  const rest = candidates.length - shown.length;
  return message(head, [
    section(`*${head}*`),
    ...shown.map((token) => {
      const value = encodeTokens({ verb, tokens: [refOf(token)] });
      const choose = value === undefined ? undefined : button({ text: wanted, action: ACTION.row, value });
      return section([listed(token, naming), rowWords(token, naming)], choose);
    }),
    context(`${rest > 0 ? `And ${rest} more. ` : ''}A token is named exactly by ${code('profile:id')}.`),
  ]);
}

/** A token in one line: state, age, owner. */
export function rowWords(token: Token, { now, discreet }: Naming): string {
  return `${STATE[token.state]} · ${ageWords(token, now, discreet)} · owner ${ownerBrief(token)}`;
}

/** Nothing has that name. */
export function renderUnknownToken(
  { verb, asked, suggestions: all, unread, suggestsIds }: OutcomeOf<'unknown_token'>,
  { discreet }: Pick<Naming, 'discreet'>,
): Message {
  const suggestions = discreet && suggestsIds === true ? [] : all;
  const isChange = verb !== 'show' && verb !== 'audit';
  const not = isChange ? `${notDone(verb)}: ` : '';
  // "There is none" is a fact only where everything was read.
  const head =
    unread.length > 0
      ? `${not}${code(asked)} could not be looked for everywhere: ${unreadLine(unread)}`
      : `${not}${isChange ? 'no' : 'No'} token that you may see is called ${code(asked)}.`;
  const near = suggestions.slice(0, 5).map((suggestion) => code(suggestion));
  return message(head, [
    section([
      `*${head}*`,
      near.length > 0 ? `Did you mean ${oneOf(near)}?` : `${code('/pat list')} shows what there is.`,
      isChange ? 'Nothing was changed.' : undefined,
    ]),
    verb === 'audit'
      ? undefined
      : actions(
          ...suggestions
            .slice(0, 3)
            .map((name, index) => runButton(`/pat ${verb} "${name.replace(/["\\]/g, '\\$&')}"`, String(index))),
        ),
  ]);
}
