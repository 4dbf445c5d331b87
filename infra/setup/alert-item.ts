import { randomBytes } from 'node:crypto';
import { SENDER_SETUPS } from '#shared/alerts/sender-setups.ts';
import type { SenderSetup } from '#shared/alerts/source.ts';
import { Secret } from '#shared/core/secret.ts';
import { checkKeys } from '#shared/alerts/verify/check-keys.ts';
import { standardWebhookKey } from '#shared/alerts/verify/verify-standard-webhook.ts';
import { Stop } from '../command-line.ts';
import type { Item } from './item.ts';

interface AlertItemDeps {
  readonly source: string;
  readonly stage: string;
  readonly region: string;
}

/** Makes a fresh secret in the form that the source verifies. */
const make = ({ form }: SenderSetup): Secret =>
  new Secret(
    form === 'webhook' ? `whsec_${randomBytes(32).toString('base64')}` : randomBytes(32).toString('base64url'),
  );

/** Lists the sources that the policy switches on and that need a shared secret. */
export function sourcesWithSecret(enabled: readonly string[]): readonly string[] {
  return enabled.filter((source) => SENDER_SETUPS.has(source));
}

/** One alert source's shared secret: made here or pasted, and held against what the source will verify with. */
export function createAlertItem({ source, stage, region }: AlertItemDeps): Item {
  const setup = SENDER_SETUPS.get(source);
  if (setup === undefined)
    throw new Stop(`"${source}" is no alert source with a secret; there are ${[...SENDER_SETUPS.keys()].join(', ')}.`);
  const problemOf = (value: Secret): string | undefined => {
    try {
      if (setup.form === 'webhook' || value.expose().startsWith('whsec_')) standardWebhookKey(value);
    } catch {
      return 'It must be "whsec_" and base64 of at least 16 bytes.';
    }
    const fault = checkKeys(new Map([[source, { current: value }]])).get(source);
    return fault === undefined ? undefined : `${fault.detail}.`;
  };
  return {
    name: `alerts/${source}`,
    title: `Alert source ${source}`,
    isNeeded: false,
    ask: async (prompt) => {
      const how = await prompt.choose(`The secret that ${source} signs with`, {
        ...(setup.made === 'here'
          ? { make: 'make a fresh one (recommended)', paste: 'paste one that is set at the sender' }
          : { paste: 'paste the one that the sender made', make: 'make a fresh one' }),
        later: 'not now',
      });
      if (how === 'later') return undefined;
      if (how === 'make') return make(setup);
      return prompt.secret(setup.where, (answer) => problemOf(new Secret(answer)));
    },
    take: ({ alerts }) => {
      const given = alerts?.[source];
      if (given === undefined) return undefined;
      return given === 'generate' ? make(setup) : new Secret(given);
    },
    check: (value) => {
      const problem = problemOf(value);
      return Promise.resolve({
        works: problem === undefined,
        notes: problem === undefined ? ['has the form that the source verifies'] : [problem],
      });
    },
    afterwards: () => [
      `${source}: ${setup.where}`,
      ...(setup.made === 'here'
        ? [
            `    straight into the clipboard: aws secretsmanager get-secret-value --region ${region} --secret-id patrol/${stage}/alerts/${source} --query SecretString --output text | pbcopy (or xclip, clip)`,
          ]
        : []),
    ],
  };
}
