import type { KeyObject } from 'node:crypto';
import { accessTokenText, claimedSeconds, type DfnsKeyType, dfnsId, newKeyPair, orphanKeyPem, toPem } from './keys.ts';
import type { ProviderStandIn, StandInToken } from '../../kit/stand-in.ts';

/** Whose credential a profile holds. A personal token sees and changes its own user's tokens only. */
export type DfnsIdentity = 'user' | 'service-account';
export interface DfnsProfile {
  readonly key?: DfnsKeyType;
  readonly identity?: DfnsIdentity;
}

export interface DfnsUser {
  readonly userId: string;
  readonly username: string;
  readonly profile: string;
  readonly isServiceAccount: boolean;
  isActive: boolean;
}

export interface DfnsToken {
  readonly tokenId: string;
  /** The profile that it was minted through. */
  readonly profile: string;
  readonly name: string;
  readonly kind: 'Pat' | 'ServiceAccount';
  readonly userId: string;
  readonly credId: string;
  readonly publicKeyPem: string;
  /** Set where a private key exists, that is for the tokens that profiles work with. */
  readonly publicKey?: KeyObject;
  readonly privateKeyPem?: string;
  readonly accessToken: string;
  readonly dateCreated: string;
  readonly expiresAtSeconds: number;
  readonly permissions: readonly { readonly name: string; readonly id: string; readonly assignment: string }[];
  state: 'active' | 'inactive' | 'deleted';
}

/** Between tokens that are minted without a date; see `ISSUE_TOLERANCE_SECONDS` of the provider. */
const APART_SECONDS = 150;

type MintOptions = Parameters<ProviderStandIn['mint']>[0];

const DAY_SECONDS = 86_400;
/** The longest life that Dfns lets a token be created with. */
const LONGEST_DAYS = 730;

/** Creates one organisation with its users and tokens in memory. A profile is one user (or service account) with one key. */
export function createDfnsDirectory(options: {
  readonly profiles: Readonly<Record<string, DfnsProfile>>;
  readonly now: () => Date;
}) {
  const orgId = dfnsId('or');
  let users = new Map<string, DfnsUser>();
  let tokens = new Map<string, DfnsToken>();
  let bySecret = new Map<string, DfnsToken>();
  const nowSeconds = () => Math.floor(options.now().getTime() / 1_000);

  const addUser = (profile: string, username: string, isServiceAccount: boolean): DfnsUser => {
    const user: DfnsUser = { userId: dfnsId('us'), username, profile, isServiceAccount, isActive: true };
    users.set(user.userId, user);
    return user;
  };

  const addToken = (
    user: DfnsUser,
    spec: Omit<MintOptions, 'owner'>,
    key?: ReturnType<typeof newKeyPair>,
  ): DfnsToken => {
    const claimedIssue = claimedSeconds(spec.secret, 'iat');
    const dateCreated = new Date(spec.createdAt ?? (claimedIssue === undefined ? options.now() : claimedIssue * 1_000));
    const issuedAt = Math.floor(dateCreated.getTime() / 1_000);
    const expiresAtSeconds =
      spec.expiresAt === undefined
        ? (claimedSeconds(spec.secret, 'exp') ??
          Math.max(issuedAt + LONGEST_DAYS * DAY_SECONDS, nowSeconds() + DAY_SECONDS))
        : Math.floor(Date.parse(spec.expiresAt) / 1_000);
    const kind = user.isServiceAccount ? 'ServiceAccount' : 'Pat';
    const token: DfnsToken = {
      tokenId: dfnsId('to'),
      profile: spec.profile,
      name: spec.name,
      kind,
      userId: user.userId,
      credId: dfnsId('cr'),
      publicKeyPem: key === undefined ? orphanKeyPem() : toPem(key.publicKey),
      ...(key ?? {}),
      accessToken: spec.secret ?? accessTokenText({ orgId, kind, issuedAt, expiresAtSeconds, ...user }),
      dateCreated: dateCreated.toISOString(),
      expiresAtSeconds,
      permissions: (spec.permissions ?? ['WalletViewer']).map((name) => ({
        name,
        id: dfnsId('pm'),
        assignment: dfnsId('as'),
      })),
      state: 'active',
    };
    tokens.set(token.tokenId, token);
    bySecret.set(token.accessToken, token);
    return token;
  };

  const secondsAgo = (seconds: number) => new Date(options.now().getTime() - seconds * 1_000).toISOString();
  const daysAgo = (days: number) => secondsAgo(days * DAY_SECONDS);
  let undated = 0;

  const userOf = (profile: string): DfnsUser => {
    const known = [...users.values()].find((user) => user.profile === profile);
    if (known !== undefined) return known;
    const { identity = 'user', key = 'ed25519' } = options.profiles[profile] ?? {};
    const user = addUser(profile, `${profile}@patrol.example`, identity === 'service-account');
    addToken(
      user,
      { profile, name: 'patrol-bot', permissions: ['PatrolTokens'], createdAt: daysAgo(90) },
      newKeyPair(key),
    );
    return user;
  };

  const credentialOf = (profile: string): DfnsToken => {
    const { userId } = userOf(profile);
    const own = [...tokens.values()].find((token) => token.userId === userId && token.privateKeyPem !== undefined);
    if (own === undefined) throw new Error(`no credential for ${profile}`);
    return own;
  };

  /** Finds the user a minted token goes to: the profile's own, or a colleague of the same organisation. */
  const ownerFor = (mint: MintOptions): DfnsUser => {
    const isService = mint.kind === 'service';
    const main = userOf(mint.profile);
    const wanted = mint.owner ?? (isService && !main.isServiceAccount ? `service:${mint.name}` : undefined);
    if (wanted === undefined || wanted === main.userId || wanted === main.username) return main;
    const known = [...users.values()].find(({ userId, username }) => userId === wanted || username === wanted);
    return known ?? addUser('', wanted, isService);
  };

  const copy = () => ({
    users: [...users].map(([id, user]) => [id, { ...user }] as const),
    tokens: [...tokens].map(([id, token]) => [id, { ...token }] as const),
  });

  for (const profile of Object.keys(options.profiles)) userOf(profile);
  let initial = copy();

  return {
    orgId,
    users: () => users,
    tokens: () => tokens,
    userOf,
    credentialOf,
    daysAgo,
    findBySecret: (accessToken: string) => bySecret.get(accessToken),
    mint: (mint: MintOptions): DfnsToken => {
      if (mint.createdAt !== undefined || mint.secret !== undefined) return addToken(ownerFor(mint), mint);
      // Tokens made within a minute of each other cannot be told apart by their times: nobody makes that many by hand.
      undated += 1;
      return addToken(ownerFor(mint), { ...mint, createdAt: secondsAgo(undated * APART_SECONDS) });
    },
    /** Makes the present state the one that `reset` goes back to. */
    keep: (): void => {
      initial = copy();
    },
    reset: (): void => {
      users = new Map(initial.users);
      tokens = new Map(initial.tokens);
      initial = copy();
      bySecret = new Map([...tokens.values()].map((token) => [token.accessToken, token]));
    },
    /** Shows a token as the sandbox does. */
    toStandInToken: (token: DfnsToken): StandInToken => ({
      provider: 'dfns',
      profile: token.profile,
      id: token.tokenId,
      name: token.name,
      owner: token.userId,
      kind: token.kind === 'Pat' ? 'pat' : 'service',
      state: token.state,
      createdAt: token.dateCreated,
      secret: token.accessToken,
    }),
  };
}

export type DfnsDirectory = ReturnType<typeof createDfnsDirectory>;
