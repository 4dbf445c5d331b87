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

describe('createSecretReader with a cheaper way to the current version', () => {
  function parted() {
    let time = 0;
    const calls: string[] = [];
    const secrets = createSecretReader({
      fetchSecret: async (name) => {
        calls.push(`whole ${name}`);
        return { current: new Secret('now'), previous: new Secret('before'), madeAt: new Date(time) };
      },
      fetchCurrent: async (name) => {
        calls.push(`current ${name}`);
        return { current: new Secret('now') };
      },
      now: () => new Date(time),
      keepMs: 1000,
      refreshCoolDownMs: 100,
    });
    return { secrets, calls, pass: (ms: number) => (time += ms) };
  }

  it('reads the version before only when it is asked to refresh, also just after a read', async () => {
    const { secrets, calls } = parted();
    expect((await secrets.read('a')).previous).toBeUndefined();
    expect((await secrets.refresh('a')).previous?.expose()).toBe('before');
    expect(calls).toEqual(['current a', 'whole a']);
  });

  it('gives what it refreshed from then on, and after its time the current version again', async () => {
    const { secrets, calls, pass } = parted();
    await secrets.refresh('a');
    pass(999);
    expect((await secrets.read('a')).previous?.expose()).toBe('before');
    pass(1);
    expect((await secrets.read('a')).previous).toBeUndefined();
    expect(calls).toEqual(['whole a', 'current a']);
  });

  it('refreshes once within the cool-down, however often somebody makes it', async () => {
    const { secrets, calls, pass } = parted();
    for (let at = 0; at < 1000; at += 10) {
      await Promise.all([secrets.refresh('a'), secrets.refresh('a')]);
      await secrets.read('a');
      pass(10);
    }
    expect(calls).toEqual(Array.from({ length: 10 }, () => 'whole a'));
    // What is refreshed late in its cool-down is as old as it is.
    const { length } = calls;
    pass(910);
    await secrets.read('a');
    expect(calls.slice(length)).toEqual(['current a']);
  });
});
