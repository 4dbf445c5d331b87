import * as s from '#shared/core/schema.ts';
import { defined, given } from '#shared/core/defined.ts';
import { Secret } from '#shared/core/secret.ts';
import type { AlertRequest, Finding, Reading } from './source.ts';

/** An optional text of a foreign record. */
export const text = s.lenient(s.string);

/** Wraps raw texts of a finding as secrets; leaves out those that were not given. */
export function rawTexts(raw: {
  readonly secret?: string | null | undefined;
  readonly around?: string | null | undefined;
}): Pick<Finding, 'secret' | 'around'> {
  const { secret, around } = given({ secret: raw.secret, around: raw.around });
  return defined({
    secret: secret === undefined ? undefined : new Secret(secret),
    around: around === undefined ? undefined : new Secret(around),
  });
}

/** What a verified sender meant for a leak, and what cannot be read: searched for tokens and told, never ignored. */
export function unreadable(body: unknown): Reading {
  return { kind: 'findings', findings: [], unread: [asText(body)] };
}

function asText(value: unknown): Secret {
  return new Secret(typeof value === 'string' ? value : JSON.stringify(value));
}

/** What came with the records: the request, where its sender signed its id, and what else stood in the body. */
interface Around {
  readonly signed?: AlertRequest;
  readonly unread?: readonly string[];
  readonly aside?: readonly string[];
}

/**
 * Reads each record on its own: one that cannot be read hides no other and is searched for tokens, as are the fields of
 * those that can that nobody knows. A `webhook-id` is the delivery's id, because the sender signed it.
 */
export function readRecords(
  records: readonly unknown[],
  readRecord: (record: unknown) => Finding | undefined,
  { signed, unread: broken = [], aside = [] }: Around = {},
): Reading {
  const read = records.map((record) => ({ record, finding: readRecord(record) }));
  const findings = read.flatMap(({ record, finding }) =>
    finding === undefined ? [] : [{ ...finding, record: asText(record) }],
  );
  const odd = read.flatMap(({ record, finding }) => (finding === undefined ? [asText(record)] : []));
  const unread = [...odd, ...broken.map(asText)];
  if (findings.length + unread.length + aside.length === 0) return { kind: 'ignored', why: 'empty report' };
  const deliveryId = signed?.headers.get('webhook-id')?.[0];
  return { kind: 'findings', findings, unread, aside: aside.map(asText), ...defined({ deliveryId }) };
}
