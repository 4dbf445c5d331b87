import { createHmac } from 'node:crypto';
import { type GithubAlert, githubTypeName } from '../../github/github-alert.ts';
import { githubType } from '../github-type.ts';
import { hmac, JSON_TYPE, type Leak, plain, place, type Sender } from '../sender.ts';

/** GitHub's delivery for a new alert: it names the alert and not the secret, which REST then gives. */
function githubDelivery(leak: Leak, number: number, at: Date): { readonly body: string; readonly alert: GithubAlert } {
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

/** GitHub's webhook. */
export const sender: Sender = {
  path: '/alerts/github',
  toBody: (leak, { number, at }) => githubDelivery(leak, number, at).body,
  sign: (body, secret, { id }) => ({
    headers: {
      ...JSON_TYPE,
      'user-agent': 'GitHub-Hookshot/0000000',
      'x-github-event': 'secret_scanning_alert',
      'x-github-delivery': id,
      'x-github-hook-id': '1',
      'x-hub-signature': `sha1=${createHmac('sha1', plain(secret)).update(body).digest('hex')}`,
      'x-hub-signature-256': `sha256=${hmac(plain(secret), body).toString('hex')}`,
    },
  }),
  atGithub: (leak, { number, at }) => githubDelivery(leak, number, at).alert,
};
