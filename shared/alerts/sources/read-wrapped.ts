import { isFault } from '#shared/core/fault.ts';
import { without } from '#shared/core/without.ts';
import { Secret } from '#shared/core/secret.ts';
import { parseJsonText, readJsonTexts } from '../parse-json.ts';
import { readRecords } from '../read-records.ts';
import type { Finding, Reading } from '../source.ts';
import { genericRecords, readGenericRecord } from './generic.ts';
import { readGithubAlert } from './github.ts';
import { readGitguardianEvent } from './gitguardian.ts';
import { readGitleaksRecord } from './gitleaks.ts';
import { readTrufflehogRecord } from './trufflehog.ts';

/** Forms that a record of a list may have; the first that fits reads it. */
const RECORD_FORMS = [readGitleaksRecord, readTrufflehogRecord, readGenericRecord];

function readRecord(record: unknown): Finding | undefined {
  for (const read of RECORD_FORMS) {
    const finding = read(record);
    if (finding !== undefined) return finding;
  }
  return undefined;
}

function has(value: object, field: string): boolean {
  return Object.hasOwn(value, field);
}

/** GitHub's own secret does not vouch for an alert that came in an envelope: it is told, and nothing is fetched or closed. */
function toldOnly(reading: Reading): Reading {
  if (reading.kind !== 'findings') return reading;
  return { ...reading, findings: reading.findings.map((finding) => without(finding, 'locator')) };
}

/** Reads what another sender put into an envelope that is already trusted; `undefined` when it is no form of ours. */
export function readWrapped(body: unknown): Reading | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  if (has(body, 'alert') && has(body, 'repository')) return toldOnly(readGithubAlert(body));
  if (has(body, 'incident') || has(body, 'matches')) return readGitguardianEvent(body);
  const records = genericRecords(body) ?? [];
  if (records.length === 0) return { kind: 'ignored', why: 'empty report' };
  const known = records.filter((record) => readRecord(record) !== undefined);
  return known.length === 0 ? undefined : readRecords(records, readRecord);
}

/**
 * Reads a wrapped text: one of the forms above, lines of TruffleHog, or prose. Prose is searched for tokens (`around`) and
 * told under its title; what it says otherwise is left out, since anybody may have written it.
 */
export function readWrappedText(message: string, title: string): Reading {
  const json = parseOrUndefined(message);
  const reading = readWrapped(json) ?? readLines(message);
  if (reading !== undefined) return reading;
  return { kind: 'findings', findings: [{ around: new Secret(message), detector: title }], unread: [] };
}

function readLines(message: string): Reading | undefined {
  const { values, ...rest } = readJsonTexts(message);
  return values.some((value) => readTrufflehogRecord(value) !== undefined)
    ? readRecords(values, readTrufflehogRecord, rest)
    : undefined;
}

function parseOrUndefined(message: string): unknown {
  try {
    return parseJsonText(message);
  } catch (error) {
    if (isFault(error, 'payload_invalid')) return undefined;
    throw error;
  }
}
