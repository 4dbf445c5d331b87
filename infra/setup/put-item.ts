import { Secret } from '#shared/core/secret.ts';
import type { Item } from './item.ts';
import type { Vault } from './vault.ts';

type Fields = Readonly<Record<string, unknown>>;
type Kept = Pick<Item, 'name' | 'kept'>;

/** Reads a stored item whole; `undefined` while any part of it is missing. */
export async function readItem(vault: Pick<Vault, 'read'>, { name, kept }: Kept): Promise<Secret | undefined> {
  if (kept === undefined) return vault.read(name);
  const parts = await Promise.all(Object.keys(kept).map((part) => vault.read(part)));
  const texts = parts.flatMap((part) => (part === undefined ? [] : [part.expose()]));
  if (texts.length < parts.length) return undefined;
  try {
    return new Secret(JSON.stringify(Object.assign({}, ...texts.map((text) => JSON.parse(text) as Fields))));
  } catch {
    return new Secret(texts[0] ?? ''); // no JSON, which whoever tries it will say
  }
}

/** Stores an item, each field in the secret that may be read by those who need it. Safe to repeat. */
export async function putItem(vault: Vault, { name, kept }: Kept, value: Secret): Promise<'stored' | 'unchanged'> {
  if (kept === undefined) return vault.put(name, value);
  const all = JSON.parse(value.expose()) as Fields;
  const results: ('stored' | 'unchanged')[] = [];
  for (const [part, fields] of Object.entries(kept)) {
    const own = Object.fromEntries(fields.map((field) => [field, all[field]]));
    results.push(await vault.put(part, new Secret(JSON.stringify(own))));
  }
  return results.includes('stored') ? 'stored' : 'unchanged';
}
