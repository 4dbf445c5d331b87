import * as s from '#shared/core/schema.ts';
import { given } from '#shared/core/defined.ts';
import { Fault, isFault } from '#shared/core/fault.ts';
import { isEqualConstantTime, sha256Hex } from '#shared/core/hmac-sha256.ts';
import { parseJson } from '../parse-json.ts';
import { rawTexts, text, unreadable } from '../read-records.ts';
import type { AlertRequest, Reading, SenderSetup, SourceWithSecret, SourceKeys } from '../source.ts';
import { acceptedKeys } from '../verify/accepted-keys.ts';
import { verifyHubSignature } from '../verify/verify-hub-signature.ts';

const SCHEME = { header: 'x-hub-signature', prefix: '' } as const;

const ADVICE =
  'the sender uses TruffleHog\'s default "sha256", which anybody can lengthen: set signatureMethod to hmac-sha256';

/** Fields of the notification that are documented or seen; the rest differs by kind of source. */
const notificationSchema = s.object({
  source_type: s.string,
  source_name: text,
  detector_type: text,
  detector_name: text,
  redacted: text,
  raw: text,
  link: text,
  source_metadata: s.optional(s.unknown),
});

const PLACE_FIELDS = new Set(['link', 'repository', 'file', 'commit', 'email']);

/** Picks the place out of metadata whose nesting depends on the kind of source. */
function placesIn(value: unknown, depth = 0): Record<string, string> {
  if (typeof value !== 'object' || value === null || depth > 4) return {};
  return Object.entries(value).reduce<Record<string, string>>((found, [name, inner]: [string, unknown]) => {
    if (typeof inner === 'string' && PLACE_FIELDS.has(name)) return { [name]: inner, ...found };
    return { ...placesIn(inner, depth + 1), ...found };
  }, {});
}

/** Tells an operator why every delivery is refused, when it is the weak default scheme with the right token. */
function isWeakDefault(request: AlertRequest, keys: SourceKeys | undefined): boolean {
  const given = request.headers.get(SCHEME.header)?.[0] ?? '';
  return acceptedKeys(keys).some((secret) =>
    isEqualConstantTime(sha256Hex(Buffer.concat([Buffer.from(secret.expose()), request.body])), given),
  );
}

function verify(request: AlertRequest, keys: SourceKeys | undefined): void {
  try {
    verifyHubSignature(request, keys, SCHEME);
  } catch (error) {
    if (isFault(error, 'signature_invalid') && isWeakDefault(request, keys)) {
      throw new Fault('signature_invalid', ADVICE);
    }
    throw error;
  }
}

/** True for what tells of a secret, whatever else does not fit. */
function isLeak(body: unknown): boolean {
  return (
    typeof body === 'object' &&
    body !== null &&
    ['detector_type', 'detector_name', 'raw', 'redacted', 'source_metadata'].some((field) => Object.hasOwn(body, field))
  );
}

/** Reads a notification; it shows at most 20 characters of the secret, which are never matched against anything. */
export function readNotification(body: unknown): Reading {
  const parsed = notificationSchema.safeParse(body);
  if (!parsed.success) return isLeak(body) ? unreadable(body) : { kind: 'ignored', why: 'not a finding' };
  const { detector_name, detector_type, raw, redacted, link, source_metadata } = parsed.data;
  const place = placesIn(source_metadata);
  return {
    kind: 'findings',
    findings: [
      {
        ...rawTexts({ secret: raw === redacted ? undefined : raw }),
        ...given({ detector: detector_name ?? detector_type }),
        where: given({
          url: link ?? place['link'],
          repository: place['repository'],
          path: place['file'],
          commit: place['commit'],
          author: place['email'],
        }),
      },
    ],
    unread: [],
  };
}

/** What whoever sets it up must know. */
export const trufflehogEnterpriseSetup: SenderSetup = {
  made: 'there',
  form: 'plain',
  where: 'TruffleHog Enterprise: Notifiers > Webhook > HMAC secret',
};

/** TruffleHog Enterprise's webhook with `signatureMethod: hmac-sha256`, on a route and with a key of its own. */
export const trufflehogEnterprise: SourceWithSecret = {
  name: 'trufflehog-enterprise',
  routes: [{ method: 'POST', path: 'trufflehog/enterprise' }],
  needs: 'secret',
  verify,
  read: (request) => {
    const body = parseJson(request.body);
    if (typeof body !== 'object' || body === null) throw new Fault('payload_invalid', 'body is not an object');
    return readNotification(body);
  },
};
