import * as z from 'zod';
import { defined } from '#shared/core/defined.ts';
import { CASE_ACTS, type CasePress } from '#shared/cases/case-press.ts';
import type { HeldPress } from '#shared/cases/press-held.ts';
import { tryParseJson } from '#shared/core/try-parse-json.ts';
import type { Mutation, TokenRef } from '#shared/core/vocabulary.ts';
import { FINDING_KINDS, type FindingKind } from '#shared/tokens/digest.ts';
import type { ListQuery } from '#shared/tokens/command.ts';
import { fitsButton } from './bricks.ts';
import { LIMITS } from './limits.ts';

/**
 * Everything a press can carry, and the action ids that carry it. A value holds ids, never rights: whoever presses is
 * checked again. In one row of buttons each action id must be unique, so listeners match on the prefix
 * (`/^patrol:page(:|$)/`); what is wanted is in the value alone.
 */
export const ACTION = {
  confirm: 'patrol:confirm',
  cancel: 'patrol:cancel',
  approve: 'patrol:approve',
  refuse: 'patrol:refuse',
  breakGlass: 'patrol:modal:break-glass',
  approvalTokens: 'patrol:modal:request',
  page: 'patrol:page',
  row: 'patrol:row',
  undo: 'patrol:undo',
  retry: 'patrol:retry',
  clean: 'patrol:clean',
  goOn: 'patrol:go-on',
  run: 'patrol:run',
  stop: 'patrol:stop',
  tryNow: 'patrol:try-now',
  giveUp: 'patrol:give-up',
  plea: 'patrol:plea',
  refresh: 'patrol:refresh',
  case: 'patrol:case',
  caseDetails: 'patrol:modal:case',
  dismiss: 'patrol:modal:dismiss',
  choose: 'patrol:modal:choose',
} as const;

function decode<T extends z.ZodType>(schema: T, value: string | undefined): z.infer<T> | undefined {
  if (value === undefined || !fitsButton(value)) return undefined;
  return schema.safeParse(tryParseJson(value)).data;
}

const days = z.int().min(0).max(1_000_000);

/** Short keys, because a whole query must fit into a button. `v` lets a later release tell old buttons apart. */
const pageSchema = z.strictObject({
  v: z.literal(1),
  o: z.int().min(0),
  p: z.array(z.string().max(64)).max(200).optional(),
  s: z.enum(['active', 'inactive']).optional(),
  w: z.string().max(1000).optional(),
  ob: z.string().max(30).optional(),
  n: z.string().max(1000).optional(),
  ol: days.optional(),
  un: days.optional(),
  ex: days.optional(),
  ne: z.literal(1).optional(),
  by: z.enum(['age', 'newest', 'name', 'used', 'expiry']),
  me: z.literal(1).optional(),
});

export interface Page {
  readonly query: ListQuery;
  readonly offset: number;
  readonly private: boolean;
}

/** Writes a page of a list as a button's value: it survives a redeploy. Longer than a button can hold it is `undefined`. */
export function encodePage({ query, offset, private: isPrivate }: Page): string | undefined {
  const value = JSON.stringify({
    v: 1,
    o: offset,
    p: query.profiles.length === 0 ? undefined : query.profiles,
    s: query.state,
    w: query.owner,
    ob: query.ownedBy,
    n: query.name,
    ol: query.olderThanDays,
    un: query.unusedDays,
    ex: query.expiresWithinDays,
    ne: query.noExpiry === true ? 1 : undefined,
    by: query.sort,
    me: isPrivate ? 1 : undefined,
  });
  return fitsButton(value) && decode(pageSchema, value) !== undefined ? value : undefined;
}

/** Reads what `encodePage` wrote; anything else is `undefined`. */
export function decodePage(value: string | undefined): Page | undefined {
  const page = decode(pageSchema, value);
  if (page === undefined) return undefined;
  const query: ListQuery = {
    profiles: page.p ?? [],
    sort: page.by,
    ...defined({
      state: page.s,
      owner: page.w,
      ownedBy: page.ob,
      name: page.n,
      olderThanDays: page.ol,
      unusedDays: page.un,
      expiresWithinDays: page.ex,
      noExpiry: page.ne === undefined ? undefined : true,
    }),
  };
  return { query, offset: page.o, private: page.me === 1 };
}

const verbSchema = z.enum(['show', 'deactivate', 'activate', 'delete']);

/** One verb on named tokens, as menus over rows, undo, retry and clean-up buttons carry it. */
export interface TokenPress {
  readonly verb: Mutation | 'show';
  /** `profile:id` each, at least one. */
  readonly tokens: readonly string[];
}

const tokensSchema = z.strictObject({
  verb: verbSchema,
  tokens: z.array(z.string().min(1).max(200)).min(1).max(1000),
});

/** Writes a verb on tokens as a button's value; `undefined` when they are too many for one button. */
export function encodeTokens(press: TokenPress): string | undefined {
  const value = JSON.stringify({ verb: press.verb, tokens: press.tokens });
  return fitsButton(value) && decode(tokensSchema, value) !== undefined ? value : undefined;
}

/** Writes a verb on one token as a menu option's value (150 characters): `deactivate profile:id`. */
export function encodeRow(verb: TokenPress['verb'], token: TokenRef): string | undefined {
  const value = `${verb} ${refOf(token)}`;
  return Buffer.byteLength(value) <= LIMITS.optionValue ? value : undefined;
}

/** Reads what `encodeTokens` or `encodeRow` wrote; anything else is `undefined`. */
export function decodeTokens(value: string | undefined): TokenPress | undefined {
  const row = /^(show|deactivate|activate|delete) (\S+)$/.exec(value ?? '');
  if (row?.[2] !== undefined) return decode(tokensSchema, JSON.stringify({ verb: row[1], tokens: [row[2]] }));
  return decode(tokensSchema, value);
}

const cleanSchema = z.strictObject({
  p: z.string().min(1).max(64),
  f: z.enum(FINDING_KINDS),
  i: z.array(z.string().min(1).max(64)).min(1).max(100),
});

/** What one press of a hygiene report asks for: a verb on tokens, for a finding. */
export interface CleanPress extends TokenPress {
  readonly verb: Mutation;
  readonly finding: FindingKind;
  /** Why, for the preview and the record. */
  readonly reason: string;
}

/** How each finding is cleaned up by one press; the others need a person's thought. */
export const CLEANED_BY: Readonly<Partial<Record<FindingKind, Mutation>>> = {
  expired: 'delete',
  unused: 'deactivate',
  stale: 'deactivate',
};

const CLEANED_BECAUSE: Readonly<Partial<Record<FindingKind, string>>> = {
  expired: 'hygiene report: expired',
  unused: 'hygiene report: unused for long',
  stale: 'hygiene report: old, and nobody tells of its use',
};

/** Writes a clean-up of one profile's finding as a button's value; `undefined` when it does not fit. */
export function encodeClean(finding: FindingKind, profile: string, ids: readonly string[]): string | undefined {
  const value = JSON.stringify({ p: profile, f: finding, i: ids });
  return fitsButton(value) && decodeClean(value) !== undefined ? value : undefined;
}

/** Reads what `encodeClean` wrote; anything else is `undefined`. */
export function decodeClean(value: string | undefined): CleanPress | undefined {
  const press = decode(cleanSchema, value);
  const verb = press === undefined ? undefined : CLEANED_BY[press.f];
  if (press === undefined || verb === undefined) return undefined;
  const reason = CLEANED_BECAUSE[press.f] ?? 'hygiene report';
  return { verb, finding: press.f, reason, tokens: press.i.map((id) => `${press.p}:${id}`) };
}

const caseSchema = z.strictObject({
  case: z.string().regex(/^C-[A-Za-z0-9]{4,16}$/),
  act: z.enum(CASE_ACTS),
  token: z.string().max(200).optional(),
  lever: z.string().max(200).optional(),
});

/** Writes a press on a case card as a button's value. */
export function encodeCase(press: CasePress): string {
  return JSON.stringify(press);
}

/** Reads what `encodeCase` wrote; anything else is `undefined`. */
export function decodeCase(value: string | undefined): CasePress | undefined {
  return decode(caseSchema, value);
}

const heldSchema = z.strictObject({ profile: z.string().min(1).max(64), upTo: z.int().min(1) });

/** Writes the press that goes on where a profile's brake has stopped. */
export function encodeHeld(press: HeldPress): string {
  return JSON.stringify(press);
}

/** Reads what `encodeHeld` wrote; anything else is `undefined`. */
export function decodeHeld(value: string | undefined): HeldPress | undefined {
  return decode(heldSchema, value);
}

/** Returns `profile:id`, which names one token everywhere. */
export function refOf(token: TokenRef): string {
  return `${token.profile}:${token.id}`;
}
