import { createHash, scryptSync } from 'node:crypto';
import { hmac, JSON_TYPE, type Leak, plain, place, scannerWords, seconds, type Sender } from '../sender.ts';

/** GitGuardian's HasMySecretLeaked hash: scrypt with a public salt, so that equal secrets have equal hashes. */
export function hmslHash(secret: string): string {
  const salt = createHash('sha256').update('GitGuardian').digest();
  return scryptSync(secret, salt, 32, { N: 2_048, r: 8, p: 1 }).toString('hex');
}

/** GitGuardian's event for a new incident: hashes, never the secret. */
function gitguardianBody(leak: Leak, hmsl: string, at: Date): string {
  const { repository, path, commit, author, url } = place(leak);
  const date = at.toISOString();
  const detector = scannerWords(leak).gitguardian;
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

/** GitGuardian's custom webhook. */
export const sender: Sender = {
  path: '/alerts/gitguardian',
  toBody: (leak, { at }) => gitguardianBody(leak, hmslHash(leak.secret), at),
  sign: (body, secret, { at }) => {
    const timestamp = seconds(at);
    const signature = hmac(`${timestamp}${plain(secret)}`, body).toString('hex');
    return { headers: { ...JSON_TYPE, timestamp, 'gitguardian-signature': `sha256=${signature}` } };
  },
  needsWatch: true,
};
