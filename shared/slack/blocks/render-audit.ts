import { given } from '#shared/core/defined.ts';
import { matchWords } from '#shared/cases/match-words.ts';
import type { DenialReason } from '#shared/core/vocabulary.ts';
import type { AuditDetail, AuditEntry } from '#shared/store/store.ts';
import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import { answerWords, proofWords, readWords } from '#shared/tokens/proof-words.ts';
import { refusalWords } from '#shared/tokens/refusal-words.ts';
import { context, type Message, message, section } from './bricks.ts';
import { type Cell, dataTable } from './data-table.ts';
import { faultWords } from './fault-words.ts';
import { code, count, mention, oneOf, requestName } from './text.ts';
import { utc, whenExactly, when } from './time.ts';
import { tableFile } from './table-file.ts';
import { listed, type Naming, plainListed } from './token.ts';
import { SENT_ALONE, sentence } from './words.ts';

const ENTRIES_SHOWN = 25;

/** The record as a table, newest first; as a file it is announced here and uploaded beside. */
export function renderAudit(
  { entries, more, file, filed, sentAlone, since }: OutcomeOf<'audited'>,
  naming: Pick<Naming, 'discreet'>,
): Message {
  const total = filed ?? entries.length;
  const period = since === undefined ? '' : ` since ${when(since)}`;
  const head =
    total === 0
      ? `Nothing on record${period}.`
      : more
        ? `The newest ${count(total, 'entry', 'entries')} on record${period}; there are more.`
        : `${count(total, 'entry', 'entries')} on record${period}, newest first.`;
  const shown = file === undefined ? entries.slice(0, ENTRIES_SHOWN) : [];
  const isCut = more || shown.length < entries.length;
  const rest =
    file !== undefined
      ? `The file has ${count(total, 'entry', 'entries')}${more ? '; older ones are left out' : ''}.${sentAlone === undefined ? '' : ` ${SENT_ALONE[sentAlone]}`}`
      : isCut && entries.length > 0
        ? `Only the newest ${shown.length} are shown. Narrow it with ${code('--since 24h')}, or get all as a file with ${code('--file csv')}.`
        : undefined;
  return message([head, rest].filter((part) => part !== undefined).join(' '), [
    section(`*${head}*`),
    auditTable(shown, naming),
    rest === undefined ? undefined : context(rest),
  ]);
}

const HEADS = [
  'At, UTC',
  'Who',
  'What',
  'Token',
  'Result',
  'Approved by',
  'Case',
  'Request',
  'Reason',
  'Details',
] as const;

function auditTable(entries: readonly AuditEntry[], naming: Pick<Naming, 'discreet'>) {
  const rows = entries.map((entry): readonly Cell[] => {
    const { at, actor, what, verb, token, tokenName = '', result, approvedBy = [], caseId, requestId, reason } = entry;
    return [
      utc(at),
      'source' in actor ? `alert ${actor.source}` : { people: [actor.userId] },
      actWords(what, verb),
      token === undefined ? typed(entry, naming) : plainListed({ ...token, name: tokenName }, naming),
      RESULT[result],
      approvedBy.length === 0 ? '-' : { people: approvedBy.map(({ userId }) => userId) },
      caseId ?? '-',
      requestId === undefined ? '-' : requestId.slice(0, 8),
      reason ?? '-',
      detailOf(entry) ?? '-',
    ];
  });
  return dataTable({ caption: 'The record, newest first', columns: HEADS, rows, nameColumn: 2, page: ROWS_AT_A_TIME });
}

const ROWS_AT_A_TIME = 10;

/** What was done, and to bring about what: "deactivate", "give up deactivate". */
function actWords(what: AuditEntry['what'], verb: AuditEntry['verb']): string {
  const act = what.replaceAll('_', ' ');
  return verb === undefined || verb === what ? act : `${act} ${verb}`;
}

/** The tokens of an entry of which only what was typed is known; that may be their ids. */
function typed({ tokenName = '' }: AuditEntry, { discreet }: Pick<Naming, 'discreet'>): string {
  return discreet || tokenName === '' ? '-' : tokenName;
}

/** One entry as a line: "22 Nov 2026 at 14:02:12 · @a · deactivate `laptop` · done". */
export function auditLine(entry: AuditEntry, naming: Pick<Naming, 'discreet'>): string {
  const { at, what, verb, token, tokenName, result, reason, approvedBy, caseId, requestId } = entry;
  const more = detailOf(entry);
  const about = token === undefined ? '' : ` ${listed({ ...token, name: tokenName ?? '' }, naming)}`;
  const approvers = (approvedBy ?? []).map(({ userId }) => mention(userId));
  return [
    `${whenExactly(at)} · ${by(entry)} · ${actWords(what, verb)}${about} · *${RESULT[result]}*`,
    reason === undefined ? undefined : `reason ${code(reason, 120)}`,
    more === undefined ? undefined : sentence(more),
    approvers.length === 0 ? undefined : `approved by ${oneOf(approvers, 'and')}`,
    caseId === undefined ? undefined : `case ${code(caseId)}`,
    requestId === undefined ? undefined : `request ${requestName(requestId)}`,
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
}

const RESULT: Readonly<Record<AuditEntry['result'], string>> = {
  done: 'done',
  already: 'was so already',
  failed: 'NOT done, failed',
  pending: 'NOT done yet, waits',
  refused: 'NOT done, refused',
  unsupported: 'NOT done, the server cannot',
  not_found: 'NOT done, not found',
  expired: 'NOT done, lapsed',
  noted: 'noted',
};

/** What else is known of an entry, in words: the record has none. */
function detailOf({ detail, profiles, because, answer, read }: AuditEntry): string | undefined {
  const known = [
    detail && detailWords(detail, profiles),
    because && matchWords(because),
    answer && answerWords(answer),
    read && readWords(read),
  ].filter((words) => words !== undefined);
  return known.length === 0 ? undefined : known.join('; ');
}

function detailWords(detail: AuditDetail, profiles: readonly string[] = []): string {
  switch (detail.kind) {
    case 'tokens':
      return count(detail.count, 'token');
    case 'lever':
      return detail.id;
    case 'denied':
      return `${DENIED[detail.why]}${profiles.length === 0 ? '' : ` in ${profiles.join(', ')}`}`;
    case 'refused':
      return refusalWords(detail.refusal);
    case 'failed':
      return `${faultWords(detail.fault)} (${detail.fault})`;
    case 'report':
      return `the case: ${detail.state.replaceAll('_', ' ')}`;
  }
}

const DENIED: Readonly<Record<DenialReason, string>> = {
  other_workspace: 'asked from another workspace',
  no_role: 'no role allows it',
  wrong_channel: 'the role does not count in that channel',
  groups_unavailable: 'Slack did not tell who is in the groups',
  own_request: 'nobody approves their own request',
  maybe_same: 'Slack did not tell whether it is another person',
  not_an_approver: 'no approver',
  not_the_requester: 'somebody else had asked',
  too_many: 'more tokens than one request may hold',
  lapsed: 'had lapsed',
  settled: 'had been decided already',
  overtaken: 'somebody had decided otherwise meanwhile',
  outdated: 'the facts had changed since it was approved',
  not_the_owner: "not the token's owner",
  held_before: 'time was asked for before',
  no_reason: 'no reason was typed',
};

function by({ actor }: AuditEntry): string {
  return 'source' in actor ? `alert ${code(actor.source)}` : mention(actor.userId);
}

const COLUMNS = [
  'at',
  'id',
  'actor',
  'team',
  'channel',
  'what',
  'verb',
  'profile',
  'token',
  'tokenName',
  'case',
  'reason',
  'rule',
  'result',
  'detail',
  'approvedBy',
  'actedAt',
  'confirmedAt',
  'providerSaid',
  'request',
] as const;

/** Writes the record as a file, one row per entry. */
export function auditFile(entries: readonly AuditEntry[], format: 'jsonl' | 'csv'): string {
  return tableFile(entries.map(rowOf), { columns: COLUMNS, format });
}

function rowOf(entry: AuditEntry): Partial<Record<(typeof COLUMNS)[number], string>> {
  const { actor, token, approvedBy, receipt } = entry;
  const who =
    'source' in actor
      ? { actor: `alert:${actor.source}` }
      : { actor: actor.userId, team: actor.teamId, ...given({ channel: actor.channelId }) };
  return {
    at: entry.at,
    id: entry.id,
    ...who,
    what: entry.what,
    result: entry.result,
    ...given({
      verb: entry.verb,
      profile: token?.profile,
      token: token?.id,
      tokenName: entry.tokenName,
      case: entry.caseId,
      reason: entry.reason,
      rule: entry.rule,
      detail: detailOf(entry),
      approvedBy: approvedBy?.map(({ userId }) => userId).join(' '),
      actedAt: receipt?.actedAt,
      confirmedAt: receipt?.confirmedAt,
      providerSaid: receipt && proofWords(receipt),
      request: entry.requestId,
    }),
  };
}
