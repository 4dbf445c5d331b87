import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { Secret } from '#shared/core/secret.ts';

/** The secrets of one stage. Names are without the stage's prefix: `slack`, `profiles/dfns-demo`, … */
export interface Vault {
  /** The current value; `undefined` while the secret is empty or not there. */
  read(name: string): Promise<Secret | undefined>;
  /** Stores a value; the one before stays readable as AWSPREVIOUS. The same value again changes nothing. */
  put(name: string, value: Secret): Promise<'stored' | 'unchanged'>;
  exists(name: string): Promise<boolean>;
}

const isMissing = (error: unknown): boolean => error instanceof Error && error.name === 'ResourceNotFoundException';

/** Opens a stage's secrets in Secrets Manager. */
export function createVault(client: SecretsManagerClient, stage: string): Vault {
  const idOf = (name: string): string => `patrol/${stage}/${name}`;
  const exists = async (name: string): Promise<boolean> => {
    try {
      await client.send(new DescribeSecretCommand({ SecretId: idOf(name) }));
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  };
  const read = async (name: string): Promise<Secret | undefined> => {
    try {
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: idOf(name) }));
      return SecretString === undefined || SecretString === '' ? undefined : new Secret(SecretString);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  };
  return {
    read,
    exists,
    put: async (name, value) => {
      if ((await read(name))?.expose() === value.expose()) return 'unchanged';
      if (await exists(name)) {
        await client.send(new PutSecretValueCommand({ SecretId: idOf(name), SecretString: value.expose() }));
      } else {
        const tags = [
          { Key: 'service', Value: 'patrol' },
          { Key: 'stage', Value: stage },
        ];
        await client.send(new CreateSecretCommand({ Name: idOf(name), SecretString: value.expose(), Tags: tags }));
      }
      return 'stored';
    },
  };
}
