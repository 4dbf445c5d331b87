import * as s from '#shared/core/schema.ts';
import { given } from '#shared/core/defined.ts';
import { Fault } from '#shared/core/fault.ts';
import { freshTimestamp } from '#shared/core/fresh-timestamp.ts';
import { Secret } from '#shared/core/secret.ts';
import { parseJson } from '../parse-json.ts';
import { text, unreadable } from '../read-records.ts';
import type { Finding, Reading, SenderSetup, SourceWithSecret } from '../source.ts';
import { type HubScheme, verifyHubSignature } from '../verify/verify-hub-signature.ts';

/** The HMAC's key is the time and the token, one directly after the other. */
export function gitguardianScheme(timestamp: string): HubScheme {
  return { header: 'gitguardian-signature', prefix: 'sha256=', toKey: (token) => `${timestamp}${token}` };
}

/** Actions that say that a secret is out, or out again. All others are about the incident's handling. */
const LEAKS = new Set(['incident_triggered', 'incident_reopened', 'incident_regression', 'new_occurrence']);

const incidentSchema = s.object({
  action: s.string,
  incident: s.object({
    detector: s.lenient(s.object({ name: text, display_name: text })),
    hmsl_hash: s.lenient(s.matching(/^[0-9a-f]{64}$/i)),
    // `share_url` lets whoever has it see the incident, so that it is left out.
    gitguardian_url: text,
    validity: text,
  }),
  occurrence: s.lenient(
    s.object({
      url: text,
      filepath: text,
      sha: text,
      author_name: text,
      source: s.lenient(s.object({ full_name: text, display_name: text, visibility: text })),
    }),
  ),
});

/** The form before 2023, which the dashboard's "send test message" still uses: matches in clear, no incident. */
const oldSchema = s.object({
  type: text,
  gitguardian_link: text,
  matches: s.array(s.unknown),
});

const MATCH_FIELDS = ['string_matched', 'match', 'value', 'secret'] as const;

/** The texts of an old form's match, whatever it calls them. */
function matchedTexts(match: unknown): readonly string[] {
  if (typeof match === 'string') return [match];
  if (typeof match !== 'object' || match === null) return [];
  return MATCH_FIELDS.flatMap((field) => {
    const value: unknown = Object.hasOwn(match, field) ? Reflect.get(match, field) : undefined;
    return typeof value === 'string' && value !== '' ? [value] : [];
  });
}

function readTestMessage(body: s.Infer<typeof oldSchema>): Reading {
  const place = {
    where: given({ url: body.gitguardian_link }),
    ...given({ detector: body.type }),
    test: true,
  };
  const secrets = body.matches.flatMap(matchedTexts);
  const findings: readonly Finding[] = secrets.map((secret) => ({ ...place, secret: new Secret(secret) }));
  return { kind: 'findings', findings: findings.length > 0 ? findings : [place], unread: [] };
}

/** True for what says of itself that a secret is out, whatever else does not fit. */
function isLeak(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false;
  const action: unknown = Reflect.get(body, 'action');
  return typeof action === 'string'
    ? LEAKS.has(action)
    : Object.hasOwn(body, 'incident') || Object.hasOwn(body, 'matches');
}

/** Reads a GitGuardian event. It never has the secret itself, but a hash of it that we can compare with watched ones. */
export function readGitguardianEvent(body: unknown): Reading {
  const parsed = incidentSchema.safeParse(body);
  if (!parsed.success) {
    const old = oldSchema.safeParse(body);
    if (old.success) return readTestMessage(old.data);
    return isLeak(body) ? unreadable(body) : { kind: 'ignored', why: 'not about an incident' };
  }
  const { action, incident, occurrence } = parsed.data;
  if (!LEAKS.has(action)) return { kind: 'ignored', why: 'uninteresting action' };
  const finding: Finding = {
    ...(incident.validity === 'valid' ? { verified: true } : {}),
    where: given({
      url: incident.gitguardian_url ?? occurrence?.url,
      repository: occurrence?.source?.full_name ?? occurrence?.source?.display_name,
      path: occurrence?.filepath,
      commit: occurrence?.sha,
      author: occurrence?.author_name,
    }),
    ...given({
      detector: incident.detector?.display_name ?? incident.detector?.name,
      hmsl: incident.hmsl_hash?.toLowerCase(),
      publiclyLeaked: occurrence?.source?.visibility === 'public' ? true : undefined,
    }),
  };
  return { kind: 'findings', findings: [finding], unread: [] };
}

/** What whoever sets it up must know. */
export const gitguardianSetup: SenderSetup = {
  made: 'there',
  form: 'plain',
  where: 'GitGuardian: Settings > Integrations > Custom webhook > signature token',
};

/** GitGuardian's custom webhook. */
export const gitguardian: SourceWithSecret = {
  name: 'gitguardian',
  routes: [{ method: 'POST', path: 'gitguardian' }],
  needs: 'secret',
  verify: (request, keys, nowSeconds) => {
    // No separator stands between time and token, so that only a strictly formed time keeps them apart.
    const timestamp = freshTimestamp(request, 'timestamp', nowSeconds);
    verifyHubSignature(request, keys, gitguardianScheme(timestamp));
  },
  read: (request) => {
    const body = parseJson(request.body);
    if (typeof body !== 'object' || body === null) throw new Fault('payload_invalid', 'body is not an object');
    return readGitguardianEvent(body);
  },
};
