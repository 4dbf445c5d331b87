import * as s from '#shared/core/schema.ts';
import { given } from '#shared/core/defined.ts';
import { Fault } from '#shared/core/fault.ts';
import { decodeText, readJsonTexts } from '../parse-json.ts';
import { rawTexts, readRecords, text } from '../read-records.ts';
import type { Finding, SenderSetup, SourceWithSecret } from '../source.ts';
import { verifyStandardWebhook } from '../verify/verify-standard-webhook.ts';

const place = s.lenient(s.object({ repository: text, file: text, commit: text, email: text, link: text }));

const lineSchema = s.object({
  DetectorName: s.string,
  Verified: s.lenient(s.boolean),
  Raw: text,
  RawV2: text,
  SourceMetadata: s.lenient(s.object({ Data: s.record(s.unknown) })),
});

/** Reads one line of `trufflehog --json`; `undefined` for another form (a log line, another tool's). */
export function readTrufflehogRecord(record: unknown): Finding | undefined {
  const parsed = lineSchema.safeParse(record);
  if (!parsed.success) return undefined;
  const { DetectorName, Raw, RawV2, Verified, SourceMetadata } = parsed.data;
  const where = place.safeParse(Object.values(SourceMetadata?.Data ?? {})[0]).data ?? {};
  return {
    ...rawTexts({ secret: Raw, around: RawV2 }),
    detector: DetectorName,
    where: given({
      url: where.link,
      repository: where.repository,
      path: where.file,
      commit: where.commit,
      author: where.email,
    }),
    ...(Verified === true ? ({ verified: true, remarks: [{ kind: 'tried' }] } as const) : {}),
  };
}

/** What the scanner says about itself, in the same stream where both are collected. */
function isLogLine(record: unknown): boolean {
  return (
    typeof record === 'object' &&
    record !== null &&
    Object.hasOwn(record, 'level') &&
    Object.hasOwn(record, 'msg') &&
    !Object.hasOwn(record, 'SourceMetadata')
  );
}

/** What whoever sets it up must know. */
export const trufflehogSetup: SenderSetup = {
  made: 'here',
  form: 'webhook',
  where: 'CI: a masked secret of the job that posts TruffleHog’s JSON lines (Standard Webhooks)',
};

/** TruffleHog's own lines, posted by a CI job and signed by Standard Webhooks. */
export const trufflehog: SourceWithSecret = {
  name: 'trufflehog',
  routes: [{ method: 'POST', path: 'trufflehog' }],
  needs: 'secret',
  verify: verifyStandardWebhook,
  read: (request) => {
    const { values, ...rest } = readJsonTexts(decodeText(request.body));
    if (values.length + rest.unread.length === 0 && rest.aside.length > 0) {
      throw new Fault('payload_invalid', 'body holds no JSON');
    }
    const records = values.flat(1).filter((record) => !isLogLine(record));
    return readRecords(records, readTrufflehogRecord, { signed: request, ...rest });
  },
};
