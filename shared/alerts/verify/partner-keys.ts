import * as s from '#shared/core/schema.ts';
import { Fault } from '#shared/core/fault.ts';
import { createFresh } from '#shared/core/fresh.ts';
import { isWithin } from '#shared/core/is-within.ts';
import { sha256Hex } from '#shared/core/hmac-sha256.ts';
import { tryParseJson } from '#shared/core/try-parse-json.ts';
import type { FetchPublic } from './fetch-public.ts';

const keysSchema = s.object({
  public_keys: s.array(s.object({ key_identifier: s.string, key: s.string, is_current: s.boolean }), { most: 100 }),
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
  readonly etag?: string | undefined;
  readonly pems: ReadonlyMap<string, string>;
  /** When GitHub last said so, milliseconds. */
  readonly toldAt: number;
  /** Why this is an old list. */
  readonly trouble?: unknown;
}

function parseKeys(text: string): ReadonlyMap<string, string> {
  const parsed = keysSchema.safeParse(tryParseJson(text));
  if (!parsed.success) throw new Fault('keys_unavailable', 'the list of keys is of an unknown form');
  const usable = parsed.data.public_keys.filter(
    // An identifier is the SHA-256 of the PEM with its final newline, so a key cannot be slipped in under another's id.
    ({ key_identifier: id, key, is_current }) => is_current && [key, `${key}\n`].some((pem) => sha256Hex(pem) === id),
  );
  return new Map(usable.map(({ key_identifier, key }) => [key_identifier, key]));
}

/** How long a list may be out of date: a key that GitHub has withdrawn, perhaps since it leaked, must end by itself. */
const STALE_MS = 24 * 60 * 60_000;

/**
 * Keeps GitHub's published keys, refreshed by ETag. An unknown id makes us ask again once per cool-down, a bad signature
 * never does. While GitHub does not answer, a list that is known stays in use for a day, and of an id that is not in it we
 * cannot tell.
 */
export function createPartnerKeys(deps: PartnerKeysDeps): PartnerKeys {
  const { url, fetchPublic, now, keepMs = 60 * 60_000, coolDownMs = 60_000 } = deps;
  let last: KeyList | undefined;

  const ask = async (): Promise<KeyList> => {
    const reply = await fetchPublic(url, last?.etag);
    const toldAt = now().getTime();
    if (reply.status === 304 && last !== undefined) return { ...last, toldAt };
    if (reply.status !== 200) throw new Fault('keys_unavailable', `${url.host}: HTTP ${reply.status}`);
    return { etag: reply.etag, pems: parseKeys(reply.text), toldAt };
  };
  const load = async (): Promise<KeyList> => {
    try {
      last = await ask();
      return last;
    } catch (trouble) {
      if (last === undefined) throw trouble;
      const isStale = !isWithin(last.toldAt, now(), STALE_MS);
      return { ...last, ...(isStale && { pems: new Map<string, string>() }), trouble };
    }
  };
  const lists = createFresh({ load, now });
  return async (identifier) => {
    const known = await lists(url.href, keepMs);
    const isEnough = known.trouble === undefined && known.pems.has(identifier);
    const { pems, trouble } = isEnough ? known : await lists(url.href, coolDownMs);
    const pem = pems.get(identifier);
    if (pem !== undefined) return pem;
    throw trouble instanceof Fault
      ? trouble
      : new Fault('signature_invalid', 'the key identifier is not a current one');
  };
}
