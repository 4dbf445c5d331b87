import type { Leak } from './signed-alert.ts';
import { STAND_INS } from '../providers/stand-ins.ts';
import { type GithubAlert, githubTypeName } from '../github/github-alert.ts';

/** Where a leak was found, with something for whatever was left out. */
export const place = (leak: Leak) => {
  const repository = leak.repository ?? 'acme/payments';
  const path = leak.path ?? 'scripts/run.sh';
  const commit = leak.commit ?? '3f786850e387550fdab836ed7e6dc881de23001b';
  const author = leak.author ?? 'anna@example.com';
  const url = leak.url ?? `https://github.com/${repository}/blob/${commit}/${path}#L3`;
  return { repository, path, commit, author, url };
};

const wordsOf = ({ provider }: Leak) => STAND_INS[provider].scannerWords;
const githubType = (leak: Leak): string => wordsOf(leak).github(leak.kind ?? 'pat');

/** GitHub's delivery for a new alert: it names the alert and not the secret, which REST then gives. */
export function githubDelivery(
  leak: Leak,
  number: number,
  at: Date,
): { readonly body: string; readonly alert: GithubAlert } {
  const { repository } = place(leak);
  const [owner = '', name = ''] = repository.split('/');
  const secret_type = githubType(leak);
  const created = at.toISOString();
  const rest = `https://api.github.com/repos/${repository}`;
  const user = { login: owner, id: 1, type: 'Organization', site_admin: false };
  const body = JSON.stringify({
    action: 'created',
    alert: {
      number,
      created_at: created,
      updated_at: created,
      url: `${rest}/secret-scanning/alerts/${number}`,
      html_url: `https://github.com/${repository}/security/secret-scanning/${number}`,
      locations_url: `${rest}/secret-scanning/alerts/${number}/locations`,
      resolution: null,
      resolved_at: null,
      resolved_by: null,
      resolution_comment: null,
      secret_type,
      secret_type_display_name: githubTypeName(secret_type),
      validity: 'unknown',
      push_protection_bypassed: false,
      push_protection_bypassed_by: null,
      push_protection_bypassed_at: null,
      publicly_leaked: leak.publiclyLeaked ?? false,
      multi_repo: false,
    },
    repository: {
      id: 1,
      node_id: 'R_1',
      name,
      full_name: repository,
      private: leak.publiclyLeaked !== true,
      owner: user,
    },
    organization: { login: owner, id: 1 },
    sender: { login: 'github', id: 9_919, type: 'Organization', site_admin: false },
    installation: { id: 1, node_id: 'I_1' },
  });
  const alert = { repository, number, secret: leak.secret, secret_type, publicly_leaked: leak.publiclyLeaked ?? false };
  return { body, alert };
}

/** The partner programme's list: secrets in clear. */
export const partnerBody = (leak: Leak): string =>
  JSON.stringify([{ token: leak.secret, type: githubType(leak), url: place(leak).url, source: 'content' }]);

/** GitGuardian's event for a new incident: hashes, never the secret. */
export function gitguardianBody(leak: Leak, hmsl: string, at: Date): string {
  const { repository, path, commit, author, url } = place(leak);
  const date = at.toISOString();
  const detector = wordsOf(leak).gitguardian;
  return JSON.stringify({
    source: 'GitGuardian',
    timestamp: date,
    action: 'incident_triggered',
    message: 'A new incident has been detected.',
    target_user: 'GitGuardian',
    incident: {
      id: 4_711,
      date,
      detector: { name: detector.name, display_name: detector.displayName, nature: 'generic', family: 'Other' },
      secret_hash: 'Ri9FjVgdOlPnBmujoxP4XPJcbe82BhJXB/SAngijw/juCISuOMgPzYhV28m6OG24',
      hmsl_hash: hmsl,
      secret_revoked: false,
      occurrence_count: 1,
      status: 'triggered',
      regression: false,
      assignee_email: null,
      severity: 'unknown',
      validity: 'no_checker',
      ignored_at: null,
      ignore_reason: null,
      resolved_at: null,
      gitguardian_url: 'https://dashboard.gitguardian.com/workspace/1/incidents/4711',
      share_url: null,
    },
    occurrence: {
      id: 1,
      url,
      filepath: path,
      sha: commit,
      author_name: author,
      source: {
        full_name: repository,
        display_name: repository,
        visibility: leak.publiclyLeaked === true ? 'public' : 'private',
      },
    },
  });
}

/** GitLab's list of tokens to revoke; the two ways of handing it over name the place differently. */
export function revocationBody(leak: Leak, field: 'location' | 'url'): string {
  return JSON.stringify([
    { type: `gitleaks_rule_id_${wordsOf(leak).gitlab}`, token: leak.secret, [field]: place(leak).url },
  ]);
}

/** A gitleaks 8 report of one finding. */
export function gitleaksBody(leak: Leak): string {
  const { path, commit, author, url } = place(leak);
  const rule = wordsOf(leak).gitleaks;
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

/** Our own form. */
export function generalBody(leak: Leak): string {
  const { repository, path, commit, author, url } = place(leak);
  return JSON.stringify({
    provider: leak.provider,
    secret: leak.secret,
    url,
    repository,
    path,
    commit,
    author,
    note: 'Found by a nightly scan.',
    ...(leak.publiclyLeaked === undefined ? {} : { publiclyLeaked: leak.publiclyLeaked }),
  });
}
