import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';

/** A self-made signing certificate and its key, as PEM. */
export interface Certificate {
  readonly privateKeyPem: string;
  readonly certificatePem: string;
}

/** Both halves of a key, as PEM. */
export type KeyPair = Awaited<ReturnType<typeof makeKeyPair>>;

const DAY = 86_400_000;

/** Makes an RSA 2048 key. */
export const makeKeyPair = () =>
  promisify(generateKeyPair)('rsa', {
    modulusLength: 2_048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

/** Makes a self-signed certificate of a key (X.509 version 3, SHA-256), valid from a year ago until in ten years. */
export async function createCertificate(
  commonName: string,
  now: Date = new Date(),
  given?: KeyPair,
): Promise<Certificate> {
  const keyPair = given ?? (await makeKeyPair());
  // To load it takes as long as to load Slack and both providers, and a sandbox is seldom asked for its certificate.
  const { generate } = await import('selfsigned');
  const { cert } = await generate([{ name: 'commonName', value: commonName }], {
    keyPair,
    algorithm: 'sha256',
    notBeforeDate: new Date(now.getTime() - 365 * DAY),
    notAfterDate: new Date(now.getTime() + 3_650 * DAY),
  });
  return { privateKeyPem: keyPair.privateKey, certificatePem: cert };
}
