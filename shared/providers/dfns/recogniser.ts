import type { Recogniser } from '../recogniser.ts';
import { readClaims } from './claims.ts';
import { validity } from './validity.ts';
import { TOKEN_ID } from './token-id.ts';

/** Recognises Dfns' tokens among all JWTs, by their untrusted claims. */
export const recogniser: Recogniser = {
  shapes: [],
  read: ({ shape, text }, fingerprint) => {
    const claims = shape === 'jwt' ? readClaims(text) : undefined;
    return claims && { form: 'dfns', provider: 'dfns', ...claims, fingerprint: fingerprint(text) };
  },
  tokenId: TOKEN_ID,
  scannersCallIt: [/dfns/],
  validity,
};
