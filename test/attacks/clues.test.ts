import { findOnce } from '#shared/providers/find-once.ts';
import { expect } from 'vitest';
import { sealDelivery } from '#shared/alerts/seal-delivery.ts';
import { hmslHash } from '#shared/alerts/watched.ts';
import { Secret } from '#shared/core/secret.ts';
import { attack } from '#test/support/attack.ts';
import { fingerprint, langsmithKey } from '#test/support/leaks.ts';

function clueOf(finding: Parameters<typeof sealDelivery>[0]['findings'][number]): string {
  const { jobs } = sealDelivery({
    source: 'generic',
    content: Buffer.from('the bytes'),
    findings: [finding],
    skipped: 0,
    receivedAt: '2026-01-01T00:00:00.000Z',
    fingerprint,
    find: findOnce(),
    validities: new Map(),
  });
  return JSON.stringify(jobs);
}

attack(
  {
    name: 'clue-of-half-a-key',
    finding: 16,
    does: 'reads the table, and puts a LangSmith key together from the ends that its clue holds and the id of its row',
    holds: 'the clue holds no four characters of the key in a row: its ends are keyed fingerprints',
    without: [
      {
        file: 'shared/providers/langsmith/key-ends.ts',
        replace: 'return fingerprint(`${end} ${characters}`).slice(0, DIGITS);',
        by: 'return characters;',
      },
    ],
  },
  () => {
    // Not of hex digits, so that no fingerprint holds a piece of it by chance.
    const key = `lsv2_pt_${'ghijklmnopqrstuvwxyz'.repeat(2)}`;
    const clue = clueOf({ secret: new Secret(key) });
    expect(clue).toContain(fingerprint(key));
    const body = key.slice('lsv2_pt_'.length);
    const pieces = Array.from({ length: 17 }, (_, at) => body.slice(at, at + 4));
    expect(pieces.filter((piece) => clue.includes(piece))).toEqual([]);
  },
);

attack(
  {
    name: 'hash-with-a-public-salt',
    finding: 16,
    does: 'reads the table, and tries passwords against GitGuardian’s hashes, whose salt is public',
    holds: 'the hash is kept only as a keyed fingerprint',
    without: [{ file: 'shared/alerts/seal-delivery.ts', replace: 'hmsl: fingerprint(hmsl)', by: 'hmsl' }],
  },
  async () => {
    const hmsl = await hmslHash(langsmithKey());
    const clue = clueOf({ hmsl });
    expect(clue).toContain('"form":"hashed"');
    expect(clue).not.toContain(hmsl);
  },
);
