import * as s from '#shared/core/schema.ts';
import { parseEnv } from '#shared/core/parse-env.ts';
import { FAULTS, isFault } from '#shared/core/fault.ts';
import { type RawRequest, readHttpRequest } from '#shared/core/read-http-request.ts';
import { createRawPoster } from '#shared/core/raw-poster.ts';
import { createOpenModal, MODAL_PATIENCE_MS } from '#shared/slack/open-modal.ts';
import { type Reception, receiveSlackRequest } from '#shared/slack/receive-slack-request.ts';
import { notAcceptedModal } from '#shared/slack/skeleton-modal.ts';
import { parseBotToken, parseSigningSecrets, SLACK_SECRETS } from '#shared/slack/slack-secret.ts';
import { faultFields } from '#shared/telemetry/log.ts';
import { createEdge } from './runtime/edge.ts';

// Called by AWS.

/** Answers Slack: 2xx only when the request is stored in the queue or asks for nothing, 401, 400 or 503 otherwise. */
export const handler = async (event: unknown, context?: { readonly awsRequestId?: string }) => {
  const requestId = context?.awsRequestId ?? '';
  try {
    return answer(await accept(readHttpRequest(event).request, requestId));
  } catch (error) {
    const status = isFault(error) ? FAULTS[error.code].http : 500;
    edge.log(status < 500 ? 'warn' : 'error', { event: 'slack_refused', requestId, ...faultFields(error), status });
    return { statusCode: status, headers: {}, body: '' };
  }
};

// Once, on cold start.

const env = parseEnv(
  s.object({ COMMANDS_QUEUE_URL: s.url, SLACK_API_URL: s.withDefault(s.url, 'https://slack.com/api/') }),
  process.env,
);
const edge = createEdge('slack-edge', env.COMMANDS_QUEUE_URL);
const modal = createOpenModal({ post: createRawPoster(MODAL_PATIENCE_MS).post, apiUrl: new URL(env.SLACK_API_URL) });

// Secrets are fetched while the processor is not throttled yet. A failure is not kept: the first request tries again.
await Promise.allSettled([signingSecrets('read'), botToken(), edge.fingerprinter()]);

// Each time.

async function accept(request: RawRequest, requestId: string): Promise<Reception> {
  const startedAt = Date.now();
  const fingerprint = await edge.fingerprinter();
  const reception = await receive(request, { now: new Date(), fingerprint });
  const { job, open } = reception;
  if (job === undefined) return reception;

  const viewId = open === undefined ? undefined : await modal.open(open, await botToken());
  const withView = viewId === undefined ? job : { ...job, payload: { ...job.payload, patrol_view_id: viewId } };
  try {
    await edge.sendJobs([withView], requestId);
  } catch (error) {
    // A modal that waits for a worker which will never hear of it must not say "one moment" for ever.
    if (viewId !== undefined) await modal.update(viewId, notAcceptedModal(), await botToken());
    throw error;
  }
  edge.log('info', {
    event: 'slack_queued',
    requestId,
    kind: job.kind,
    deliveryKey: job.deliveryKey,
    count: job.sealed.length,
    skipped: job.unrecognised,
    ...(open !== undefined && viewId === undefined ? { result: 'modal_not_opened' } : {}),
    milliseconds: Date.now() - startedAt,
  });
  return reception;
}

/** Receives with the secret we know and, when the signature does not fit, once more with a freshly read one (rotation). */
async function receive(request: RawRequest, deps: Parameters<typeof receiveSlackRequest>[2]): Promise<Reception> {
  const known = await signingSecrets('read');
  try {
    return receiveSlackRequest(request, known, deps);
  } catch (error) {
    if (!isFault(error, 'signature_invalid')) throw error;
    return receiveSlackRequest(request, await signingSecrets('refresh').catch(() => known), deps);
  }
}

async function signingSecrets(how: 'read' | 'refresh') {
  return parseSigningSecrets(await edge.secrets[how](edge.secretName(SLACK_SECRETS.signing)), new Date());
}

async function botToken() {
  return parseBotToken(await edge.secrets.read(edge.secretName(SLACK_SECRETS.bot)));
}

function answer({ status, body }: Reception) {
  return body === undefined
    ? { statusCode: status, headers: {}, body: '' }
    : { statusCode: status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
