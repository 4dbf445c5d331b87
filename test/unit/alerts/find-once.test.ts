import { expect, it } from 'vitest';
import { createCheckValidity } from '#shared/alerts/check-validity.ts';
import { findingsIn, sealDelivery, textsOf } from '#shared/alerts/seal-delivery.ts';
import { Secret } from '#shared/core/secret.ts';
import { findOnce } from '#shared/providers/find-once.ts';
import { findSecrets } from '#shared/providers/recognise.ts';
import { fingerprint, now, NOW } from '#test/support/alerts.ts';
import { langsmithKey } from '#test/support/leaks.ts';

it('goes through each text of a delivery once, for its validity and for its sealing', async () => {
  const searches = new Map<string, number>();
  const find = findOnce((text) => {
    searches.set(text, (searches.get(text) ?? 0) + 1);
    return findSecrets(text);
  });
  const key = langsmithKey();
  const findings = [
    { secret: new Secret(key), note: `found ${key} in a note`, where: { path: '.env' }, detector: 'langsmith' },
    ...findingsIn([new Secret(`{"odd": "${langsmithKey()}"}`)], { fingerprint, find }),
  ];
  const checkValidity = createCheckValidity({
    issuers: { langsmith: ['https://langsmith.example'] },
    get: async () => new Response('', { status: 401 }),
    fingerprint,
    now,
    budgetMs: 1000,
  });
  const validities = await checkValidity(textsOf(findings), find);
  expect(validities.size).toBe(2);
  const { jobs } = sealDelivery({
    source: 'generic',
    content: Buffer.from('x'),
    findings,
    skipped: 0,
    receivedAt: NOW.toISOString(),
    fingerprint,
    find,
    profiles: [],
    validities,
  });
  expect(jobs).toHaveLength(2);
  expect([...searches.values()].filter((times) => times > 1)).toEqual([]);
});
