import { describe, expect, it } from 'vitest';
import { hmslHash as standInHash } from '#infra/sandbox/senders/by-source/gitguardian.ts';
import { createWatched, hmslHash } from '#shared/alerts/watched.ts';
import { Fault } from '#shared/core/fault.ts';
import { Secret } from '#shared/core/secret.ts';
import { recognise } from '#shared/providers/recognise.ts';
import { fingerprint } from '#test/support/alerts.ts';
import { dfnsToken, langsmithKey } from '#test/support/leaks.ts';

function startWatching(texts: string[]) {
  const world = { texts, clock: 0, listed: 0, down: false, unread: 0 };
  const watched = createWatched({
    list: async () => {
      world.listed += 1;
      if (world.down) throw new Fault('secret_unavailable', 'test');
      const secrets = world.texts.map((text) => new Secret(text));
      return { secrets, failures: Array.from({ length: world.unread }, () => new Fault('secret_unavailable', 'one')) };
    },
    fingerprint,
    now: () => new Date(world.clock),
  });
  const byHash = async (text: string) => watched({ form: 'hashed', hmsl: fingerprint(await hmslHash(text)) });
  return { world, watched, byHash };
}

describe('hmslHash', () => {
  it('is scrypt with the published salt, as the stand-in of GitGuardian computes it', async () => {
    const secret = langsmithKey('pt');
    expect(await hmslHash(secret)).toBe(standInHash(secret));
    expect(await hmslHash(secret)).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('createWatched', () => {
  it.each([
    ['a plain token', (token: string) => token],
    ['a token with a newline', (token: string) => `${token}\n`],
    ['a token in JSON', (token: string) => JSON.stringify({ nested: [{ apiKey: token }] })],
    ['a token in an environment file', (token: string) => `LANGSMITH_API_KEY=${token}\nOTHER=1`],
  ])('finds %s by its hash and by its fingerprint', async (_name, store) => {
    const token = langsmithKey('pt');
    const { watched, byHash } = startWatching([dfnsToken(), store(token), 'something else']);
    const clue = recognise(new Secret(token), fingerprint);
    expect(await byHash(token)).toEqual(clue);
    if (clue !== undefined) expect(await watched(clue)).toEqual(clue);
  });

  it('finds a text by the hash of the whole of it', async () => {
    const line = `export KEY=${langsmithKey('pt')}`;
    expect(await startWatching([line]).byHash(line)).toMatchObject({ form: 'langsmith' });
  });

  it('reads the list again for an unknown hash, once per cool-down, and never for a token', async () => {
    const { world, watched, byHash } = startWatching([]);
    const late = langsmithKey('pt');
    expect(await byHash(late)).toBeUndefined();
    world.texts.push(late);
    expect(await byHash(late)).toBeUndefined();
    expect(world.listed).toBe(1);
    const other = recognise(new Secret(langsmithKey('pt')), fingerprint);
    world.clock = 6000;
    if (other !== undefined) await watched(other);
    expect(world.listed).toBe(1);
    expect(await byHash(late)).toMatchObject({ form: 'langsmith' });
    expect(world.listed).toBe(2);
  });

  it('does not keep a failure', async () => {
    const token = langsmithKey('pt');
    const { world, byHash } = startWatching([token]);
    world.down = true;
    await expect(byHash(token)).rejects.toThrow('secret_unavailable');
    world.down = false;
    expect(await byHash(token)).toMatchObject({ form: 'langsmith' });
  });

  it('finds what could be read beside a secret that could not, and calls no hash unknown while it has not read all', async () => {
    const [token, unread] = [langsmithKey('pt'), langsmithKey('pt')];
    const { world, watched, byHash } = startWatching([token]);
    world.unread = 1;
    expect(await byHash(token)).toMatchObject({ form: 'langsmith' });
    await expect(byHash(unread)).rejects.toThrow('secret_unavailable: one');
    const clue = recognise(new Secret(unread), fingerprint);
    if (clue !== undefined) expect(await watched(clue)).toBeUndefined();
    world.unread = 0;
    world.texts.push(unread);
    expect(await byHash(unread)).toMatchObject({ form: 'langsmith' });
  });

  it('loses nothing of what was read whole before to a secret that cannot be read now', async () => {
    const token = langsmithKey('pt');
    const { world, byHash } = startWatching([token]);
    await byHash(token);
    [world.texts, world.unread, world.clock] = [[], 1, 6000];
    await expect(byHash(langsmithKey('pt'))).rejects.toThrow('secret_unavailable');
    expect(await byHash(token)).toMatchObject({ form: 'langsmith' });
  });

  it('knows nothing of a token that is named by its id', async () => {
    const { world, watched } = startWatching([langsmithKey('pt')]);
    expect(await watched({ form: 'named', tokenId: 'x' })).toBeUndefined();
    expect(world.listed).toBe(0);
  });
});
