import type { DfnsProfile, DfnsToken, DfnsUser, MintOptions } from './dfns-token.ts';
import { dfnsId, newKeyPair } from './keys.ts';
import { newToken } from './new-token.ts';

/** Between tokens that are minted without a date; see `ISSUE_TOLERANCE_SECONDS` of the provider. */
const APART_SECONDS = 150;
const DAY_SECONDS = 86_400;

/** Users and their tokens, with one state to go back to. */
function createRows() {
  let users = new Map<string, DfnsUser>();
  let tokens = new Map<string, DfnsToken>();
  let bySecret = new Map<string, DfnsToken>();
  const copyOf = <T extends object>(rows: ReadonlyMap<string, T>) =>
    [...rows].map(([id, row]) => [id, { ...row }] as const);
  const copy = () => ({ users: copyOf(users), tokens: copyOf(tokens) });
  let initial = copy();
  return {
    users: (): ReadonlyMap<string, DfnsUser> => users,
    tokens: (): ReadonlyMap<string, DfnsToken> => tokens,
    findUser: (fits: (user: DfnsUser) => boolean): DfnsUser | undefined => [...users.values()].find(fits),
    findBySecret: (accessToken: string): DfnsToken | undefined => bySecret.get(accessToken),
    addUser: (profile: string, username: string, isServiceAccount: boolean): DfnsUser => {
      const user: DfnsUser = { userId: dfnsId('us'), username, profile, isServiceAccount, isActive: true };
      users.set(user.userId, user);
      return user;
    },
    addToken: (token: DfnsToken): DfnsToken => {
      tokens.set(token.tokenId, token);
      bySecret.set(token.accessToken, token);
      return token;
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
  };
}

/** Creates one organisation with its users and tokens in memory. A profile is one user (or service account) with one key. */
export function createDfnsDirectory(options: {
  readonly profiles: Readonly<Record<string, DfnsProfile>>;
  readonly now: () => Date;
}) {
  const orgId = dfnsId('or');
  const { findUser, addUser, addToken, ...rows } = createRows();
  const began = options.now().getTime();
  const secondsBefore = (time: number, seconds: number) => new Date(time - seconds * 1_000).toISOString();
  const daysAgo = (days: number) => secondsBefore(options.now().getTime(), days * DAY_SECONDS);
  const issue = (user: DfnsUser, spec: Omit<MintOptions, 'owner'>, key?: ReturnType<typeof newKeyPair>): DfnsToken =>
    addToken(newToken(spec, { orgId, user, now: options.now(), key }));
  let undated = 0;

  const userOf = (profile: string): DfnsUser => {
    const known = findUser((user) => user.profile === profile);
    if (known !== undefined) return known;
    const { identity = 'user', key = 'ed25519' } = options.profiles[profile] ?? {};
    const user = addUser(profile, `${profile}@patrol.example`, identity === 'service-account');
    const bot = { profile, name: 'patrol-bot', permissions: ['PatrolTokens'], createdAt: daysAgo(90) };
    issue(user, bot, newKeyPair(key));
    return user;
  };

  /** Finds the user a minted token goes to: the profile's own, or a colleague of the same organisation. */
  const ownerFor = (mint: MintOptions): DfnsUser => {
    const isService = mint.kind === 'service';
    const main = userOf(mint.profile);
    const wanted = mint.owner ?? (isService && !main.isServiceAccount ? `service:${mint.name}` : undefined);
    if (wanted === undefined || wanted === main.userId || wanted === main.username) return main;
    const known = findUser(({ userId, username }) => userId === wanted || username === wanted);
    return known ?? addUser('', wanted, isService);
  };

  for (const profile of Object.keys(options.profiles)) userOf(profile);
  rows.keep();

  return {
    ...rows,
    orgId,
    userOf,
    daysAgo,
    credentialOf: (profile: string): DfnsToken => {
      const { userId } = userOf(profile);
      const own = [...rows.tokens().values()].find(
        (token) => token.userId === userId && token.privateKeyPem !== undefined,
      );
      if (own === undefined) throw new Error(`no credential for ${profile}`);
      return own;
    },
    mint: (mint: MintOptions): DfnsToken => {
      if (mint.createdAt !== undefined || mint.secret !== undefined) return issue(ownerFor(mint), mint);
      // Tokens made within a minute of each other cannot be told apart by their times: nobody makes that many by hand. They
      // are counted from one moment: the time between two of them would bring some together again.
      undated += 1;
      return issue(ownerFor(mint), { ...mint, createdAt: secondsBefore(began, undated * APART_SECONDS) });
    },
  };
}

export type DfnsDirectory = ReturnType<typeof createDfnsDirectory>;
