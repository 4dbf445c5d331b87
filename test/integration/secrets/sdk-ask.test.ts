import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type SecretsManagerStandIn, startSecretsManager } from '#infra/sandbox/secrets/secrets-manager.ts';
import { createBatchFetchCurrent } from '#shared/secrets/batch-fetch-current.ts';
import { createSdkAsk } from '#shared/secrets/sdk-ask.ts';

const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'example' };
let aws: SecretsManagerStandIn;
let client: SecretsManagerClient;

beforeAll(async () => {
  aws = await startSecretsManager({ credentials });
  aws.put('patrol/dev/one', 'sesame');
  client = new SecretsManagerClient({ endpoint: aws.url, region: 'eu-central-1', credentials, maxAttempts: 1 });
});
afterAll(async () => {
  client.destroy();
  await aws.close();
});

it('reads what is there, and names what is not, in one call', async () => {
  const answers = await createSdkAsk(client)(['patrol/dev/one', 'patrol/dev/none']);
  const one = answers.get('patrol/dev/one');
  expect(typeof one === 'object' ? one.expose() : one).toBe('sesame');
  expect(answers.get('patrol/dev/none')).toBe('ResourceNotFoundException');
  expect(aws.calls).toHaveLength(1);
});

it("tells AWS's reason for each name when the call itself is refused", async () => {
  const strange = new SecretsManagerClient({
    endpoint: aws.url,
    region: 'eu-central-1',
    credentials: { ...credentials, secretAccessKey: 'another' },
    maxAttempts: 1,
  });
  const answers = await createSdkAsk(strange)(['patrol/dev/one']);
  expect([...answers.keys()]).toEqual(['patrol/dev/one']);
  expect(answers.get('patrol/dev/one')).toMatch(/Exception$/);
  strange.destroy();
});

it('takes silence for no answer, and not for a refusal', async () => {
  aws.setFault({ mode: 'down', count: 1 });
  const read = createBatchFetchCurrent(createSdkAsk(client))('patrol/dev/one');
  await expect(read).rejects.toMatchObject({ code: 'secret_unavailable' });
});
