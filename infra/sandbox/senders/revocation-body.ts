import { type Leak, place, scannerWords } from './sender.ts';

/** GitLab's list of tokens to revoke; the two ways of handing it over name the place differently. */
export function revocationBody(leak: Leak, field: 'location' | 'url'): string {
  return JSON.stringify([
    { type: `gitleaks_rule_id_${scannerWords(leak).gitlab}`, token: leak.secret, [field]: place(leak).url },
  ]);
}
