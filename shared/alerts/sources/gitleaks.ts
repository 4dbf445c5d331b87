import * as s from '#shared/core/schema.ts';
import { given } from '#shared/core/defined.ts';
import { Fault } from '#shared/core/fault.ts';
import { decodeText, readJsonTexts } from '../parse-json.ts';
import { rawTexts, readRecords, text } from '../read-records.ts';
import type { Finding, SenderSetup, SourceWithSecret } from '../source.ts';
import { readCsv } from './read-csv.ts';
import { readSarifResult, sarifResults } from './read-sarif-result.ts';
import { verifyStandardWebhook } from '../verify/verify-standard-webhook.ts';

const version8 = s.object({
  RuleID: s.string,
  Description: text,
  Match: text,
  Secret: s.string,
  File: text,
  Commit: text,
  Link: text,
  Author: text,
  Message: text,
});

const version7 = s.object({
  rule: s.string,
  line: text,
  offender: s.string,
  file: text,
  commit: text,
  repo: text,
  leakURL: text,
  author: text,
  commitMessage: text,
});

/** `--redact` writes `REDACTED`, or the first characters and `...`; others mask with stars. */
function unlessRedacted(found: string | null | undefined): string | undefined {
  return found && !/REDACTED|\.\.\.$|…$|\*{3}/.test(found) && found.trim() !== '' ? found : undefined;
}

/** A rule may catch only a part of the token, so the line is searched too. */
function secretIn(found: string, line: string | null | undefined): Pick<Finding, 'secret' | 'around'> {
  return rawTexts({ secret: unlessRedacted(found), around: unlessRedacted(line) });
}

function readVersion8(record: unknown): Finding | undefined {
  const parsed = version8.safeParse(record);
  if (!parsed.success) return undefined;
  const found = parsed.data;
  return {
    ...secretIn(found.Secret, found.Match),
    detector: found.RuleID,
    where: given({ url: found.Link, path: found.File, commit: found.Commit, author: found.Author }),
  };
}

function readVersion7(record: unknown): Finding | undefined {
  const parsed = version7.safeParse(record);
  if (!parsed.success) return undefined;
  const found = parsed.data;
  return {
    ...secretIn(found.offender, found.line),
    detector: found.rule,
    where: given({
      url: found.leakURL,
      repository: found.repo === '.' ? undefined : found.repo,
      path: found.file,
      commit: found.commit,
      author: found.author,
    }),
  };
}

/** Reads one finding of a gitleaks 8 or 7 report, or of its SARIF; `undefined` for another form. */
export function readGitleaksRecord(record: unknown): Finding | undefined {
  return readVersion8(record) ?? readVersion7(record) ?? readSarifResult(record, unlessRedacted);
}

/** What whoever sets it up must know. */
export const gitleaksSetup: SenderSetup = {
  made: 'here',
  form: 'webhook',
  where: 'CI: a masked secret of the job that posts the Gitleaks report (Standard Webhooks)',
};

/** A gitleaks report (JSON, SARIF or CSV), posted by a CI job and signed by Standard Webhooks. */
export const gitleaks: SourceWithSecret = {
  name: 'gitleaks',
  routes: [{ method: 'POST', path: 'gitleaks' }],
  needs: 'secret',
  verify: verifyStandardWebhook,
  read: (request) => {
    const text = decodeText(request.body);
    // Version 7 wrote `null` where it found nothing.
    if (text.trim() === 'null') return { kind: 'ignored', why: 'empty report' };
    const table = readCsv(text, ['RuleID', 'Secret']);
    if (table !== undefined) {
      return readRecords(table.rows, readGitleaksRecord, { signed: request, unread: table.unread });
    }
    const { values, ...rest } = readJsonTexts(text);
    if (values.length === 0) throw new Fault('payload_invalid', 'body holds no JSON');
    return readRecords(values.flat(1).flatMap(sarifResults), readGitleaksRecord, { signed: request, ...rest });
  },
};
