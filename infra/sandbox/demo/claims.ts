import type { SlackMessage } from '../slack/workspace.ts';
import type { StandInToken } from '../kit/stand-in.ts';

/** Something that a message says about a token or about all of them, in a form that can be looked up. */
export type Claim =
  /** `about` is a name or `profile:id`. `when: after` is said as a fact; `before` ("NOT … yet") was so when the work began. */
  | {
      readonly about: string;
      readonly is: 'active' | 'inactive' | 'deleted';
      readonly when: 'after';
      readonly words: string;
    }
  | {
      readonly about: string;
      readonly isNot: 'inactive' | 'deleted' | 'active' | 'dead';
      readonly when: 'before' | 'after';
      readonly words: string;
    }
  | { readonly count: number; readonly of: 'tokens' | 'profiles'; readonly words: string };

const NAME = '`([^`]+)`';
const STATES = { Deactivated: 'inactive', 'Active again': 'active', Deleted: 'deleted' } as const;
const REFUSED = { deactivated: 'inactive', deleted: 'deleted', activated: 'active', revoked: 'dead' } as const;

/** Every form in which Patrol says how a token stands. One line per form: what it looks like, and what it claims. */
const FORMS: readonly (readonly [RegExp, (found: readonly string[]) => Claim[]])[] = [
  [
    new RegExp(`(Deactivated|Active again|Deleted): ${NAME}`, 'g'),
    ([words = '', verb, name = '']) => [{ about: name, is: STATES[verb as keyof typeof STATES], when: 'after', words }],
  ],
  [
    new RegExp(`Leaked: ${NAME}\\. (Deactivated|Deleted), confirmed`, 'g'),
    ([words = '', name = '', verb]) => [{ about: name, is: STATES[verb as keyof typeof STATES], when: 'after', words }],
  ],
  [
    new RegExp(`${NAME} was already (inactive|active|deleted)`, 'g'),
    ([words = '', name = '', state]) => [{ about: name, is: state as 'active', when: 'after', words }],
  ],
  [
    new RegExp(`NOT (deactivated|activated|deleted)( yet)?[^:.]*: ${NAME}`, 'g'),
    ([words = '', verb, yet, name = '']) => [
      {
        about: name,
        isNot: REFUSED[verb as keyof typeof REFUSED],
        when: yet === '' ? 'after' : 'before',
        words,
      },
    ],
  ],
  [
    new RegExp(`(?:Leaked|Leak reported): ${NAME}\\. NOT revoked( yet)?`, 'g'),
    ([words = '', name = '', yet]) => [{ about: name, isNot: 'dead', when: yet === '' ? 'after' : 'before', words }],
  ],
  [
    new RegExp(`Delete ${NAME}\\? Nothing has been done yet`, 'g'),
    ([words = '', name = '']) => [{ about: name, isNot: 'deleted', when: 'before', words }],
  ],
  [
    new RegExp(`\\*${NAME}\\* · (active|inactive|expired) ·[\\s\\S]*${NAME}$`, 'g'),
    ([words = '', , state, ref = '']) => [
      {
        about: ref,
        is: state === 'inactive' ? 'inactive' : 'active',
        when: 'after',
        words: words.split('\n')[0] ?? '',
      },
    ],
  ],
  [
    new RegExp(`(?:Deactivated|Active again|Deleted): ${NAME}[\\s\\S]*?a fresh read says (active|inactive)`, 'g'),
    ([words = '', name = '', state]) => [
      { about: name, is: state as 'active', when: 'after', words: words.slice(-40) },
    ],
  ],
  [
    /^\*?(\d+) tokens?, (\d+) profiles?/g,
    ([words = '', tokens, profiles]) => [
      { count: Number(tokens), of: 'tokens', words },
      { count: Number(profiles), of: 'profiles', words },
    ],
  ],
];

/** Finds everything that a message claims, in its fallback text and in its blocks. */
export function claimsOf(message: SlackMessage): Claim[] {
  const texts = new Set([message.text, ...textsIn(message.blocks)]);
  const claims = [...texts].flatMap((text) =>
    FORMS.flatMap(([form, read]) =>
      [...text.matchAll(form)].flatMap((found) => read(found.map((part) => unescape(part)))),
    ),
  );
  return [...new Map(claims.map((claim) => [JSON.stringify({ ...claim, words: '' }), claim])).values()];
}

/** True for a text that says how a token stands: such a text must hold a claim that can be looked up. */
export function speaksOfTokens(text: string): boolean {
  return /\b(?:Deactivated|Deleted|Active again|already|confirmed|NOT (?:revoked|deactivated|deleted|activated))\b/.test(
    text,
  );
}

/** Says what is wrong with a claim, given how the tokens stood before the work began and how they stand now. */
export function refute(
  claim: Claim,
  before: readonly StandInToken[],
  after: readonly StandInToken[],
): string | undefined {
  if ('count' in claim) {
    const seen = after.filter(({ state }) => state !== 'deleted');
    const real = claim.of === 'tokens' ? seen.length : new Set(seen.map(({ profile }) => profile)).size;
    return real === claim.count ? undefined : `"${claim.words}", but there are ${real} ${claim.of}`;
  }
  const isMeant = ({ name, profile, id }: StandInToken) =>
    shown(name) === claim.about || `${profile}:${id}` === claim.about;
  const token = (claim.when === 'before' ? before : after).find(isMeant);
  const state = token?.state;
  if (state === undefined) return `"${claim.words}", but no provider knows a token of that name`;
  const isTrue =
    'is' in claim ? state === claim.is : claim.isNot === 'dead' ? state === 'active' : state !== claim.isNot;
  return isTrue
    ? undefined
    : `"${claim.words}", but at ${token?.provider} it ${claim.when === 'before' ? 'was' : 'is'} ${state}`;
}

/** A name as Patrol writes it into a code span. */
const shown = (name: string): string => name.replaceAll('`', "'").trim();

const unescape = (text: string | undefined): string =>
  (text ?? '').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

function textsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'text' && typeof inner === 'string' ? [inner] : textsIn(inner),
  );
}
