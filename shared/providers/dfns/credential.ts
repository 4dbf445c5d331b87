import { createPrivateKey, type KeyObject } from 'node:crypto';
import * as z from 'zod';
import { defined } from '#shared/core/defined.ts';
import { Fault } from '#shared/core/fault.ts';
import { unquoted } from '#shared/core/parse-stored-json.ts';
import type { Secret } from '#shared/core/secret.ts';
import { readClaims } from './claims.ts';
import { baseUrlField, headerSecretField, idField, parseFields, reject } from '../kit/parse-fields.ts';

/** What Patrol calls Dfns with. The key never leaves its `KeyObject`, which prints nothing of itself. */
export interface Credential {
  readonly provider: 'dfns';
  readonly baseUrl: URL;
  readonly authToken: Secret;
  readonly privateKey: KeyObject;
  /** The key credential at Dfns; without it the only one that Dfns allows is used. */
  readonly credentialId?: string;
  readonly organizationId?: string;
  readonly userId?: string;
}

const escapes = (text: string): string => text.replaceAll(/\\+[nr]/g, '\n');

/** Without the escapes, the encoding of an address, the typographer's dashes and the base64 that a store, a shell or a form put around a PEM. */
function unpackPem(text: string): string {
  const plain = escapes(text.replaceAll(/%(?:2B|2D|2F|3D|20|0A|0D)/gi, (hex) => decodeURIComponent(hex)));
  const dashed = plain.replaceAll(
    /[\u2010-\u2015\u2212-]{2,}(?=\s*(?:BEGIN|END) )|(?<=(?:BEGIN|END) [A-Z0-9 ]+)[\u2010-\u2015\u2212-]{2,}/g,
    '-----',
  );
  return /-----\s*BEGIN/.test(dashed) ? dashed : escapes(Buffer.from(plain, 'base64').toString('latin1'));
}

/** The bare bytes of a key, as `openssl … -outform der | base64` writes them. */
function readDer(text: string): KeyObject | undefined {
  const bytes = Buffer.from(unquoted(escapes(text)), 'base64');
  if (bytes.length < 40 || bytes[0] !== 0x30) return undefined;
  for (const type of ['pkcs8', 'sec1', 'pkcs1'] as const) {
    try {
      return createPrivateKey({ key: bytes, format: 'der', type });
    } catch {
      continue;
    }
  }
  return undefined;
}

/** PEM as people store it: real or escaped line breaks or blanks, quotes, base64, other blocks and attributes beside it. */
function readPrivateKey(text: string): KeyObject | keyof typeof NO_KEY | undefined {
  const pem = unpackPem(text);
  const blocks = [...pem.matchAll(/-----\s*BEGIN ([A-Z0-9 ]+?)\s*-----([\s\S]*?)-----\s*END \1\s*-----/g)];
  const [block, ...others] = blocks.filter(([, label = '']) => label.endsWith('PRIVATE KEY'));
  if (block === undefined) {
    if (/-----\s*BEGIN [A-Z0-9 ]*PRIVATE KEY/.test(pem)) return 'cut';
    return blocks.some(([, label = '']) => /PUBLIC KEY|CERTIFICATE/.test(label)) ? 'public' : readDer(text);
  }
  if (others.length > 0) return 'several';
  const [, label = '', body = ''] = block;
  if (label.startsWith('OPENSSH')) return 'openssh';
  if (label.startsWith('ENCRYPTED') || body.includes('ENCRYPTED')) return 'encrypted';
  try {
    return createPrivateKey(
      `-----BEGIN ${label}-----\n${body.replaceAll(/[^A-Za-z0-9+/=]/g, '')}\n-----END ${label}-----\n`,
    );
  } catch {
    return undefined;
  }
}

const NO_KEY = {
  encrypted: 'is encrypted: store it without a passphrase',
  public: 'is a public key or a certificate: the private key is needed',
  openssh: "is in OpenSSH's own form: convert a copy by `ssh-keygen -p -m PKCS8 -f …` and store that",
  cut: 'has no end: store it whole, from BEGIN to END',
  several: 'holds several private keys: store the one that Dfns knows',
} as const;

function isUsable(key: KeyObject): boolean {
  if (key.asymmetricKeyType === 'ed25519') return true;
  const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'ec') return namedCurve === 'prime256v1' || namedCurve === 'secp256k1';
  return key.asymmetricKeyType === 'rsa' && (modulusLength ?? 0) >= 2048;
}

const privateKeyField = z.string().transform((text, context) => {
  if (text.trim() === '') return reject(context, 'is missing');
  const key = readPrivateKey(text);
  if (key === undefined) return reject(context, 'is not a private key in PEM');
  if (typeof key === 'string') return reject(context, NO_KEY[key]);
  return isUsable(key) ? key : reject(context, 'must be an Ed25519, P-256 or RSA key of 2048 bits or more');
});

const schema = z.object({
  baseUrl: baseUrlField,
  authToken: headerSecretField,
  privateKey: privateKeyField,
  credentialId: idField.optional(),
  orgId: idField.optional(),
  userId: idField.optional(),
});

/**
 * Reads a Dfns credential. Throws `config_invalid` with the field's name, also when the token's own claims say that it
 * belongs to another organisation or user than the profile's `orgId` and `userId`.
 */
export function parseDfnsCredential(profile: string, fields: unknown): Credential {
  const { baseUrl, authToken, privateKey, credentialId, ...guards } = parseFields(profile, schema, fields);
  const claims = readClaims(authToken.expose());
  if (guards.orgId !== undefined && claims?.organizationId !== undefined && claims.organizationId !== guards.orgId) {
    throw new Fault('config_invalid', `profile ${profile}: authToken belongs to another organisation than orgId`);
  }
  if (guards.userId !== undefined && claims?.userId !== undefined && claims.userId !== guards.userId) {
    throw new Fault('config_invalid', `profile ${profile}: authToken belongs to another user than userId`);
  }
  const organizationId = guards.orgId ?? claims?.organizationId;
  const userId = guards.userId ?? claims?.userId;
  return {
    provider: 'dfns',
    baseUrl,
    authToken,
    privateKey,
    ...defined({ credentialId, organizationId, userId }),
  };
}
