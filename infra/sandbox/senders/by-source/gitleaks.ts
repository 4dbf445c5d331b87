import { type Leak, place, scannerWords } from '../sender.ts';
import { standardWebhook } from '../standard-webhook.ts';

/** A gitleaks 8 report of one finding. */
function gitleaksBody(leak: Leak): string {
  const { path, commit, author, url } = place(leak);
  const rule = scannerWords(leak).gitleaks;
  return JSON.stringify([
    {
      RuleID: rule,
      Description: 'Uncovered a token.',
      StartLine: 3,
      EndLine: 3,
      StartColumn: 9,
      EndColumn: 9 + leak.secret.length,
      Match: `TOKEN="${leak.secret}"`,
      Secret: leak.secret,
      File: path,
      SymlinkFile: '',
      Commit: commit,
      Link: url,
      Entropy: 4.7,
      Author: author,
      Email: author,
      Date: '2026-11-22T12:00:00Z',
      Message: 'try the new endpoint',
      Tags: [],
      Fingerprint: `${commit}:${path}:${rule}:3`,
    },
  ]);
}

/** A CI job that posts a Gitleaks report. */
export const sender = standardWebhook('gitleaks', gitleaksBody);
