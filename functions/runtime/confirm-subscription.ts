import { sign } from 'aws4';
import { Fault } from '#shared/core/fault.ts';
import { ownCredentials } from './own-credentials.ts';

interface Region {
  readonly AWS_REGION: string;
}

/**
 * Confirms an SNS subscription through the API, never by fetching the URL that a message names. Idempotent. Throws
 * `keys_unavailable` when SNS does not answer, `config_invalid` when it refuses.
 */
export async function confirmSubscription(
  { AWS_REGION: region }: Region,
  endpoint: string | undefined,
  { topicArn, token }: { readonly topicArn: string; readonly token: string },
): Promise<void> {
  const topicRegion = topicArn.split(':')[3] ?? region;
  const url = new URL(endpoint ?? `https://sns.${topicRegion}.amazonaws.com/`);
  const form = { Action: 'ConfirmSubscription', Version: '2010-03-31', TopicArn: topicArn, Token: token };
  const signed = sign(
    {
      host: url.host,
      path: '/',
      method: 'POST',
      service: 'sns',
      region: topicRegion,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ ...form, AuthenticateOnUnsubscribe: 'true' }).toString(),
    },
    ownCredentials(),
  );
  const headers = new Headers(signed.headers as Record<string, string>);
  // Fetch sets it from the URL, to the same value that was signed.
  headers.delete('host');
  const response = await fetch(url, {
    method: 'POST',
    headers,
    body: signed.body as string,
    redirect: 'manual',
    signal: AbortSignal.timeout(5000),
  }).catch((cause: unknown) => {
    throw new Fault('keys_unavailable', 'SNS does not answer', { cause });
  });
  await response.body?.cancel();
  if (response.ok) return;
  const isPassing = response.status >= 500 || response.status === 429;
  const detail = `SNS refused the confirmation: HTTP ${response.status}`;
  throw new Fault(isPassing ? 'keys_unavailable' : 'config_invalid', detail, { status: response.status });
}
