import { defined } from '#shared/core/defined.ts';
import type { LangSmithKeys } from './keys.ts';

const DAY = 86_400_000;

/** Fills an organisation with what a demonstration needs: several owners, used, unused, expiring, expired, revoked, hostile. */
export function seedLangSmith(keys: LangSmithKeys, profile: string, now: Date): void {
  const at = (days: number | undefined) =>
    days === undefined ? undefined : new Date(now.getTime() + days * DAY).toISOString();
  const rows: readonly (readonly [name: string, owner: string, created: number, used?: number, expires?: number])[] = [
    ['prod-tracing', 'anna@example.com', -320, -0.1],
    ['notebook', 'anna@example.com', -45, -2, 45],
    ['eval-runner', 'ben@example.com', -260, -121],
    ['proof-of-concept', 'chen@example.com', -735],
    ['conference-demo', 'chen@example.com', -85, -1, 5],
    ['hackathon', 'dana@example.com', -400, -370, -310],
    ['<!here> _urgent_ <https://evil.example|reset your key>', 'dana@example.com', -20, -3],
    ['break-glass-observability', 'anna@example.com', -150, -30],
  ];
  for (const [name, owner, created, used, expires] of rows) {
    const createdAt = at(created);
    const lastUsedAt = at(used);
    const expiresAt = at(expires);
    keys.mint({
      profile,
      name,
      owner,
      ...defined({ createdAt, lastUsedAt, expiresAt }),
    });
  }
  const revoked = keys.mint({
    profile,
    name: 'left-the-company',
    owner: 'emil@example.com',
    createdAt: at(-500) ?? '',
  });
  revoked.revokedAt = at(-9);
  keys.mint({ profile, name: 'ingest-prod', kind: 'service', permissions: ['workspace'], createdAt: at(-210) ?? '' });
  keys.mint({ profile, name: 'ci-evals', kind: 'service', permissions: ['organization'], createdAt: at(-33) ?? '' });
}
