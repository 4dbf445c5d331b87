import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openJob, signJob } from '#shared/jobs/sign-job.ts';
import { toQueueText } from '#shared/jobs/to-queue-text.ts';
import { deriveKey } from '#shared/secrets/derive-key.ts';
import { anyCharacter } from '#test/support/arbitraries/any-character.ts';

const key = deriveKey('fingerprint-key-for-tests-0123456789', 'jobs');
const NOW = new Date('2026-11-22T12:00:00Z');
const DAY = 86_400_000;
const job = {
  v: 1,
  kind: 'command',
  receivedAt: NOW.toISOString(),
  deliveryKey: 'k',
  payload: { user: 'U0ADMIN0001' },
};
const text = (signed: string = signJob(key, job)) => toQueueText(signed);

describe('openJob', () => {
  it('gives back exactly what was signed, whatever texts it holds', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: anyCharacter }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 4 }),
        (payload) => {
          const one = { ...job, payload: JSON.parse(JSON.stringify(payload)) as unknown };
          expect(openJob(key, text(signJob(key, one)), NOW)).toEqual({
            job: JSON.parse(JSON.stringify(one)) as unknown,
          });
        },
      ),
    );
  });

  it.each([
    ['another person', { payload: { user: 'U0VIEWER001' } }],
    ['another time', { receivedAt: new Date(NOW.getTime() + 1).toISOString() }],
    ['another delivery', { deliveryKey: 'l' }],
    ['one field more', { isAdmin: true }],
  ])('refuses a signed job with %s in it', (_, change) => {
    expect(openJob(key, text(JSON.stringify({ ...JSON.parse(signJob(key, job)), ...change })), NOW)).toEqual({
      refused: 'forged',
    });
  });

  it('refuses what nobody signed, what another stage signed, and what is signed for another purpose', () => {
    const others = [
      deriveKey('fingerprint-key-of-another-stage-0123', 'jobs'),
      deriveKey('fingerprint-key-for-tests-0123456789', 'buttons'),
    ];
    for (const other of others) expect(openJob(key, text(signJob(other, job)), NOW)).toEqual({ refused: 'forged' });
    for (const body of [job, { ...job, mac: 7 }, [job]])
      expect(openJob(key, text(JSON.stringify(body)), NOW)).toEqual({ refused: 'unsigned' });
    expect(openJob(key, 'no json', NOW)).toEqual({ refused: 'unreadable' });
  });

  it('takes a job for as long as SQS can keep it, and refuses it before it is forgotten', () => {
    const after = (days: number) => openJob(key, text(), new Date(NOW.getTime() + days * DAY));
    expect(after(14)).toHaveProperty('job');
    expect(after(15)).toHaveProperty('job');
    expect(after(15.01)).toEqual({ refused: 'too old' });
    expect(openJob(key, text(signJob(key, { ...job, receivedAt: 'never' })), NOW)).toEqual({ refused: 'too old' });
  });
});
