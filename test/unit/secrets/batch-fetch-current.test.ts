import { describe, expect, it } from 'vitest';
import type { AwsCall, AwsReply } from '#shared/core/aws-call.ts';
import { Secret } from '#shared/core/secret.ts';
import { createBatchFetchCurrent, createSignedAsk } from '#shared/secrets/batch-fetch-current.ts';

const answer = (json: unknown): AwsReply => ({ ok: true, body: new Secret(JSON.stringify(json)) });
const values = (names: readonly string[]) =>
  answer({
    SecretValues: names.map((Name) => ({ Name, SecretString: `value of ${Name}`, CreatedDate: 1 })),
    Errors: [],
  });

/** A Secrets Manager that answers as told; by default every name has a value. */
function batch(reply: (names: readonly string[]) => AwsReply | Promise<AwsReply> = values) {
  const calls: (readonly string[])[] = [];
  const call: AwsCall = async (request) => {
    expect(request).toMatchObject({ service: 'secretsmanager', target: 'secretsmanager.BatchGetSecretValue' });
    const names = 'json' in request ? (request.json['SecretIdList'] as readonly string[]) : [];
    calls.push(names);
    return reply(names);
  };
  return { fetchCurrent: createBatchFetchCurrent(createSignedAsk(call)), calls };
}
const settle = async (work: Promise<unknown>) => work.then(() => 'read', String);

describe('createBatchFetchCurrent', () => {
  it('reads in one call what is asked for at one moment, each name once, and later anew', async () => {
    const { fetchCurrent, calls } = batch();
    const read = await Promise.all(['a', 'b', 'a'].map(fetchCurrent));
    expect(read.map(({ current }) => current.expose())).toEqual(['value of a', 'value of b', 'value of a']);
    expect(read[0]).not.toHaveProperty('madeAt');
    await fetchCurrent('a');
    expect(calls).toEqual([['a', 'b'], ['a']]);
  });

  it('asks for twenty names at once and no more', async () => {
    const { fetchCurrent, calls } = batch();
    const names = Array.from({ length: 45 }, (_, index) => `s${index}`);
    const read = await Promise.all(names.map(fetchCurrent));
    expect(read.map(({ current }) => current.expose())).toEqual(names.map((name) => `value of ${name}`));
    expect(calls.map(({ length }) => length)).toEqual([20, 20, 5]);
  });

  it('gives those that can be read where others cannot, and names the secret and AWS’s reason only', async () => {
    const { fetchCurrent } = batch(() =>
      answer({
        SecretValues: [
          { Name: 'good', SecretString: 'x' },
          { Name: 'binary', SecretBinary: 'eA==' },
        ],
        Errors: [
          { SecretId: 'away', ErrorCode: 'ResourceNotFoundException', Message: 'hunter2' },
          { SecretId: 'odd', ErrorCode: 'hunter2 is the value' },
        ],
      }),
    );
    expect(
      await Promise.all(['good', 'binary', 'away', 'odd', 'lost'].map((name) => settle(fetchCurrent(name)))),
    ).toEqual([
      'read',
      'Fault: secret_unavailable: secret binary: holds no text',
      'Fault: secret_unavailable: secret away: ResourceNotFoundException',
      'Fault: secret_unavailable: secret odd: unknown',
      'Fault: secret_unavailable: secret lost: not in the answer',
    ]);
  });

  it.each<[string, AwsReply | Error, string]>([
    ['refuses', { ok: false, refusal: { status: 400, code: 'AccessDeniedException' } }, 'AccessDeniedException'],
    ['is away', new Error('connect ECONNREFUSED hunter2'), 'no answer'],
    ['answers no JSON', { ok: true, body: new Secret('hunter2') }, 'not in the answer'],
    ['answers another form', answer({ SecretValues: [{ Name: 7 }] }), 'not in the answer'],
  ])('fails for each when Secrets Manager %s, and keeps no failure', async (_, reply, reason) => {
    let isWell = false;
    const { fetchCurrent } = batch(async (names) => {
      if (isWell) return values(names);
      if (reply instanceof Error) throw reply;
      return reply;
    });
    expect(await Promise.all(['a', 'b'].map((name) => settle(fetchCurrent(name))))).toEqual(
      ['a', 'b'].map((name) => `Fault: secret_unavailable: secret ${name}: ${reason}`),
    );
    isWell = true;
    expect(await settle(fetchCurrent('a'))).toBe('read');
  });
});
