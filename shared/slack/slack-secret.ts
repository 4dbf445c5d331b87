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
  const current = parsed(stored.current);
  if (Array.isArray(current))
    throw new Fault('config_invalid', `secret slack: ${current.join(', ')} missing or malformed`);
  const before = recentPrevious(stored, now, SLACK_PREVIOUS_KEEP_MS);
  const previous = before === undefined ? [] : parsed(before);
  return {
    signing: {
      current: current.signingSecret,
      ...(Array.isArray(previous) ? {} : { previous: previous.signingSecret }),
    },
    botToken: current.botToken,
  };
}

/** The fields of one version, or the names of those that are missing or malformed. */
type Version = { readonly signingSecret: Secret; readonly botToken: Secret } | string[];

/** A stored version never changes: each is parsed once, and what was parsed goes with it. */
const known = new WeakMap<Secret, Version>();

function parsed(secret: Secret): Version {
  const version = known.get(secret) ?? parseVersion(secret);
  known.set(secret, version);
  return version;
}

function parseVersion(secret: Secret): Version {
  const value = tryParseJson(secret.expose());
  if (value === undefined) return ['JSON'];
  const read = z.safeParse(slackSecretSchema, value);
  if (!read.success) return [...new Set(read.error.issues.map((issue) => issue.path.join('.') || 'object'))];
  const { signingSecret, botToken } = read.data;
  return { signingSecret: new Secret(signingSecret), botToken: new Secret(botToken) };
}
