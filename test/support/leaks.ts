import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';

/** A keyed fingerprint as the functions make it. */
export const fingerprint = (text: string): string => createHmac('sha256', 'k'.repeat(32)).update(text).digest('hex');

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Makes a LangSmith key in the known grammar; its UUID and type can be given. */
export function langsmithKey(type: 'pt' | 'sk' = 'pt', uuid: string = randomUUID()): string {
  return `lsv2_${type}_${uuid.replaceAll('-', '')}_${randomBytes(5).toString('hex')}`;
}

export interface DfnsTokenOptions {
  readonly alg?: string;
  readonly signatureBytes?: number;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Makes a Dfns access token: a JWT with its documented claims and a signature part of the algorithm's length. */
export function dfnsToken({ alg = 'EdDSA', signatureBytes = 64, claims = {} }: DfnsTokenOptions = {}): string {
  const payload = {
    iss: 'auth.dfns.io',
    aud: 'dfns:auth:user',
    sub: 'or-30tnh-itmjs-s235s5ontr3r23h2',
    'https://custom/username': 'anna@example.com',
    'https://custom/app_metadata': {
      userId: 'us-6b58p-r53sr-rlrd3l5cj3uc4ome',
      orgId: 'or-30tnh-itmjs-s235s5ontr3r23h2',
      tokenKind: 'Pat',
    },
    iat: 1_780_000_000,
    exp: 1_843_072_000,
    ...claims,
  };
  return `${encode({ typ: 'JWT', alg })}.${encode(payload)}.${randomBytes(signatureBytes).toString('base64url')}`;
}

/** Any secret that a provider of ours issued. */
export const ourSecret: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('pt' as const, 'sk' as const).map((type) => langsmithKey(type)),
  fc
    .constantFrom<DfnsTokenOptions>(
      { alg: 'EdDSA', signatureBytes: 64 },
      { alg: 'RS256', signatureBytes: 256 },
      { alg: 'RS256', signatureBytes: 384 },
      { alg: 'ES256', signatureBytes: 64 },
    )
    .map(dfnsToken),
);

/** Ordinary words, punctuation, code, other alphabets: what stands around a leaked secret. */
export const surroundingText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'please revoke ',
        'LANGSMITH_API_KEY=',
        'Authorization: Bearer ',
        '"apiKey": "',
        "'",
        '`',
        '```\n',
        '<https://example.com/?key=',
        '|label>',
        ', ',
        '. Then ',
        '\n> ',
        '\t',
        '(',
        ')',
        ';',
        '!',
        '$',
        '漢字 ',
        '👩‍👩‍👧 ',
        'path/to/file.ts:12 ',
        'lsv2_ ',
        'eyJ ',
        '%20',
        '\\n',
      ),
      fc.stringMatching(/^[ \n\t,;:!?()[\]{}<>"'#@&*|^~$ÄöЖ漢]{0,12}$/u),
    ),
    { maxLength: 5 },
  )
  .map((parts) => parts.join(''));
