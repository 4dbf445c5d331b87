import { defined } from '#shared/core/defined.ts';
import { randomBytes, randomUUID } from 'node:crypto';
import type { ProviderStandIn, StandInToken } from '../../kit/stand-in.ts';

/**
 * How `short_key` shows a key. LangSmith does not document it: `head-tail` is `lsv2_pt_1f3a…9c0d`, `head` is
 * `lsv2_pt_1f3a`, `tail` is `lsv2_..._....cbed3e`.
 */
export type ShortKeyShape = 'head-tail' | 'head' | 'tail';

export interface LangSmithKey {
  readonly id: string;
  readonly profile: string;
  readonly kind: 'pat' | 'service';
  readonly secret: string;
  readonly shortKey: string;
  readonly description: string;
  readonly owner: string;
  readonly permissions: readonly string[];
  readonly createdAt: string;
  readonly expiresAt: string | undefined;
  lastUsedAt: string | undefined;
  revokedAt: string | undefined;
  deleted: boolean;
}

type MintOptions = Parameters<ProviderStandIn['mint']>[0];

const SHORT: Readonly<Record<ShortKeyShape, (secret: string) => string>> = {
  'head-tail': (secret) => `${secret.slice(0, 12)}…${secret.slice(-4)}`,
  head: (secret) => secret.slice(0, 12),
  tail: (secret) => `lsv2_..._....${secret.slice(-6)}`,
};

/** Makes a key in the known grammar: type prefix, 32 hex digits with the nibbles of a version 4 UUID, 10 more. */
export function langsmithKeyText(kind: LangSmithKey['kind'], uuid: string = randomUUID()): string {
  return `lsv2_${kind === 'pat' ? 'pt' : 'sk'}_${uuid.replaceAll('-', '')}_${randomBytes(5).toString('hex')}`;
}

/** Shows a key as the sandbox does; an expired one that was never revoked counts as active. */
export const toStandInToken = (row: LangSmithKey): StandInToken => ({
  provider: 'langsmith',
  profile: row.profile,
  id: row.id,
  name: row.description,
  owner: row.owner,
  kind: row.kind,
  state: row.deleted ? 'deleted' : row.revokedAt === undefined ? 'active' : 'inactive',
  shortKey: row.shortKey,
  createdAt: row.createdAt,
  ...defined({ lastUsedAt: row.lastUsedAt }),
  secret: row.secret,
});

/** How the organisation's keys look. */
interface KeysOptions {
  readonly profiles: readonly string[];
  readonly shape: ShortKeyShape;
  /** True: the key's UUID is the row's id. Whether LangSmith does so is not known. */
  readonly rowIdInKey: boolean;
  readonly now: () => Date;
}

const memberOf = (profile: string) => `${profile}@patrol.example`;

function newKey(mint: MintOptions, { shape, rowIdInKey, now }: KeysOptions): LangSmithKey {
  const kind = mint.kind ?? (mint.secret?.startsWith('lsv2_sk_') === true ? 'service' : 'pat');
  const id = randomUUID();
  const secret = mint.secret ?? langsmithKeyText(kind, rowIdInKey ? id : undefined);
  return {
    id,
    profile: mint.profile,
    kind,
    secret,
    shortKey: SHORT[shape](secret),
    description: mint.name,
    owner: mint.owner ?? memberOf(mint.profile),
    permissions: mint.permissions ?? [],
    createdAt: mint.createdAt ?? now().toISOString(),
    expiresAt: mint.expiresAt,
    lastUsedAt: mint.lastUsedAt,
    revokedAt: undefined,
    deleted: false,
  };
}

/** Creates one organisation's keys in memory. A profile is one member with one key of its own. */
export function createLangSmithKeys(options: KeysOptions) {
  let rows = new Map<string, LangSmithKey>();
  let bySecret = new Map<string, LangSmithKey>();

  const add = (mint: MintOptions): LangSmithKey => {
    const row = newKey(mint, options);
    rows.set(row.id, row);
    bySecret.set(row.secret, row);
    return row;
  };

  /** The key a profile works with, made when the profile is first named. */
  const credentials = new Map<string, string>();
  const credentialOf = (profile: string): LangSmithKey => {
    const known = rows.get(credentials.get(profile) ?? '');
    if (known !== undefined) return known;
    const row = add({ profile, name: 'patrol-bot', permissions: ['organization'] });
    credentials.set(profile, row.id);
    return row;
  };

  const copy = () => [...rows].map(([id, row]) => [id, { ...row }] as const);
  for (const profile of options.profiles) credentialOf(profile);
  let initial = copy();

  return {
    rows: () => rows,
    memberOf,
    credentialOf,
    findBySecret: (secret: string) => bySecret.get(secret),
    mint: (mint: MintOptions): LangSmithKey => {
      credentialOf(mint.profile);
      return add(mint);
    },
    /** Makes the present state the one that `reset` goes back to. */
    keep: (): void => {
      initial = copy();
    },
    reset: (): void => {
      rows = new Map(initial);
      initial = copy();
      bySecret = new Map([...rows.values()].map((row) => [row.secret, row]));
    },
  };
}

export type LangSmithKeys = ReturnType<typeof createLangSmithKeys>;
