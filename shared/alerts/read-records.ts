import * as z from 'zod/mini';
import { defined, given } from '#shared/core/defined.ts';
import { Fault } from '#shared/core/fault.ts';
import { Secret } from '#shared/core/secret.ts';
import type { AlertRequest, Finding, Reading } from './source.ts';

/** An optional part of a foreign record: one of another form is treated as absent, so that it cannot hide the rest. */
export const lenient = <T extends z.core.$ZodType>(part: T) => z.catch(z.nullish(part), undefined);

/** An optional text of a foreign record. */
export const text = lenient(z.string());

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

/**
 * Reads each record on its own: one that cannot be read is counted and hides no other. Throws `payload_invalid` when not
 * a single one can be read, since that is another dialect and its sender should learn it. A `webhook-id` is the delivery's
 * id, because the sender signed it.
 */
export function readRecords(
  records: readonly unknown[],
  readRecord: (record: unknown) => Finding | undefined,
  options: { readonly signed?: AlertRequest; readonly skipped?: number } = {},
): Reading {
  const read = records.map(readRecord);
  const findings = read.filter((finding) => finding !== undefined);
  const skipped = read.length - findings.length + (options.skipped ?? 0);
  if (findings.length === 0 && skipped > 0) throw new Fault('payload_invalid', 'no record is of a known form');
  if (findings.length === 0) return { kind: 'ignored', why: 'empty report' };
  const deliveryId = options.signed?.headers.get('webhook-id')?.[0];
  return { kind: 'findings', findings, skipped, ...defined({ deliveryId }) };
}
