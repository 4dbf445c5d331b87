import type { Fingerprint } from '#shared/core/fingerprint.ts';
import { readFileSync } from 'node:fs';
import * as s from '#shared/core/schema.ts';
import { type Envelope, readEnvelope } from '#shared/alerts/envelope.ts';
import { createCheckValidity } from '#shared/alerts/check-validity.ts';
import { type Received, receiveAlert, refuse } from '#shared/alerts/receive-alert.ts';
import { receiveTrusted } from '#shared/alerts/receive-trusted.ts';
import { createRoutes, findRoute } from '#shared/alerts/routes.ts';
import { createFetchPublic } from '#shared/alerts/verify/fetch-public.ts';
import { createKeyring } from '#shared/alerts/verify/keyring.ts';
import { createPartnerKeys } from '#shared/alerts/verify/partner-keys.ts';
import { createFetchCertificate } from '#shared/alerts/verify/verify-sns-message.ts';
import { defined } from '#shared/core/defined.ts';
import { parseEnv } from '#shared/core/parse-env.ts';
import { createGet } from '#shared/core/get.ts';
import { once } from '#shared/core/once.ts';
import type { Issuers } from '#shared/policy/issuers.ts';
import { readOpenDoors } from '#shared/policy/read-open-doors.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { createEdge } from './runtime/edge.ts';
import { readIssuerUrls } from './runtime/read-issuer-urls.ts';

// Called by AWS.

/**
 * Answers a scanner: 2xx only when every finding is stored in the queue; 400, 401, 404, 405 or 503 otherwise. Events that
 * come through IAM (SNS, EventBridge) have nobody to answer: our own trouble is thrown, so that AWS delivers them again.
 */
export const handler = async (event: unknown, context?: { readonly awsRequestId?: string }) => {
  const requestId = context?.awsRequestId ?? '';
  let envelope: Envelope;
  try {
    envelope = readEnvelope(event);
  } catch (error) {
    return answer(note('unknown', refuse(error), requestId), requestId);
  }
  if (envelope.kind === 'no-route') return answer({ status: 404 }, requestId);
  if (envelope.kind === 'http') return answer(await acceptHttp(envelope, requestId), requestId);
  await acceptTrusted(envelope, requestId);
  return undefined;
};

// Once, on cold start; a failure is not kept.

const now = () => new Date();
const log = createLog(
  { function: 'alert-edge', stage: process.env['STAGE'] },
  (line) => process.stdout.write(`${line}\n`),
  now,
);

const ready = once(async () => {
  const env = parseEnv(
    s.object({
      LEAKS_QUEUE_URL: s.url,
      GITHUB_API_URL: s.withDefault(s.url, 'https://api.github.com'),
      AWS_ENDPOINT_URL_SNS: s.optional(s.url),
    }),
    process.env,
  );
  const edge = createEdge('alert-edge', env.LEAKS_QUEUE_URL);
  const policy: unknown = JSON.parse(readFileSync(new URL('policy.json', import.meta.url), 'utf8'));
  const doors = readOpenDoors(policy, readIssuerUrls(process.env));
  const fetchPublic = createFetchPublic(fetch);
  const routes = createRoutes({
    partnerKeys: createPartnerKeys({
      url: new URL(`${env.GITHUB_API_URL.replace(/\/$/, '')}/meta/public_keys/secret_scanning`),
      fetchPublic,
      now,
    }),
    snsTopics: doors.snsTopics,
    fetchCertificate: createFetchCertificate({ fetchPublic, endpoint: env.AWS_ENDPOINT_URL_SNS, now }),
  });
  const withSecret = new Set(routes.flatMap(({ source }) => (source.needs === 'secret' ? [source.name] : [])));
  const keyed = doors.sources.filter((name) => withSecret.has(name));
  const secretName = (source: string) => edge.secretName(`alerts/${source}`);
  const keyring = createKeyring({
    names: keyed,
    read: (name) => edge.secrets.read(secretName(name)),
    refresh: (name) => edge.secrets.refresh(secretName(name)),
    now,
  });
  return { edge, doors, routes, keyring, keyed };
});

// Secrets are fetched while the processor is not throttled yet: all sources' at once, since each is compared with the others.
await ready()
  .then(({ edge, keyring, keyed }) => Promise.allSettled([edge.fingerprinter(), ...keyed.map(keyring.keys)]))
  .catch(() => undefined);

// Each time.

/** A sender waits for its answer: all secrets of a delivery together are shown to their issuers for no longer than this. */
const VALIDITY_BUDGET_MS = 800;

const get = createGet();

function checkerFor(issuers: Issuers, fingerprint: Fingerprint) {
  return createCheckValidity({ issuers, get, fingerprint, now, budgetMs: VALIDITY_BUDGET_MS });
}

type Answer = Pick<Received, 'status' | 'body'>;

async function acceptHttp(envelope: Extract<Envelope, { kind: 'http' }>, requestId: string): Promise<Answer> {
  const { source: name, request } = envelope;
  try {
    const { edge, doors, routes, keyring } = await ready();
    const source = findRoute(routes, doors.sources, { name, request });
    if (typeof source === 'number') return { status: source };
    const fingerprint = await edge.fingerprinter();
    const sender = source.needs === 'secret' ? { source, keyring } : { source };
    const checkValidity = checkerFor(doors.issuers, fingerprint);
    const received = await receiveAlert(request, sender, { now, fingerprint, checkValidity, profiles: doors.profiles });
    const stored = await edge.sendJobs(received.jobs, requestId).then(
      () => received,
      (error: unknown) => refuse(error, source, request),
    );
    return note(source.name, stored, requestId);
  } catch (error) {
    return note(name, refuse(error), requestId);
  }
}

async function acceptTrusted(
  envelope: Extract<Envelope, { kind: 'sns' | 'eventbridge' }>,
  requestId: string,
): Promise<void> {
  const { edge, doors } = await ready();
  const fingerprint = await edge.fingerprinter();
  const deps = { now, fingerprint, checkValidity: checkerFor(doors.issuers, fingerprint), profiles: doors.profiles };
  for (const { source, received } of await receiveTrusted(envelope, doors, deps)) {
    note(source, received, requestId);
    // Thrown on, so that Lambda's asynchronous queue delivers the event again.
    await edge.sendJobs(received.jobs, requestId);
  }
}

/** Logs what became of a delivery and gives its answer back. */
function note(source: string, { status, body, log: fields }: Received, requestId: string): Answer {
  const level = status >= 500 || status === 429 ? 'error' : status >= 400 ? 'warn' : 'info';
  log(level, { event: 'alert_delivery', source, requestId, status, ...fields });
  return { status, ...defined({ body }) };
}

/** Names the request, so that a sender who was refused can tell us which one it was. */
function answer({ status, body }: Answer, requestId: string) {
  const headers = { 'x-request-id': requestId };
  return body === undefined
    ? { statusCode: status, headers, body: '' }
    : { statusCode: status, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
