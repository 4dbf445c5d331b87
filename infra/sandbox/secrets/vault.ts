import { defined } from '#shared/core/defined.ts';
import { randomBytes, randomUUID } from 'node:crypto';

export interface SecretTag {
  readonly Key: string;
  readonly Value: string;
}

interface Version {
  readonly id: string;
  readonly text?: string;
  readonly binary?: string;
  readonly createdAt: number;
  readonly stages: readonly string[];
}

export interface StoredSecret {
  readonly arn: string;
  readonly name: string;
  readonly createdAt: number;
  description: string | undefined;
  tags: readonly SecretTag[];
  versions: readonly Version[];
  changedAt: number;
  deletedAt: number | undefined;
}

export interface SecretValue {
  readonly text?: string | undefined;
  readonly binary?: string | undefined;
  readonly token?: string | undefined;
  readonly stages?: readonly string[] | undefined;
}

const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';

/** Adds a version; its labels leave the others, and a version without a label is gone. */
function withVersion(versions: readonly Version[], version: Version): readonly Version[] {
  const { stages } = version;
  const isMove = stages.includes(CURRENT);
  const older = versions.map((old) => {
    const kept = old.stages.filter((stage) => !stages.includes(stage) && !(isMove && stage === PREVIOUS));
    return { ...old, stages: isMove && old.stages.includes(CURRENT) ? [...kept, PREVIOUS] : kept };
  });
  return [...older.filter((old) => old.stages.length > 0), version];
}

interface SecretDetails {
  readonly description?: string;
  readonly tags?: readonly SecretTag[];
}

/** Keeps secrets with their versions and staging labels as Secrets Manager does. Times are seconds since the epoch. */
export function createSecretVault(options: {
  readonly region: string;
  readonly account: string;
  readonly now: () => Date;
}) {
  let secrets = new Map<string, StoredSecret>();
  let initial = new Map<string, StoredSecret>();
  const seconds = () => options.now().getTime() / 1_000;

  /** Stores a version. `AWSCURRENT` moves to it, and the version it leaves becomes `AWSPREVIOUS`. */
  const addVersion = (secret: StoredSecret, value: SecretValue): Version => {
    const version: Version = {
      id: value.token ?? randomUUID(),
      ...defined({ text: value.text, binary: value.binary }),
      createdAt: seconds(),
      stages: value.stages ?? [CURRENT],
    };
    secret.versions = withVersion(secret.versions, version);
    secret.changedAt = seconds();
    return version;
  };

  const create = (name: string, details: SecretDetails): StoredSecret => {
    const suffix = randomBytes(3).toString('hex');
    const secret: StoredSecret = {
      arn: `arn:aws:secretsmanager:${options.region}:${options.account}:secret:${name}-${suffix}`,
      name,
      createdAt: seconds(),
      description: details.description,
      tags: details.tags ?? [],
      versions: [],
      changedAt: seconds(),
      deletedAt: undefined,
    };
    secrets.set(name, secret);
    return secret;
  };

  const copy = () => new Map([...secrets].map(([name, secret]) => [name, { ...secret }]));

  return {
    all: (): readonly StoredSecret[] => [...secrets.values()],
    /** Finds by name, by ARN, or by ARN without its six random characters. */
    find: (id: string): StoredSecret | undefined =>
      secrets.get(id) ?? [...secrets.values()].find(({ arn }) => arn === id || arn.slice(0, -7) === id),
    create,
    addVersion,
    remove: (name: string): void => {
      secrets.delete(name);
    },
    keep: (): void => {
      initial = copy();
    },
    reset: (): void => {
      secrets = initial;
      initial = copy();
    },
  };
}

export type SecretVault = ReturnType<typeof createSecretVault>;
