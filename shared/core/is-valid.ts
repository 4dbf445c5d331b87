import type { CheckedValidity } from './vocabulary.ts';

/** True for a report, or a case, of a secret that worked when its issuer or its scanner tried it. */
export function isValid({ validity }: { readonly validity?: CheckedValidity | undefined }): boolean {
  return validity?.validity === 'valid';
}
