import { revocationBody } from '../revocation-body.ts';
import { JSON_TYPE, plain, type Sender } from '../sender.ts';
import { signStandardWebhook } from '../standard-webhook.ts';

/** GitLab on its plain route: webhooks and the partner form, with the token, or signed where the secret is `whsec_…`. */
export const sender: Sender = {
  path: '/alerts/gitlab',
  secretOf: 'gitlab',
  toBody: (leak) => revocationBody(leak, 'url'),
  sign: (body, secret, options) => ({
    headers: {
      ...JSON_TYPE,
      ...(plain(secret).startsWith('whsec_')
        ? signStandardWebhook(plain(secret), body, options)
        : { 'x-gitlab-token': plain(secret) }),
    },
  }),
};
