import { revocationBody } from '../revocation-body.ts';
import { JSON_TYPE, plain, type Sender } from '../sender.ts';

/** GitLab's Token Revocation API. */
export const sender: Sender = {
  path: '/alerts/gitlab/v1/revoke_tokens',
  toBody: (leak) => revocationBody(leak, 'location'),
  sign: (_body, secret) => ({ headers: { ...JSON_TYPE, authorization: plain(secret) } }),
  recordedAs: 'gitlab-partner',
};
