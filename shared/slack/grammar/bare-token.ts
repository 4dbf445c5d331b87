import { providersOfId } from '#shared/providers/providers-of-id.ts';

/** Slack's formatting, brackets, quotation and bullets before an id, and whatever a sentence puts behind one. */
const BEFORE = /^[*_~`([{<>"'“”‘’•◦▪·]+/;
const BEHIND = /[*_~`)\]}<>"'“”‘’.,;:!?]+$/;
const PROFILE = /^([a-z0-9][a-z0-9_.-]{0,62}):([\s\S]+)$/i;
const CASE_ID = /^c-[a-z2-7]{8,16}$/i;

/**
 * Finds the id in a word that was pasted with formatting, brackets or a full stop around it, or as a link to a provider's
 * page; a profile in front of it stays. `undefined` where the word holds no id, or two different ones: names are as typed.
 */
export function bareToken(word: string): string | undefined {
  // An address as it is pasted, or as the browser shows it: without its scheme.
  if (word.includes('/')) return idInLink(word);
  const bare = word.replace(BEFORE, '').replace(BEHIND, '');
  if (isId(bare)) return bare;
  const [, profile = '', rest = ''] = PROFILE.exec(bare) ?? [];
  const id = rest.replace(BEFORE, '');
  return isId(id) ? `${profile}:${id}` : undefined;
}

function isId(text: string): boolean {
  return providersOfId(text).length > 0 || CASE_ID.test(text);
}

/** What stands in an address before the id of something that is no token. */
const NOT_A_TOKEN =
  /^(?:o|orgs?|organi[sz]ations?|tenants?|workspaces?|projects?|sessions?|users?|members?)(?:[-_]?id)?$/i;

/** The one id of a token among a link's parts: what follows the word for an organisation, a workspace or a user is none. */
function idInLink(link: string): string | undefined {
  const parts = link
    .slice(0, 2000)
    .split(/[/?#&=]+/)
    .map((part) => part.replace(BEFORE, '').replace(BEHIND, ''));
  const ids = parts.filter((part, at) => providersOfId(part).length > 0 && !NOT_A_TOKEN.test(parts[at - 1] ?? ''));
  const [id, ...others] = new Set(ids.map((part) => part.toLowerCase()));
  return others.length > 0 ? undefined : id;
}

/** True for a word that is nothing but marks: a bullet, a star, a bracket. It names no token. */
export function isMarks(word: string): boolean {
  return !/[\p{L}\p{N}]/u.test(word);
}
