import * as z from 'zod/mini';
import { Fault } from '#shared/core/fault.ts';
import { Secret } from '#shared/core/secret.ts';
import { tryParseJson } from '#shared/core/try-parse-json.ts';
import type { StoredSecret } from '#shared/secrets/secret-reader.ts';
import type { SigningSecrets } from './verify.ts';

/** What the app's secret in Secrets Manager holds. */
export interface SlackSecret {
  readonly signing: SigningSecrets;
  readonly botToken: Secret;
}

const slackSecretSchema = z.object({
  signingSecret: z.string().check(z.minLength(16)),
  botToken: z.string().check(z.minLength(1)),
});

/**
 * Reads the app's secret. A previous version that cannot be read is left out; a current one throws `config_invalid`,
 * which names the field and no value.
 */
export function parseSlackSecret(stored: StoredSecret): SlackSecret {
  const current = parseVersion(stored.current);
  if (Array.isArray(current))
    throw new Fault('config_invalid', `secret slack: ${current.join(', ')} missing or malformed`);
  const previous = stored.previous === undefined ? [] : parseVersion(stored.previous);
  return {
    signing: {
      current: new Secret(current.signingSecret),
      ...(Array.isArray(previous) ? {} : { previous: new Secret(previous.signingSecret) }),
    },
    botToken: new Secret(current.botToken),
  };
}

function parseVersion(secret: Secret): z.output<typeof slackSecretSchema> | string[] {
  const value = tryParseJson(secret.expose());
  if (value === undefined) return ['JSON'];
  const parsed = z.safeParse(slackSecretSchema, value);
  return parsed.success
    ? parsed.data
    : [...new Set(parsed.error.issues.map((issue) => issue.path.join('.') || 'object'))];
}
