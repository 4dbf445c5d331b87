import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { Secret } from '#shared/core/secret.ts';
import { createSdkFetchSecret } from '#shared/secrets/sdk-fetch-secret.ts';
import type { StoredSecret } from '#shared/secrets/secret-reader.ts';

/** The secrets of one stage. Names are without the stage's prefix: `slack`, `profiles/dfns-demo`, … */
export interface Vault {
  /** The current value; `undefined` while the secret is empty or not there. */
  read(name: string): Promise<Secret | undefined>;
  /**
   * Stores a value; the one before stays readable as AWSPREVIOUS, unless it is given up. The same value again changes
   * nothing else.
   */
  put(name: string, value: Secret): Promise<'stored' | 'unchanged'>;
  exists(name: string): Promise<boolean>;
  /** The current value with the one before it, as the functions read them; `undefined` while there is none. */
  versions(name: string): Promise<StoredSecret | undefined>;
}

interface VaultOptions {
  /** The value before has leaked: what is stored takes both places, so that nothing accepts the old one. */
  readonly givesUpPrevious?: boolean;
}

const isMissing = (error: unknown): boolean => error instanceof Error && error.name === 'ResourceNotFoundException';

/** Opens a stage's secrets in Secrets Manager. */
export function createVault(
  client: SecretsManagerClient,
  stage: string,
  { givesUpPrevious = false }: VaultOptions = {},
): Vault {
  const fetchSecret = createSdkFetchSecret(client);
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
    versions: async (name) => ((await read(name)) === undefined ? undefined : fetchSecret(idOf(name))),
    put: async (name, value) => {
      const write = () =>
        client.send(new PutSecretValueCommand({ SecretId: idOf(name), SecretString: value.expose() }));
      if ((await read(name))?.expose() === value.expose()) {
        if (givesUpPrevious) await write();
        return 'unchanged';
      }
      if (await exists(name)) {
        await write();
        // Once more: now the same value is the previous one too.
        if (givesUpPrevious) await write();
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
