import * as s from '#shared/core/schema.ts';
import { given } from '#shared/core/defined.ts';
import { Fault } from '#shared/core/fault.ts';
import { PROVIDER_NAMES } from '#shared/core/vocabulary.ts';
import { decodeText, readJsonTexts } from '../parse-json.ts';
import { rawTexts, readRecords, text } from '../read-records.ts';
import type { Finding, SenderSetup, SourceWithSecret } from '../source.ts';
import { verifyStandardWebhook } from '../verify/verify-standard-webhook.ts';

/** A text of a shell or of a form: an empty one was meant to be absent. */
const filled = s.lenient(s.matching(/\S/));

/** Inputs of CI arrive as texts. */
const flag = s.lenient(
  s.map(
    s.literal(true, false, 'true', 'false', '1', '0', 'yes', 'no'),
    (given) => given === true || given === 'true' || given === '1' || given === 'yes',
  ),
);

const recordSchema = s.refine(
  s.object({
    provider: s.lenient(s.literal(...PROVIDER_NAMES)),
    profile: filled,
    secret: filled,
    tokenId: filled,
    url: text,
    repository: text,
    path: text,
    commit: text,
    author: text,
    detector: text,
    note: text,
    publiclyLeaked: flag,
    test: flag,
  }),
  ({ secret, tokenId, note, url }) => Object.keys(given({ secret, tokenId, note, url })).length > 0,
);

/** Reads one record of the generic form: `{provider?, secret? or tokenId?, url?, note?, …}`; `undefined` for another form. */
export function readGenericRecord(record: unknown): Finding | undefined {
  const parsed = recordSchema.safeParse(record);
  if (!parsed.success) return undefined;
  const { secret, provider, profile, tokenId, detector, note, publiclyLeaked, test, ...where } = parsed.data;
  return {
    ...given({ provider, profile, tokenId, detector, note, publiclyLeaked, test }),
    ...rawTexts({ secret }),
    where: given({
      url: where.url,
      repository: where.repository,
      path: where.path,
      commit: where.commit,
      author: where.author,
    }),
  };
}

/** The records of a generic body: one object, a list of them, or `{findings: […]}`; `undefined` for another form. */
export function genericRecords(body: unknown): readonly unknown[] | undefined {
  if (Array.isArray(body)) return body as readonly unknown[];
  if (typeof body !== 'object' || body === null) return undefined;
  const findings: unknown = Object.hasOwn(body, 'findings') ? Reflect.get(body, 'findings') : undefined;
  return Array.isArray(findings) ? (findings as readonly unknown[]) : [body];
}

/** What whoever sets it up must know. */
export const genericSetup: SenderSetup = {
  made: 'here',
  form: 'webhook',
  where: 'your own sender: the signing secret of Standard Webhooks',
};

/** Our own form, signed by Standard Webhooks: what scripts and scanners without a form of their own send. */
export const generic: SourceWithSecret = {
  name: 'generic',
  routes: [{ method: 'POST', path: 'generic' }],
  needs: 'secret',
  verify: verifyStandardWebhook,
  read: (request) => {
    const { values, ...rest } = readJsonTexts(decodeText(request.body));
    if (values.length === 0) throw new Fault('payload_invalid', 'body holds no JSON');
    const records = values.flatMap((value) => genericRecords(value) ?? []);
    return readRecords(records, readGenericRecord, { signed: request, ...rest });
  },
};
