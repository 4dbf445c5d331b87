import type { FaultCode } from '#shared/core/fault.ts';

/** What each fault is to a person who waits. A new one does not compile until it has words, or nobody who reads them. */
const WORDS: Readonly<Record<FaultCode, string | undefined>> = {
  signature_missing: undefined,
  signature_invalid: undefined,
  signature_stale: undefined,
  payload_invalid: undefined,
  keys_unavailable: 'A signing key could not be fetched',
  secret_unavailable: 'A stored secret could not be read',
  config_invalid: 'Patrol is misconfigured here',
  provider_unauthorized: 'The provider refused our credential',
  provider_unexpected: 'The provider refused the request',
  provider_unreached: 'The provider was not reached: what answered is not its API',
  provider_rate_limited: 'The provider is limiting our calls',
  provider_unavailable: 'The provider does not answer',
  delivery_in_progress: 'It was under way when its time was over, or had to wait for another request',
  store_unavailable: 'Our record could not be written',
  slack_unavailable: 'Slack does not answer',
  slack_unauthorized: "Slack refuses Patrol's bot token",
  slack_rejected: 'Slack refused what Patrol had to say',
  channel_closed: 'Slack does not let Patrol speak in the security channel',
  work_too_long: 'Working on this held up everything else, so it was stopped',
  internal_error: 'Something in Patrol failed unexpectedly',
};

/** Nobody has refused anything: the share of whoever caused the call was used up before it was made. */
const SHARE_USED_UP = 'Our share of the calls that the provider takes is used up for some seconds';

/** What a fault means to a person, without the full stop. Chosen when it is shown: what is stored is the code. */
export const faultWords = (fault: FaultCode): string => WORDS[fault] ?? 'Something failed that we did not expect';

/** The same where it is known whether the other side has answered: a limit without an answer is our own. */
export function faultWordsOf({
  fault,
  status,
}: {
  readonly fault: FaultCode;
  readonly status?: number | undefined;
}): string {
  return fault === 'provider_rate_limited' && status === undefined ? SHARE_USED_UP : faultWords(fault);
}
