import { checkKeys } from '#shared/alerts/verify/check-keys.ts';
import type { Secret } from '#shared/core/secret.ts';
import { parseFingerprintKey } from '#shared/secrets/parse-fingerprint-key.ts';
import { type Examination, fine, odd, wrong } from './examination.ts';
import type { Item } from './item.ts';
import type { Vault } from './vault.ts';

/** Tries every stored secret, and looks for alert sources that share one. */
export async function examineSecrets(
  items: readonly Item[],
  vault: Vault,
  stage: string,
): Promise<readonly Examination[]> {
  const values = new Map<string, Secret>();
  const examined: Examination[] = [await examineFingerprint(vault, stage)];
  for (const item of items) {
    const value = await vault.read(item.name);
    if (value !== undefined) values.set(item.name, value);
    examined.push(await examineOne(item, value, `npm run setup -- --stage ${stage} --only ${item.name}`));
  }
  return [...examined, ...examineShared(values, stage)];
}

async function examineFingerprint(vault: Vault, stage: string): Promise<Examination> {
  const value = await vault.read('fingerprint');
  const advice = `npm run setup -- --stage ${stage} makes one`;
  if (value === undefined) return wrong('fingerprint', 'there is no key', advice);
  try {
    parseFingerprintKey(value);
    return fine('fingerprint', 'there is a key');
  } catch {
    return wrong('fingerprint', 'the key is malformed', `delete its value; ${advice}`);
  }
}

async function examineOne(item: Item, value: Secret | undefined, advice: string): Promise<Examination> {
  if (value === undefined) return (item.isNeeded ? wrong : odd)(item.name, 'is not set up', advice);
  const { works, notes } = await item.check(value);
  return works ? fine(item.name, notes.join('; ')) : wrong(item.name, notes.join('; '), advice);
}

function examineShared(values: ReadonlyMap<string, Secret>, stage: string): readonly Examination[] {
  const alerts = [...values]
    .filter(([name]) => name.startsWith('alerts/'))
    .map(([name, current]) => [name.replace('alerts/', ''), { current }] as const);
  return [...checkKeys(new Map(alerts))]
    .filter(([, fault]) => fault.detail.includes('has the same secret'))
    .map(([source, fault]) =>
      wrong(`alerts/${source}`, fault.detail, `npm run setup -- --stage ${stage} --only alerts/${source}`),
    );
}
