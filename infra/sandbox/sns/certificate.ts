import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A self-made signing certificate and its key, as PEM. */
export interface Certificate {
  readonly privateKeyPem: string;
  readonly certificatePem: string;
}

const DAY = 86_400_000;
const SHA256_WITH_RSA = '06092a864886f70d01010b';
const COMMON_NAME = '0603550403';

/** Writes one DER value: tag, length, content. */
function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const size = body.length < 0x80 ? [body.length] : lengthOctets(body.length);
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

function lengthOctets(length: number): number[] {
  const hex = length.toString(16);
  const octets = [...Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')];
  return [0x80 | octets.length, ...octets];
}

const SEQUENCE = 0x30;
const hex = (digits: string) => Buffer.from(digits, 'hex');
const name = (text: string) => der(SEQUENCE, der(0x31, der(SEQUENCE, hex(COMMON_NAME), der(0x0c, Buffer.from(text)))));
const time = (at: Date) => der(0x17, Buffer.from(`${at.toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`));
const pem = (bytes: Buffer) =>
  `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64').replace(/.{64}/g, '$&\n').trimEnd()}\n-----END CERTIFICATE-----\n`;

/** Makes a self-signed RSA 2048 certificate (X.509 version 3, SHA-256), valid from a year ago until in ten years. */
export function createCertificate(commonName: string, now: Date = new Date()): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const algorithm = der(SEQUENCE, hex(SHA256_WITH_RSA), hex('0500'));
  const serial = randomBytes(16);
  serial[0] = 0x40 | ((serial[0] ?? 0) & 0x3f);
  const signed = der(
    SEQUENCE,
    der(0xa0, der(0x02, hex('02'))),
    der(0x02, serial),
    algorithm,
    name(commonName),
    der(SEQUENCE, time(new Date(now.getTime() - 365 * DAY)), time(new Date(now.getTime() + 3_650 * DAY))),
    name(commonName),
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = der(0x03, hex('00'), sign('sha256', signed, privateKey));
  return {
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    certificatePem: pem(der(SEQUENCE, signed, algorithm, signature)),
  };
}
