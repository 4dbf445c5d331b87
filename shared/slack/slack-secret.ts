import * as z from 'zod/mini';
import { Fault } from '#shared/core/fault.ts';
import { Secret } from '#shared/core/secret.ts';
import { tryParseJson } from '#shared/core/try-parse-json.ts';
import { recentPrevious } from '#shared/secrets/recent-previous.ts';
import type { StoredSecret } from '#shared/secrets/secret-reader.ts';
import type { SigningSecrets } from './verify-slack-request.ts';

/** What the app's secret in Secrets Manager holds. */
export interface SlackSecret {
  readonly signing: SigningSecrets;
  readonly botToken: Secret;
}

const slackSecretSchema = z.object({
  signingSecret: z.string().check(z.trim(), z.minLength(16)),
  botToken: z.string().check(z.trim(), z.minLength(1)),
});

/** Slack signs with the new secret as soon as it is regenerated; the old one is only for what is on its way. */
export const SLACK_PREVIOUS_KEEP_MS = 10 * 60_000;

/**
 * Reads the app's secret, with the previous signing secret for ten minutes after a rotation. A previous version that
 * cannot be read is left out; a current one throws `config_invalid`, which names the field and no value.
 */
export function parseSlackSecret(stored: StoredSecret, now: Date): SlackSecret {
  const current = parseVersion(stored.current);
  if (Array.isArray(current))
    throw new Fault('config_invalid', `secret slack: ${current.join(', ')} missing or malformed`);
  const before = recentPrevious(stored, now, SLACK_PREVIOUS_KEEP_MS);
  const previous = before === undefined ? [] : parseVersion(before);
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
