import { expect, it } from 'vitest';
import { receiveReading } from '#shared/alerts/receive-alert.ts';
import type { Finding } from '#shared/alerts/source.ts';
import { Secret } from '#shared/core/secret.ts';
import { fingerprint, langsmithKey } from '#test/support/leaks.ts';
import '#test/support/contain-no-secret.ts';

const deps = {
  now: () => new Date('2026-11-22T14:00:00Z'),
  fingerprint,
  checkValidity: async () => new Map(),
  profiles: [],
};
const receive = (findings: readonly Finding[]) =>
  receiveReading(
    { kind: 'findings', findings, unread: [new Secret('a line that is no record')] },
    { source: { name: 'gitleaks' }, content: Buffer.from('content') },
    deps,
  );
const found = (length: number) => {
  const secrets = Array.from({ length }, () => langsmithKey());
  return { secrets, findings: secrets.map((secret): Finding => ({ secret: new Secret(secret) })) };
};

it('takes a report of a thousand findings in a few parts, every one of them', async () => {
  const { secrets, findings } = found(1000);
  const { status, jobs } = await receive(findings);
  expect(status).toBe(202);
  expect(jobs.length).toBeLessThan(20);
  const reports = jobs.flatMap((job) => (job.kind === 'report-part' ? job.reports : []));
  // And one for the line that is no record.
  expect(new Set(reports.map(({ key }) => key)).size).toBe(1001);
  expect(JSON.stringify(jobs)).toContainNoSecret(secrets.slice(0, 50));
});

it('refuses a report that is too large for one go once and for all, with a sentence, and people are told', async () => {
  const { findings } = found(5001);
  const { status, body, jobs } = await receive(findings);
  expect(status).toBe(413);
  expect(body).toEqual({ error: expect.stringContaining('more than 5000 findings in one report; send it in parts') });
  expect(jobs).toHaveLength(1);
  expect(jobs[0]).toMatchObject({
    kind: 'report',
    report: { remarks: [{ kind: 'refused_for_size', count: 5001, most: 5000 }] },
  });
});
