import { beforeAll, expect } from 'vitest';
import { hmslHash } from '#shared/alerts/watched.ts';
import { type AlertDriver, createAlertDriver } from '#test/support/alert-driver.ts';
import { attack } from '#test/support/attack.ts';
import { langsmithKey } from '#test/support/leaks.ts';
import { sharedSandbox } from '#test/support/shared-sandbox.ts';

let driver: AlertDriver;
beforeAll(async () => {
  driver = createAlertDriver(await sharedSandbox());
});

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
  async () => {
    // Not of hex digits, so that no fingerprint holds a piece of it by chance.
    const key = `lsv2_pt_${'ghijklmnopqrstuvwxyz'.repeat(2)}`;
    await driver.tell([{ secret: key, repository: 'acme/half-a-key' }]);
    expect(await driver.cards('acme/half-a-key')).toHaveLength(1);
    const { history, table } = (await driver.everything()) as { history: unknown; table: unknown };
    const kept = JSON.stringify([history, table]);
    const body = key.slice('lsv2_pt_'.length);
    const pieces = Array.from({ length: 17 }, (_, at) => body.slice(at, at + 4));
    expect(pieces.filter((piece) => kept.includes(piece))).toEqual([]);
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
    const secret = langsmithKey();
    const leak = { secret, provider: 'langsmith', repository: 'acme/only-a-hash' } as const;
    await driver.deliver(driver.sign('gitguardian', leak));
    await driver.card('acme/only-a-hash', /gave only a hash/);
    const { history, table } = (await driver.everything()) as { history: unknown; table: unknown };
    expect(JSON.stringify([history, table])).not.toContain(await hmslHash(secret));
  },
);
