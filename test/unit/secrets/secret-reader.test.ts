import { describe, expect, it } from 'vitest';
import { Secret } from '#shared/core/secret.ts';
import { createSecretReader, type StoredSecret } from '#shared/secrets/secret-reader.ts';

function reader() {
  let time = 0;
  const calls: string[] = [];
  const failures = new Set<string>();
  const secrets = createSecretReader({
    fetchSecret: async (name): Promise<StoredSecret> => {
      calls.push(name);
      if (failures.has(name)) throw new Error('unreachable');
      return { current: new Secret(`${name} ${calls.length}`) };
    },
    now: () => new Date(time),
    keepMs: 1000,
    refreshCoolDownMs: 100,
  });
  return { secrets, calls, failures, pass: (ms: number) => (time += ms) };
}

describe('createSecretReader', () => {
  it('asks once for concurrent readers and keeps the answer for its time', async () => {
    const { secrets, calls, pass } = reader();
    await Promise.all([secrets.read('a'), secrets.read('a')]);
    pass(999);
    await secrets.read('a');
    expect(calls).toEqual(['a']);
    pass(1);
    await secrets.read('a');
    expect(calls).toEqual(['a', 'a']);
  });

  it('never keeps a failure', async () => {
    const { secrets, failures } = reader();
    failures.add('a');
    await expect(secrets.read('a')).rejects.toThrow('unreachable');
    failures.delete('a');
    expect((await secrets.read('a')).current.expose()).toBe('a 2');
  });

  it('reads afresh on request, and only once within the cool-down', async () => {
    const { secrets, calls, pass } = reader();
    await secrets.read('a');
    pass(100);
    await Promise.all([secrets.refresh('a'), secrets.refresh('a')]);
    pass(50);
    await secrets.refresh('a');
    expect(calls).toHaveLength(2);
  });
});
