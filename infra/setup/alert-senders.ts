import { randomBytes } from 'node:crypto';
import { Secret } from '#shared/core/secret.ts';

/** How one source's secret comes to be, and where it goes at the sender. */
interface Sender {
  /** `made`: by us, pasted there. `given`: by them, pasted here. */
  readonly secret: 'made' | 'given';
  /** Makes a fresh secret in the form that the source verifies. */
  make(): Secret;
  /** Where it is pasted, or found. */
  readonly where: string;
}

const plain = (): Secret => new Secret(randomBytes(32).toString('base64url'));
/** The form of Standard Webhooks: `whsec_` and base64 of 32 bytes. */
const webhook = (): Secret => new Secret(`whsec_${randomBytes(32).toString('base64')}`);

/** The sources that verify by a shared secret. Those with public keys or AWS's own rights (github-partner, sns) need none. */
export const SENDERS: Readonly<Record<string, Sender>> = {
  github: {
    secret: 'made',
    make: plain,
    where:
      'GitHub: organisation or repository > Settings > Webhooks > Secret; content type application/json; event "Secret scanning alerts"',
  },
  gitguardian: {
    secret: 'given',
    make: plain,
    where: 'GitGuardian: Settings > Integrations > Custom webhook > signature token',
  },
  gitlab: {
    secret: 'made',
    make: plain,
    where:
      'GitLab: project or group > Settings > Webhooks > Secret token (for a signing token paste its "whsec_…" here instead)',
  },
  trufflehog: {
    secret: 'made',
    make: webhook,
    where: 'CI: a masked secret of the job that posts TruffleHog’s JSON lines (Standard Webhooks)',
  },
  'trufflehog-enterprise': {
    secret: 'given',
    make: plain,
    where: 'TruffleHog Enterprise: Notifiers > Webhook > HMAC secret',
  },
  gitleaks: {
    secret: 'made',
    make: webhook,
    where: 'CI: a masked secret of the job that posts the Gitleaks report (Standard Webhooks)',
  },
  generic: { secret: 'made', make: webhook, where: 'your own sender: the signing secret of Standard Webhooks' },
};
