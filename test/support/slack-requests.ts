import type { Sender, SignedRequest } from '#infra/sandbox/slack/sign.ts';
import type { AlertRequest } from '#shared/alerts/source.ts';
import { Secret } from '#shared/core/secret.ts';
import { type Reception, receiveSlackRequest } from '#shared/slack/receive-slack-request.ts';
import { fingerprint } from '#test/support/leaks.ts';

/** A fixed clock for what Slack sends. */
export const NOW = new Date('2026-11-22T12:00:00Z');
export const signingSecret = 'signing-secret-for-tests-0123456789';
export const responseUrl = 'https://hooks.slack.com/commands/T0SANDBOX01/1/abc';
/** The sandbox's admin, in the general channel. */
export const admin: Sender = { signingSecret, userId: 'U0ADMIN0001', at: NOW, responseUrl, triggerId: '1.2.trigger' };
/** The leak modal as Slack sends it back. */
export const leakView = {
  id: 'V0LEAK',
  type: 'modal',
  callback_id: 'patrol:leak',
  hash: '1.abc',
  private_metadata: '{"channel":"C0GENERAL01"}',
};

/** Receives a signed request as the edge does, at the fixed time. */
export function receiveSigned(
  { headers, body }: SignedRequest,
  more: Readonly<Record<string, string>> = {},
): Reception {
  const entries = Object.entries({ ...headers, ...more }).map(([name, value]) => [name, [value]] as const);
  const request: AlertRequest = { subpath: '', method: 'POST', headers: new Map(entries), body: Buffer.from(body) };
  return receiveSlackRequest(request, { current: new Secret(signingSecret) }, { now: NOW, fingerprint });
}
