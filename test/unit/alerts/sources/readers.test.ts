import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leakJobSchema } from '#shared/jobs/job.ts';
import { receiveReading } from '#shared/alerts/receive-alert.ts';
import { createRoutes } from '#shared/alerts/routes.ts';
import type { Reading } from '#shared/alerts/source.ts';
import { readEventBridge } from '#shared/alerts/sources/read-event-bridge.ts';
import { readSnsMessage } from '#shared/alerts/sources/sns.ts';
import { isFault } from '#shared/core/fault.ts';
import '#test/support/contain-no-secret.ts';
import { alertRequest, checkNothing, fingerprint, now, NOW_SECONDS } from '#test/support/alerts.ts';
import { ourSecret } from '#test/support/leaks.ts';

const routes = createRoutes({ partnerKeys: async () => '', snsTopics: [], fetchCertificate: async () => '' });

/** Names that some sender gives to its fields, so that arbitrary values get as deep into the readers as they can. */
const FIELD = fc.constantFrom(
  ...[
    'action',
    'alert',
    'number',
    'repository',
    'full_name',
    'secret',
    'incident',
    'detector',
    'hmsl_hash',
    'occurrence',
  ],
  ...['matches', 'string_matched', 'token', 'type', 'url', 'location', 'vulnerabilities', 'raw_source_code_extract'],
  ...['object_kind', 'object_attributes', 'report_type', 'RuleID', 'Secret', 'Match', 'rule', 'offender', 'line'],
  ...['DetectorName', 'Raw', 'SourceMetadata', 'Data', 'findings', 'tokenId', 'note', 'source_type', 'redacted'],
  ...['__proto__', 'constructor', 'toString'],
);
const WORD = fc.constantFrom(
  'created',
  'incident_triggered',
  'vulnerability',
  'secret_detection',
  'detected',
  'a/b',
  '',
);

/** JSON values made of the senders' own field names, with our secrets in them. */
const value = (secret: string) =>
  fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom(secret, `key = ${secret};`, null, true, 7, -1, 1e400),
      WORD,
      fc.string(),
      fc.array(tie('any'), { maxLength: 4 }),
      fc.array(fc.tuple(FIELD, tie('any')), { maxLength: 6 }).map((pairs) => Object.fromEntries(pairs) as unknown),
    ),
  })).any;
const withSecret = ourSecret.chain((secret) => fc.tuple(fc.constant(secret), value(secret)));

async function readAll(body: unknown): Promise<readonly { readonly name: string; readonly reading: Reading }[]> {
  const bytes = Buffer.from(JSON.stringify(body) ?? '');
  const readings: { name: string; reading: Reading }[] = [];
  for (const { path, source } of routes) {
    const subpath = path.includes('/') ? `/${path.split('/').slice(1).join('/')}` : '';
    const request = alertRequest(bytes, { 'x-github-event': 'secret_scanning_alert' }, { subpath });
    try {
      readings.push({ name: source.name, reading: await source.read(request, NOW_SECONDS) });
    } catch (error) {
      expect(isFault(error, 'payload_invalid'), path).toBe(true);
    }
  }
  const message = { Type: 'Notification', MessageId: 'm', TopicArn: 'arn:aws:sns:x:0:t', Message: bytes.toString() };
  const detail = typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...body } : { body };
  readings.push({ name: 'sns', reading: readSnsMessage(message) });
  for (const source of ['my.scanner', 'aws.guardduty']) {
    const event = { version: '0' as const, id: 'e', 'detail-type': 't', source, detail };
    readings.push({ name: 'eventbridge', reading: readEventBridge(event) });
  }
  return readings;
}

describe('every reader', () => {
  it('throws nothing but an unreadable payload, and lets no secret into a job', async () => {
    await fc.assert(
      fc.asyncProperty(withSecret, async ([secret, body]) => {
        for (const { name, reading } of await readAll(body)) {
          const received = await receiveReading(
            reading,
            { source: { name }, content: Buffer.from('x') },
            { now, fingerprint, checkValidity: checkNothing, profiles: [] },
          );
          for (const job of received.jobs) expect(leakJobSchema.parse(JSON.parse(JSON.stringify(job)))).toEqual(job);
          expect(received).toContainNoSecret([secret]);
        }
      }),
      { numRuns: 150 },
    );
  });
});
