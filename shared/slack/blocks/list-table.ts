import type { types } from '@slack/bolt';
import type { Token, TokenState } from '#shared/core/vocabulary.ts';
import { tells } from '#shared/providers/tells.ts';
import { actions, plainText } from './bricks.ts';
import { LIMITS } from './limits.ts';
import { ACTION, encodeRow } from './press.ts';
import { type Cell, dataTable } from './data-table.ts';
import { utcDay } from './time.ts';
import { type Naming, plainBrief } from './token.ts';
import { STATE } from './words.ts';

const COLUMNS = [
  'State',
  'Name',
  'Age, days',
  'Last used, days ago',
  'Expires, UTC',
  'Owner',
  'Permissions',
  'Profile',
] as const;
const NAME_COLUMN = COLUMNS.indexOf('Name');
/** What a phone shows without scrolling far. */
const ROWS_AT_A_TIME = 10;

/** The tokens as a table that Slack sorts: state first, age and use as numbers, no ids. Nothing where there are none. */
export function listTable(tokens: readonly Token[], naming: Naming): types.DataTableBlock | undefined {
  return dataTable({
    caption: 'Tokens',
    columns: COLUMNS,
    rows: tokens.map((token) => rowOf(token, naming)),
    nameColumn: NAME_COLUMN,
    page: ROWS_AT_A_TIME,
  });
}

/** A menu over all rows: what is chosen is shown, with the buttons that can change it. */
export function chooseMenu(tokens: readonly Token[], naming: Naming): types.ActionsBlock | undefined {
  const options = tokens.slice(0, LIMITS.options).flatMap((token) => {
    const value = encodeRow('show', token);
    const text = plainText(`${plainBrief(token, naming)} · ${token.profile}`, LIMITS.optionText);
    return value === undefined ? [] : [{ text, value }];
  });
  if (options.length === 0) return undefined;
  const placeholder = plainText('Act on a token…', LIMITS.placeholder);
  return actions({ type: 'static_select', action_id: ACTION.row, placeholder, options });
}

const SIGN: Readonly<Record<TokenState, string>> = { active: '🟢', inactive: '⛔', expired: '⌛' };

function rowOf(token: Token, naming: Naming): readonly Cell[] {
  const { now } = naming;
  return [
    `${SIGN[token.state]} ${STATE[token.state]}`,
    nameOf(token, naming),
    daysSince(token.createdAt, now) ?? 'unknown',
    daysSince(token.lastUsedAt, now) ?? (tells(token, 'lastUse') ? 'never' : 'not told'),
    token.expiresAt === undefined ? (tells(token, 'expiry') ? 'never' : 'not told') : utcDay(token.expiresAt),
    token.owner?.person?.name ?? token.owner?.name ?? token.owner?.id ?? 'unknown',
    permissionsOf(token),
    token.profile,
  ];
}

/** The name, with what makes a token unlike the others. */
function nameOf(token: Token, naming: Naming): string {
  const name = plainBrief(token, naming);
  const marks = [
    token.kind === 'service-key' ? 'service key' : undefined,
    token.own ? "Patrol's own, never revoked" : undefined,
  ].filter((mark) => mark !== undefined);
  return marks.length === 0 ? name : `${name} (${marks.join(', ')})`;
}

const PERMISSIONS_SHOWN = 2;

function permissionsOf({ permissions }: Token): string {
  const rest = permissions.length - PERMISSIONS_SHOWN;
  if (permissions.length === 0) return 'none told';
  return `${permissions.slice(0, PERMISSIONS_SHOWN).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** Whole days: none tells the second in which a token was made. */
function daysSince(iso: string | undefined, now: Date): Cell | undefined {
  const at = Date.parse(iso ?? '');
  return Number.isNaN(at) ? undefined : { number: Math.max(0, Math.floor((now.getTime() - at) / 86_400_000)) };
}
