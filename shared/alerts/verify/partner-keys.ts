import * as z from 'zod/mini';
import { Fault } from '#shared/core/fault.ts';
import { sha256Hex } from '#shared/core/hmac.ts';
import type { FetchPublic } from './fetch-public.ts';

const keysSchema = z.object({
  public_keys: z
    .array(z.object({ key_identifier: z.string(), key: z.string(), is_current: z.boolean() }))
    .check(z.maxLength(100)),
});

/** Gives the PEM of a current key. Throws `signature_invalid` for an id that is not published, else `keys_unavailable`. */
export type PartnerKeys = (identifier: string) => Promise<string>;

interface PartnerKeysDeps {
  readonly url: URL;
  readonly fetchPublic: FetchPublic;
  readonly now: () => Date;
  /** How long a list is believed. */
  readonly keepMs?: number;
  /** How often an unknown id may make us ask again; strangers can send any id. */
  readonly coolDownMs?: number;
}

interface KeyList {
  readonly at: number;
  readonly etag?: string | undefined;
  readonly pems: ReadonlyMap<string, string>;
}

function parseKeys(text: string): ReadonlyMap<string, string> {
  const parsed = keysSchema.safeParse(parseOrUndefined(text));
  if (!parsed.success) throw new Fault('keys_unavailable', 'the list of keys is of an unknown form');
  const usable = parsed.data.public_keys.filter(
    // An identifier is the SHA-256 of the PEM with its final newline, so a key cannot be slipped in under another's id.
    ({ key_identifier: id, key, is_current }) => is_current && [key, `${key}\n`].some((pem) => sha256Hex(pem) === id),
  );
  return new Map(usable.map(({ key_identifier, key }) => [key_identifier, key]));
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Keeps GitHub's published keys, refreshed by ETag. An unknown id makes us ask again once per cool-down, a bad signature
 * never does. While GitHub does not answer, a list that is known stays in use.
 */
export function createPartnerKeys(deps: PartnerKeysDeps): PartnerKeys {
  const { url, fetchPublic, now, keepMs = 60 * 60_000, coolDownMs = 60_000 } = deps;
  let known: KeyList | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<KeyList> | undefined;

  const ask = async (): Promise<KeyList> => {
    const at = now().getTime();
    askedAt = at;
    const reply = await fetchPublic(url, known?.etag);
    if (reply.status === 304 && known !== undefined) return { ...known, at };
    if (reply.status !== 200) throw new Fault('keys_unavailable', `${url.host}: HTTP ${reply.status}`);
    return { at, etag: reply.etag, pems: parseKeys(reply.text) };
  };
  const refresh = async (): Promise<KeyList> => {
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    known = await asking;
    return known;
  };
  return async (identifier) => {
    const age = known === undefined ? Number.POSITIVE_INFINITY : now().getTime() - known.at;
    const pem = known?.pems.get(identifier);
    if (pem !== undefined && age <= keepMs) return pem;
    const mayAsk = now().getTime() - askedAt > coolDownMs || asking !== undefined || known === undefined;
    if (mayAsk) {
      const fresh = await refresh().catch((error: unknown) => {
        if (pem !== undefined) return undefined;
        throw error;
      });
      const found = fresh === undefined ? pem : fresh.pems.get(identifier);
      if (found !== undefined) return found;
    } else if (pem !== undefined) return pem;
    throw new Fault('signature_invalid', 'the key identifier is not a current one');
  };
}
