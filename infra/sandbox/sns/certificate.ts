import { generate } from 'selfsigned';

/** A self-made signing certificate and its key, as PEM. */
export interface Certificate {
  readonly privateKeyPem: string;
  readonly certificatePem: string;
}

const DAY = 86_400_000;

/** Makes a self-signed RSA 2048 certificate (X.509 version 3, SHA-256), valid from a year ago until in ten years. */
export async function createCertificate(commonName: string, now: Date = new Date()): Promise<Certificate> {
  const made = await generate([{ name: 'commonName', value: commonName }], {
    keySize: 2_048,
    algorithm: 'sha256',
    notBeforeDate: new Date(now.getTime() - 365 * DAY),
    notAfterDate: new Date(now.getTime() + 3_650 * DAY),
  });
  return { privateKeyPem: made.private, certificatePem: made.cert };
}
