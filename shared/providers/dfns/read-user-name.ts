import { cleanName } from '../kit/clean-name.ts';
import { decodeClaims } from '../text/find-jwts.ts';

/**
 * What Dfns calls the user of a token, mostly an e-mail address: for the token that we work with, which Dfns accepts. It is no
 * part of what a leaked token's claims become.
 */
export function readUserName(jwt: string): string | undefined {
  const name = decodeClaims(jwt)?.['https://custom/username'];
  const clean = typeof name === 'string' ? cleanName(name) : '';
  return clean === '' ? undefined : clean;
}
