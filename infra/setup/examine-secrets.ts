import { checkKeys } from '#shared/alerts/verify/check-keys.ts';
import type { Secret } from '#shared/core/secret.ts';
import { SOURCE_PREVIOUS_KEEP_MS } from '#shared/alerts/verify/keyring.ts';
import { recentPrevious } from '#shared/secrets/recent-previous.ts';
import { parseSigningSecrets, SLACK_PREVIOUS_KEEP_MS, SLACK_SECRETS } from '#shared/slack/slack-secret.ts';
import { parseFingerprintKey } from '#shared/secrets/parse-fingerprint-key.ts';
import { type Examination, fine, odd, wrong } from './examination.ts';
import type { Item } from './item.ts';
import { readItem } from './put-item.ts';
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
    const value = await readItem(vault, item);
    if (value !== undefined) values.set(item.name, value);
    const advice = `npm run setup -- --stage ${stage} --only ${item.name}`;
    examined.push(await examineOne(item, value, advice), ...(await examinePrevious(item.name, vault, advice)));
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
  const { works, notes, advice: better } = await item.check(value);
  if (!works) return wrong(item.name, notes.join('; '), advice);
  return better === undefined ? fine(item.name, notes.join('; ')) : odd(item.name, notes.join('; '), better);
}

/** Tells of a secret from before a rotation that still opens the door. */
async function examinePrevious(name: string, vault: Vault, advice: string): Promise<readonly Examination[]> {
  const keepMs = name === SLACK_SECRETS.signing ? SLACK_PREVIOUS_KEEP_MS : SOURCE_PREVIOUS_KEEP_MS;
  if (name !== SLACK_SECRETS.signing && !name.startsWith('alerts/')) return [];
  const stored = await vault.versions(name);
  const previous = stored && recentPrevious(stored, new Date(), keepMs);
  if (stored?.madeAt === undefined || previous === undefined || previous.expose() === stored.current.expose())
    return [];
  const [from, until] = [stored.madeAt.getTime(), stored.madeAt.getTime() + keepMs].map((time) =>
    new Date(time).toISOString(),
  );
  return [
    odd(
      name,
      `a previous version, older than ${from}, is still accepted until ${until}`,
      `has it leaked? ${advice} --compromised`,
    ),
  ];
}

function examineShared(values: ReadonlyMap<string, Secret>, stage: string): readonly Examination[] {
  const alerts = [...values]
    .filter(([name]) => name.startsWith('alerts/'))
    .map(([name, current]) => [name.replace('alerts/', ''), { current }] as const);
  // Slack's edge would take for Slack's what such a sender signs.
  const slack = values.get('slack');
  const signing = slack && readSigning(slack);
  return [...checkKeys(new Map(signing === undefined ? alerts : [...alerts, ['slack', { current: signing }]]))]
    .filter(([, fault]) => fault.detail.includes('has the same secret'))
    .map(([source, fault]) => {
      const name = source === 'slack' ? source : `alerts/${source}`;
      return wrong(name, fault.detail, `npm run setup -- --stage ${stage} --only ${name}`);
    });
}

function readSigning(slack: Secret): Secret | undefined {
  try {
    return parseSigningSecrets({ current: slack }, new Date()).current;
  } catch {
    return undefined; // said where the app's secret itself is examined
  }
}
