import type { KeyObject } from 'node:crypto';
import * as s from '#shared/core/schema.ts';
import { hmacSha256, isEqualConstantTime } from '#shared/core/hmac-sha256.ts';
import { tryParseJson } from '#shared/core/try-parse-json.ts';

/**
 * How old a job may be. Longer than SQS keeps one (14 days, its time as a dead letter included), so that a redrive is
 * never refused; shorter than a job is remembered (30 days), so that a copy sent again is either known or too old.
 */
const AGE_LIMIT_MS = 15 * 24 * 60 * 60_000;

const signedSchema = s.object({ mac: s.string, receivedAt: s.string });

/** Writes a job with the MAC over all that it says: who asks, what, since when and under which delivery key. */
export function signJob(key: KeyObject, job: object): string {
  const text = JSON.stringify(job);
  return `${text.slice(0, -1)},"mac":"${macOf(key, text)}"}`;
}

/** Gives the job of a queue message that this stage's own functions have signed; otherwise the reason, fit for a log. */
export function openJob(
  key: KeyObject,
  text: string,
  now: Date,
): { readonly job: unknown } | { readonly refused: 'unreadable' | 'unsigned' | 'forged' | 'too old' } {
  const value = tryParseJson(text);
  if (value === undefined) return { refused: 'unreadable' };
  if (!signedSchema.safeParse(value).success) return { refused: 'unsigned' };
  // The value itself, for its order: what zod gives has another.
  const { mac, ...job } = value as s.Infer<typeof signedSchema>;
  if (!isEqualConstantTime(mac, macOf(key, JSON.stringify(job)))) return { refused: 'forged' };
  const age = now.getTime() - Date.parse(job.receivedAt);
  return age <= AGE_LIMIT_MS ? { job } : { refused: 'too old' };
}

/** A job is what JSON.stringify wrote; what it reads again it writes alike, so the text needs no form of its own. */
function macOf(key: KeyObject, text: string): string {
  return hmacSha256(key, text).toString('base64url');
}
