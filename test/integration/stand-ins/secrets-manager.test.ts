import {
  BatchGetSecretValueCommand,
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  TagResourceCommand,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { sign } from 'aws4';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SecretsManagerStandIn, startSecretsManager } from '#infra/sandbox/secrets/secrets-manager.ts';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example-secret-access-key' };
let vault: SecretsManagerStandIn;
let client: SecretsManagerClient;

beforeEach(async () => {
  vault = await startSecretsManager({ credentials });
  client = new SecretsManagerClient({ endpoint: vault.url, region: 'eu-central-1', credentials, maxAttempts: 1 });
});
afterEach(async () => {
  client.destroy();
  await vault.close();
});

const read = async (stage?: string, name = 'patrol/test/slack') =>
  (await client.send(new GetSecretValueCommand({ SecretId: name, VersionStage: stage }))).SecretString;

async function raw(
  action: string,
  body: string,
  change: (headers: Record<string, string>) => void = () => {},
  sent = body,
) {
  const signed = sign(
    {
      host: new URL(vault.url).host,
      path: '/',
      method: 'POST',
      service: 'secretsmanager',
      region: 'eu-central-1',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `secretsmanager.${action}` },
      body,
    },
    credentials,
  );
  const { Host, ...headers } = signed.headers as Record<string, string>;
  change(headers);
  delete headers['Content-Length'];
  const response = await fetch(vault.url, { method: 'POST', headers, body: sent });
  return { status: response.status, json: (await response.json()) as { __type?: string; SecretString?: string }, Host };
}

describe('versions in the Secrets Manager stand-in', () => {
  it('moves AWSCURRENT to a new value and leaves AWSPREVIOUS on the one before, never further back', async () => {
    vault.put('patrol/test/slack', 'one');
    await expect(read('AWSPREVIOUS')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    for (const text of ['two', 'three']) {
      await client.send(new PutSecretValueCommand({ SecretId: 'patrol/test/slack', SecretString: text }));
    }
    expect([await read(), await read('AWSCURRENT'), await read('AWSPREVIOUS')]).toEqual(['three', 'three', 'two']);
    const { VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId: 'patrol/test/slack' }));
    expect(Object.values(VersionIdsToStages).flat().sort()).toEqual(['AWSCURRENT', 'AWSPREVIOUS']);
  });

  it('answers a version by its id, and refuses an id that is not in that stage', async () => {
    vault.put('patrol/test/slack', 'one');
    const { VersionId } = await client.send(
      new PutSecretValueCommand({ SecretId: 'patrol/test/slack', SecretString: 'two' }),
    );
    const get = (VersionStage?: string) =>
      client.send(new GetSecretValueCommand({ SecretId: 'patrol/test/slack', VersionId, VersionStage }));
    expect((await get()).SecretString).toBe('two');
    await expect(get('AWSPREVIOUS')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('keeps a value put under another label away from AWSCURRENT', async () => {
    vault.put('patrol/test/slack', 'one');
    const VersionStages = ['AWSPENDING'];
    await client.send(
      new PutSecretValueCommand({ SecretId: 'patrol/test/slack', SecretString: 'next', VersionStages }),
    );
    expect([await read(), await read('AWSPENDING')]).toEqual(['one', 'next']);
  });

  it('takes the same request token twice only with the same value', async () => {
    vault.put('patrol/test/slack', 'one');
    const put = (SecretString: string) =>
      client.send(
        new PutSecretValueCommand({ SecretId: 'patrol/test/slack', SecretString, ClientRequestToken: 'x'.repeat(32) }),
      );
    const first = await put('two');
    expect((await put('two')).VersionId).toBe(first.VersionId);
    await expect(put('three')).rejects.toMatchObject({ name: 'ResourceExistsException' });
  });

  it('finds by ARN and updates by UpdateSecret', async () => {
    const { ARN } = await client.send(new CreateSecretCommand({ Name: 'patrol/test/new', SecretString: 'one' }));
    await client.send(new UpdateSecretCommand({ SecretId: ARN, SecretString: 'two' }));
    expect([await read(undefined, ARN), await read('AWSPREVIOUS', ARN)]).toEqual(['two', 'one']);
    await expect(client.send(new CreateSecretCommand({ Name: 'patrol/test/new' }))).rejects.toMatchObject({
      name: 'ResourceExistsException',
    });
  });

  it('knows a secret that has no value yet, and says so like a missing one', async () => {
    await client.send(new CreateSecretCommand({ Name: 'patrol/test/empty' }));
    await expect(read(undefined, 'patrol/test/empty')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(read(undefined, 'patrol/test/none')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('refuses to read a deleted secret', async () => {
    vault.put('patrol/test/slack', 'one');
    await client.send(new DeleteSecretCommand({ SecretId: 'patrol/test/slack' }));
    await expect(read()).rejects.toMatchObject({ name: 'InvalidRequestException' });
    expect((await client.send(new ListSecretsCommand({}))).SecretList).toEqual([]);
  });
});

describe('listing in the Secrets Manager stand-in', () => {
  it('filters by tag and name, and pages', async () => {
    for (let i = 0; i < 7; i += 1) vault.put(`app/${i}`, 'x', i < 5 ? { 'patrol:watch': 'true' } : { other: 'true' });
    vault.put('app/off', 'x', { 'patrol:watch': 'false' });
    const names: string[] = [];
    let NextToken: string | undefined;
    let pages = 0;
    do {
      const Filters = [
        { Key: 'tag-key' as const, Values: ['patrol:watch'] },
        { Key: 'tag-value' as const, Values: ['true'] },
      ];
      const page = await client.send(new ListSecretsCommand({ Filters, MaxResults: 2, NextToken }));
      names.push(...(page.SecretList ?? []).map(({ Name }) => Name ?? ''));
      NextToken = page.NextToken;
      pages += 1;
    } while (NextToken !== undefined);
    expect(names.sort()).toEqual(['app/0', 'app/1', 'app/2', 'app/3', 'app/4']);
    expect(pages).toBe(3);
    const byName = await client.send(new ListSecretsCommand({ Filters: [{ Key: 'name', Values: ['app/of'] }] }));
    expect(byName.SecretList).toHaveLength(1);
  });

  it('shows tags that were added later', async () => {
    vault.put('app/one', 'x', { a: '1' });
    await client.send(new TagResourceCommand({ SecretId: 'app/one', Tags: [{ Key: 'patrol:watch', Value: 'true' }] }));
    const { Tags } = await client.send(new DescribeSecretCommand({ SecretId: 'app/one' }));
    expect(Tags).toEqual([
      { Key: 'a', Value: '1' },
      { Key: 'patrol:watch', Value: 'true' },
    ]);
  });
});

describe('many secrets at once from the Secrets Manager stand-in', () => {
  const ask = (...SecretIdList: string[]) => client.send(new BatchGetSecretValueCommand({ SecretIdList }));

  it('gives current versions, and says of each other secret why it gives none', async () => {
    for (const text of ['one', 'two']) vault.put('app/a', text);
    vault.put('app/b', 'three');
    vault.put('app/gone', 'x');
    await client.send(new DeleteSecretCommand({ SecretId: 'app/gone' }));
    const { SecretValues, Errors } = await ask('app/a', 'app/nowhere', 'app/b', 'app/gone');
    expect(SecretValues).toMatchObject([
      { Name: 'app/a', SecretString: 'two', VersionStages: ['AWSCURRENT'] },
      { Name: 'app/b', SecretString: 'three' },
    ]);
    expect(Errors?.map(({ SecretId, ErrorCode }) => [SecretId, ErrorCode])).toEqual([
      ['app/nowhere', 'ResourceNotFoundException'],
      ['app/gone', 'InvalidRequestException'],
    ]);
  });

  it('takes one to twenty names', async () => {
    const names = Array.from({ length: 21 }, (_, index) => `app/${index}`);
    expect((await ask(...names.slice(1))).Errors).toHaveLength(20);
    await expect(ask(...names)).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(ask()).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('signatures at the Secrets Manager stand-in', () => {
  const body = '{"SecretId":"patrol/test/slack"}';

  it('takes a call signed by hand', async () => {
    vault.put('patrol/test/slack', 'one');
    expect((await raw('GetSecretValue', body)).json.SecretString).toBe('one');
  });

  it('refuses a missing, a malformed and a wrong signature, and a body changed after signing', async () => {
    vault.put('patrol/test/slack', 'one');
    const types = [
      await raw('GetSecretValue', body, (headers) => delete headers['Authorization']),
      await raw('GetSecretValue', body, (headers) => (headers['Authorization'] = 'AWS4-HMAC-SHA256 nonsense')),
      await raw('GetSecretValue', body, (headers) => {
        headers['Authorization'] = (headers['Authorization'] ?? '').replace(/.$/, (last) => (last === '0' ? '1' : '0'));
      }),
      await raw('GetSecretValue', body, () => {}, `${body} `),
      await raw('GetSecretValue', body, (headers) => (headers['X-Amz-Target'] = 'secretsmanager.DeleteSecret')),
    ].map(({ status, json }) => [status, json.__type]);
    expect(types).toEqual([
      [400, 'MissingAuthenticationTokenException'],
      [400, 'IncompleteSignatureException'],
      [400, 'InvalidSignatureException'],
      [400, 'InvalidSignatureException'],
      [400, 'InvalidSignatureException'],
    ]);
    expect(vault.read('patrol/test/slack')).toBe('one');
  });

  it('refuses unknown actions and unknown fields', async () => {
    expect((await raw('GetEverything', '{}')).json.__type).toBe('UnknownOperationException');
    expect((await raw('GetSecretValue', '{"SecretId":"a","Extra":1}')).json.__type).toBe('ValidationException');
    expect((await raw('GetSecretValue', '{')).json.__type).toBe('SerializationException');
  });
});

describe('trouble at the Secrets Manager stand-in', () => {
  it('throttles, refuses and fails with the names the SDK knows', async () => {
    vault.put('patrol/test/slack', 'one');
    for (const [mode, name] of [
      ['401', 'AccessDeniedException'],
      ['429', 'ThrottlingException'],
      ['500', 'InternalServiceError'],
    ] as const) {
      vault.setFault({ mode, count: 1 });
      await expect(read()).rejects.toMatchObject({ name });
    }
    expect(await read()).toBe('one');
  });

  it('records actions by name and never a value', async () => {
    vault.put('patrol/test/slack', 'one');
    await client.send(new PutSecretValueCommand({ SecretId: 'patrol/test/slack', SecretString: 'hush' }));
    await read();
    expect(vault.calls.map(({ path, mutation }) => [path, mutation])).toEqual([
      ['/PutSecretValue', true],
      ['/GetSecretValue', false],
    ]);
    expect(JSON.stringify(vault.calls)).not.toContain('hush');
  });

  it('goes back to the state that was kept', async () => {
    vault.put('patrol/test/slack', 'one');
    vault.keep();
    vault.put('patrol/test/slack', 'two');
    vault.put('patrol/test/extra', 'x');
    vault.reset();
    expect([vault.read('patrol/test/slack'), vault.names()]).toEqual(['one', ['patrol/test/slack']]);
    vault.put('patrol/test/slack', 'three');
    vault.reset();
    expect(vault.read('patrol/test/slack')).toBe('one');
  });
});
