import { hmac, JSON_TYPE, type Leak, plain, place, scannerWords, type Sender } from '../sender.ts';

/** TruffleHog Enterprise's notification: at most 20 characters of the secret. */
function trufflehogNotification(leak: Leak): string {
  const { name } = scannerWords(leak).trufflehog;
  const { repository, path, commit, author, url } = place(leak);
  return JSON.stringify({
    source_type: 'SOURCE_TYPE_GITHUB',
    source_name: 'github',
    detector_type: name,
    detector_name: name,
    redacted: `${leak.secret.slice(0, 8)}...`,
    link: url,
    source_metadata: { github: { repository, file: path, commit, email: author } },
  });
}

/** TruffleHog Enterprise's webhook. */
export const sender: Sender = {
  path: '/alerts/trufflehog/enterprise',
  toBody: trufflehogNotification,
  sign: (body, secret) => ({ headers: { ...JSON_TYPE, 'x-hub-signature': hmac(plain(secret), body).toString('hex') } }),
};
