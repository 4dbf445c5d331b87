import { createHash, generateKeyPairSync } from 'node:crypto';

/** A key of the partner programme: what signs, and what is published. */
export interface GithubPartnerKey {
  readonly keyIdentifier: string;
  readonly privateKeyPem: string;
  readonly publicKeyPem: string;
}

/** Makes a P-256 key pair. The identifier is the SHA-256 of the public PEM with its final newline, as GitHub's are. */
export function createPartnerKey(): GithubPartnerKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
  return {
    keyIdentifier: createHash('sha256').update(publicKeyPem).digest('hex'),
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    publicKeyPem,
  };
}
