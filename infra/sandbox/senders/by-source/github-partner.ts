import { createPrivateKey, sign } from 'node:crypto';
import { githubType } from '../github-type.ts';
import { JSON_TYPE, type Leak, place, type Sender, WrongSecret } from '../sender.ts';

/** The partner programme's list: secrets in clear. */
const partnerBody = (leak: Leak): string =>
  JSON.stringify([{ token: leak.secret, type: githubType(leak), url: place(leak).url, source: 'content' }]);

/** GitHub's partner programme. */
export const sender: Sender = {
  path: '/alerts/github-partner',
  toBody: partnerBody,
  sign: (body, secret) => {
    if (typeof secret === 'string' || !('keyIdentifier' in secret)) throw new WrongSecret('A partner key is needed.');
    const signature = sign('sha256', body, createPrivateKey(secret.privateKeyPem)).toString('base64');
    return {
      headers: {
        ...JSON_TYPE,
        'github-public-key-identifier': secret.keyIdentifier,
        'github-public-key-signature': signature,
      },
    };
  },
};
