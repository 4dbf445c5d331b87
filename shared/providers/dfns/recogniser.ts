import type { Recogniser } from '../recogniser.ts';
import { readDfnsClaims } from './claims.ts';

/** Recognises Dfns' tokens among all JWTs, by their untrusted claims. */
export const dfnsRecogniser: Recogniser = {
  shapes: [],
  read: ({ shape, text }, fingerprint) => {
    const claims = shape === 'jwt' ? readDfnsClaims(text) : undefined;
    return claims && { form: 'dfns', provider: 'dfns', ...claims, fingerprint: fingerprint(text) };
  },
  scannersCallIt: [/dfns/],
};
