import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { defined } from '#shared/core/defined.ts';
import { Secret } from '#shared/core/secret.ts';
import { type FetchSecret, type StoredSecret, unreadableSecret } from './secret-reader.ts';

/** Reads secrets with the AWS SDK: for the workers. */
export function createSdkFetchSecret(client: SecretsManagerClient): FetchSecret {
  const version = async (name: string, stage: 'AWSCURRENT' | 'AWSPREVIOUS'): Promise<StoredSecret | undefined> => {
    const { SecretString, CreatedDate } = await client.send(
      new GetSecretValueCommand({ SecretId: name, VersionStage: stage }),
    );
    if (SecretString === undefined) return undefined;
    return { current: new Secret(SecretString), ...defined({ madeAt: CreatedDate }) };
  };
  return async (name) => {
    const [current, previous] = await Promise.allSettled([version(name, 'AWSCURRENT'), version(name, 'AWSPREVIOUS')]);
    if (current.status === 'rejected') throw unreadableSecret(name, errorName(current.reason), current.reason);
    if (current.value === undefined) throw unreadableSecret(name, 'holds no text');
    const before = previous.status === 'fulfilled' ? previous.value : undefined;
    return before === undefined ? current.value : { ...current.value, previous: before.current };
  };
}

function errorName(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
