import { Secret } from '#shared/core/secret.ts';
import { type FetchSecret, unreadableSecret } from '#shared/secrets/secret-reader.ts';
import type { World } from './world.ts';

/** Secrets Manager: each secret with its current version and the one before. */
export interface Vault {
  readonly fetchSecret: FetchSecret;
  put(name: string, value: string): void;
}

interface Version {
  readonly value: string;
  readonly madeAt: Date;
}

/** Opens an empty vault. */
export function createVault(world: World): Vault {
  const versions = new Map<string, Version[]>();
  return {
    put: (name, value) => {
      versions.set(name, [{ value, madeAt: world.clock() }, ...(versions.get(name) ?? [])].slice(0, 2));
    },
    fetchSecret: (name) =>
      world.effect({
        neighbour: 'secrets',
        name: `read ${name}`,
        work: () => {
          const [current, previous] = versions.get(name) ?? [];
          if (current === undefined) throw unreadableSecret(name, 'ResourceNotFoundException');
          return {
            current: new Secret(current.value),
            madeAt: current.madeAt,
            ...(previous === undefined ? {} : { previous: new Secret(previous.value) }),
          };
        },
        unanswered: () => {
          throw unreadableSecret(name, 'InternalServiceError');
        },
      }),
  };
}
