import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findToken } from '#shared/alerts/find-token.ts';
import { Fault } from '#shared/core/fault.ts';
import { Secret } from '#shared/core/secret.ts';
import type { Clue } from '#shared/providers/clue.ts';
import { recognise } from '#shared/providers/recognise.ts';
import type { Services } from '#shared/tokens/services.ts';
import { type Bench, benchFingerprint, startBench } from '#test/support/services.ts';

let bench: Bench;
let services: Services;
beforeAll(async () => {
  bench = await startBench();
  const fields = JSON.stringify(bench.langsmith.profileSecret('langsmith-demo'));
  bench.secrets.put('patrol/test/profiles/langsmith-again', fields);
  bench.secrets.put('patrol/test/profiles/langsmith-broken', '{"provider":"langsmith"}');
  services = bench.withPolicy((policy) => {
    const issuer = policy.profiles['langsmith-demo']?.issuer;
    policy.profiles['langsmith-again'] = { provider: 'langsmith', issuer };
    policy.profiles['langsmith-broken'] = { provider: 'langsmith', issuer };
  });
});
afterAll(() => bench.close());
afterEach(() => bench.langsmith.setFault({ mode: 'none' }));

const clueOf = (secret: string): Clue => {
  const clue = recognise(new Secret(secret), benchFingerprint);
  if (clue === undefined) throw new Error('not recognised');
  return clue;
};
const find = (clue: Clue, watched: (clue: Clue) => Promise<Clue | undefined> = async () => undefined) =>
  findToken({ services, watched, issuerOf: () => undefined }, clue);
const mint = () => bench.langsmith.mint({ profile: 'langsmith-demo', name: 'sought' });

describe('findToken', () => {
  it('takes a token that several profiles see for one, and tells which profile could not be searched', async () => {
    const token = mint();
    const { match, candidates, unread } = await find(clueOf(token.secret));
    expect(match).toMatchObject({ grade: 'strong', token: { id: token.id } });
    expect(candidates).toHaveLength(1);
    expect(unread).toMatchObject([{ profile: 'langsmith-broken', trouble: { fault: 'config_invalid' } }]);
  });

  it('asks only the profile that a trusted sender named', async () => {
    const token = mint();
    const { match, unread } = await find({ form: 'named', tokenId: token.id, profile: 'langsmith-again' });
    expect(match).toMatchObject({ grade: 'exact', token: { profile: 'langsmith-again' } });
    expect(unread).toEqual([]);
    expect(await find({ form: 'named', tokenId: token.id, profile: 'nobody' })).toMatchObject({ candidates: [] });
  });

  it('makes the sure candidate of a watched secret proved', async () => {
    const token = mint();
    const { match } = await find(clueOf(token.secret), async (clue) => clue);
    expect(match).toMatchObject({ grade: 'proved', because: [{ kind: 'proved', by: 'watched' }, expect.anything()] });
  });

  it('is worth another try only where nothing better than a guess was found', async () => {
    const token = mint();
    const down = async () => {
      throw new Fault('secret_unavailable', 'test');
    };
    expect(await find(clueOf(token.secret), down)).not.toHaveProperty('retryable');
    expect((await find({ form: 'hashed', hmsl: 'ab'.repeat(32) }, down)).retryable?.code).toBe('secret_unavailable');
    bench.langsmith.setFault({ mode: '500' });
    expect((await find(clueOf(token.secret))).retryable?.code).toBe('provider_unavailable');
  });

  it('makes no call for a hash that nobody knows', async () => {
    const calls = bench.langsmith.calls.length;
    expect(await find({ form: 'hashed', hmsl: 'ab'.repeat(32) })).toEqual({ candidates: [], unread: [] });
    expect(bench.langsmith.calls).toHaveLength(calls);
  });
});
