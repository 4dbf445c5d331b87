import * as s from '#shared/core/schema.ts';
import { given } from '#shared/core/defined.ts';
import { Fault, isFault } from '#shared/core/fault.ts';
import { isEqualConstantTime, MINIMUM_KEY_BYTES } from '#shared/core/hmac-sha256.ts';
import { single } from '#shared/core/read-http-request.ts';
import type { Secret } from '#shared/core/secret.ts';
import { parseJson } from '../parse-json.ts';
import { rawTexts, readRecords, text, unreadable } from '../read-records.ts';
import type { AlertRequest, Finding, Reading, SenderSetup, SourceWithSecret, SourceKeys } from '../source.ts';
import { acceptedKeys } from '../verify/accepted-keys.ts';
import { STANDARD_WEBHOOKS_PREFIX, verifyStandardWebhook } from '../verify/verify-standard-webhook.ts';

/**
 * The types we ask GitLab to hand over: `<identifier type>_<identifier>` of its analyzer's rules. The secret's own form
 * decides, so that rules which only may find one of ours are in the list too.
 * https://docs.gitlab.com/development/sec/token_revocation_api
 */
const REVOCABLE_TYPES = [
  'gitleaks_rule_id_langsmith',
  'gitleaks_rule_id_langchain',
  'gitleaks_rule_id_dfns',
  'gitleaks_rule_id_jwt',
  'gitleaks_rule_id_generic-api-key',
] as const;

const TYPES_PATH = '/v1/revocable_token_types';
const REVOKE_PATH = '/v1/revoke_tokens';

function verifyToken(request: AlertRequest, keys: SourceKeys | undefined, header: string): void {
  const given = single(request, header, { commas: true });
  const matches = acceptedKeys(keys).map((secret) => {
    const token = secret.expose();
    if (Buffer.byteLength(token) < MINIMUM_KEY_BYTES) throw new Fault('config_invalid', 'token is under 16 bytes');
    return isEqualConstantTime(token, given);
  });
  if ((request.headers.get(header)?.length ?? 0) > 1 || !matches.includes(true)) {
    throw new Fault('signature_invalid', `header ${header} does not match`);
  }
}

function isSigning(secret: Secret | undefined): boolean {
  return secret?.expose().startsWith(STANDARD_WEBHOOKS_PREFIX) === true;
}

/**
 * A `whsec_…` secret means that GitLab signs; any other is the token that it sends along. Never chosen by a header: where a
 * secret was replaced by one of the other form, each is looked for in its own, the one before where the current one's is missing.
 */
function verify(request: AlertRequest, keys: SourceKeys | undefined, nowSeconds: number): void {
  if (request.subpath !== '') return verifyToken(request, keys, 'authorization');
  const verifyBy = (those: SourceKeys | undefined) =>
    isSigning(those?.current)
      ? verifyStandardWebhook(request, those, nowSeconds)
      : verifyToken(request, those, 'x-gitlab-token');
  if (keys?.previous === undefined || isSigning(keys.previous) === isSigning(keys.current)) return verifyBy(keys);
  try {
    verifyBy({ current: keys.current });
  } catch (error) {
    if (!isFault(error, 'signature_missing')) throw error;
    verifyBy({ current: keys.previous });
  }
}

const tokenSchema = s.object({
  token: s.atLeast(1),
  type: s.atMost(200),
  location: text,
  url: text,
});

/** Reads one token of the revocation API or of the partner form. */
function readToken(record: unknown): Finding | undefined {
  const parsed = tokenSchema.safeParse(record);
  if (!parsed.success) return undefined;
  const { token, type, location, url } = parsed.data;
  return { ...rawTexts({ secret: token }), detector: type, where: given({ url: url ?? location }) };
}

const reportedSchema = s.object({
  name: text,
  raw_source_code_extract: text,
  location: s.lenient(s.object({ file: text, commit: s.lenient(s.object({ sha: text, author: text })) })),
  identifiers: s.lenient(s.array(s.object({ value: text }))),
});

/** Reads one vulnerability of `gl-secret-detection-report.json`. */
function readReported(record: unknown): Finding | undefined {
  const parsed = reportedSchema.safeParse(record);
  if (!parsed.success) return undefined;
  const { name, raw_source_code_extract: extract, location, identifiers } = parsed.data;
  return {
    ...rawTexts({ secret: extract }),
    ...given({ detector: identifiers?.[0]?.value ?? name }),
    where: given({ path: location?.file, commit: location?.commit?.sha, author: location?.commit?.author }),
  };
}

const hookSchema = s.object({
  object_kind: s.literal('vulnerability'),
  object_attributes: s.object({
    url: text,
    title: text,
    state: text,
    report_type: text,
    location: s.lenient(s.object({ file: text })),
    identifiers: s.lenient(s.array(s.object({ external_id: text, name: text }))),
  }),
});

/** True for a hook about vulnerabilities, whatever else does not fit. */
function isLeak(body: unknown): boolean {
  return typeof body === 'object' && body !== null && Reflect.get(body, 'object_kind') === 'vulnerability';
}

/** Reads a vulnerability hook; it never holds the secret, so that it can only be told. */
function readHook(body: unknown): Reading {
  const parsed = hookSchema.safeParse(body);
  if (!parsed.success) return isLeak(body) ? unreadable(body) : { kind: 'ignored', why: 'another kind of hook' };
  const { url, title, state, report_type, location, identifiers } = parsed.data.object_attributes;
  if (report_type !== 'secret_detection') return { kind: 'ignored', why: 'not a secret' };
  if (state !== 'detected' && state !== 'confirmed') return { kind: 'ignored', why: 'uninteresting state' };
  const finding: Finding = {
    where: given({ url, path: location?.file }),
    ...given({ detector: identifiers?.[0]?.external_id ?? identifiers?.[0]?.name ?? title }),
    remarks: [{ kind: 'withheld' }],
  };
  return { kind: 'findings', findings: [finding], unread: [] };
}

function read(request: AlertRequest): Reading {
  if (request.subpath === TYPES_PATH) return { kind: 'answered', status: 200, body: { types: REVOCABLE_TYPES } };
  const body = parseJson(request.body);
  if (Array.isArray(body) && body.length > 0) return readRecords(body, readToken);
  if (Array.isArray(body)) return { kind: 'answered', status: 204 };
  if (typeof body !== 'object' || body === null) throw new Fault('payload_invalid', 'body is neither list nor object');
  if (request.subpath === REVOKE_PATH) throw new Fault('payload_invalid', 'body is not a list of tokens');
  const vulnerabilities: unknown = Object.hasOwn(body, 'vulnerabilities')
    ? Reflect.get(body, 'vulnerabilities')
    : undefined;
  if (!Array.isArray(vulnerabilities)) return readHook(body);
  return vulnerabilities.length === 0
    ? { kind: 'ignored', why: 'empty report' }
    : readRecords(vulnerabilities, readReported);
}

/** What whoever sets it up must know. */
export const gitlabSetup: SenderSetup = {
  made: 'here',
  form: 'plain',
  where:
    'GitLab: project or group > Settings > Webhooks > Secret token (for a signing token paste its "whsec_…" here instead)',
};

/**
 * GitLab: webhooks (by token, or signed where the secret is `whsec_…`), the partner form and the secret detection report
 * on the plain route, and the Token Revocation API on its two own ones, whose `Authorization` carries the same secret.
 */
export const gitlab: SourceWithSecret = {
  name: 'gitlab',
  routes: [
    { method: 'POST', path: 'gitlab' },
    { method: 'GET', path: `gitlab${TYPES_PATH}` },
    { method: 'POST', path: `gitlab${REVOKE_PATH}` },
  ],
  needs: 'secret',
  verify,
  read,
  // The revocation API's contract: 204 accepted, 400 do not send again, 429 send again later.
  answer: () => ({ status: 204 }),
  busyStatus: (request) => (request.subpath === REVOKE_PATH ? 429 : 503),
};
