import * as s from '#shared/core/schema.ts';
import { Fault } from '#shared/core/fault.ts';
import { Secret } from '#shared/core/secret.ts';
import { parseStoredJson, unquoted } from '#shared/core/parse-stored-json.ts';
import { recentPrevious } from '#shared/secrets/recent-previous.ts';
import type { StoredSecret } from '#shared/secrets/secret-reader.ts';
import type { SigningSecrets } from './verify-slack-request.ts';

/** Where the app's two secrets are kept, under the stage's prefix: only slack-edge may read the one that people's requests are signed with. */
export const SLACK_SECRETS = { signing: 'slack', bot: 'slack-bot' } as const;

/** Slack signs with the new secret as soon as it is regenerated; the old one is only for what is on its way. */
export const SLACK_PREVIOUS_KEEP_MS = 10 * 60_000;

const stored = s.map(s.trimmed, unquoted);
const signingSecretOf = createParse('signingSecret', s.atLeast(16, stored));
const botTokenOf = createParse('botToken', s.atLeast(1, stored));

/**
 * Reads the signing secret, with the previous one for ten minutes after a rotation. A previous version that cannot be read
 * is left out; a current one throws `config_invalid`, which names the field and no value.
 */
export function parseSigningSecrets(stored: StoredSecret, now: Date): SigningSecrets {
  const before = recentPrevious(stored, now, SLACK_PREVIOUS_KEEP_MS);
  const previous = before === undefined ? '' : signingSecretOf(before);
  return {
    current: valid(SLACK_SECRETS.signing, signingSecretOf(stored.current)),
    ...(typeof previous === 'string' ? {} : { previous }),
  };
}

/** Reads the bot token; throws as `parseSigningSecrets` does. Only the newest one is good for anything. */
export function parseBotToken({ current }: Pick<StoredSecret, 'current'>): Secret {
  return valid(SLACK_SECRETS.bot, botTokenOf(current));
}

function valid(name: string, parsed: Secret | string): Secret {
  if (typeof parsed !== 'string') return parsed;
  throw new Fault('config_invalid', `secret ${name}: ${parsed} missing or malformed`);
}

/** Makes what takes one field out of a version, or names what is wrong with it. A version never changes: each is parsed once. */
function createParse(field: string, schema: s.Schema<string>): (version: Secret) => Secret | string {
  const known = new WeakMap<Secret, Secret | string>();
  const read = s.object({ [field]: schema });
  const parse = (version: Secret): Secret | string => {
    const value = parseStoredJson(version.expose());
    if (value === undefined) return 'JSON';
    const found = read.safeParse(value);
    if (!found.success) return found.error.issues[0]?.path.length === 0 ? 'object' : field;
    return new Secret(found.data[field] ?? '');
  };
  return (version) => {
    const parsed = known.get(version) ?? parse(version);
    known.set(version, parsed);
    return parsed;
  };
}
