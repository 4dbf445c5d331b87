import { accessTokenText, claimedSeconds, dfnsId, type newKeyPair, orphanKeyPem, toPem } from './keys.ts';
import type { DfnsToken, DfnsUser, MintOptions } from './dfns-token.ts';
import type { StandInToken } from '../../kit/stand-in.ts';

const DAY_SECONDS = 86_400;
/** The longest life that Dfns lets a token be created with. */
const LONGEST_DAYS = 730;

interface Issue {
  readonly orgId: string;
  readonly user: DfnsUser;
  readonly now: Date;
  /** With it the token can sign. */
  readonly key?: ReturnType<typeof newKeyPair> | undefined;
}

/** When a token was issued and ends: as asked for, else as its text claims, else as long as Dfns allows. */
function lifeOf({ secret, createdAt, expiresAt }: Omit<MintOptions, 'owner'>, now: Date) {
  const claimedIssue = claimedSeconds(secret, 'iat');
  const dateCreated = new Date(createdAt ?? (claimedIssue === undefined ? now : claimedIssue * 1_000));
  const issuedAt = Math.floor(dateCreated.getTime() / 1_000);
  const nowSeconds = Math.floor(now.getTime() / 1_000);
  const expiresAtSeconds =
    expiresAt === undefined
      ? (claimedSeconds(secret, 'exp') ?? Math.max(issuedAt + LONGEST_DAYS * DAY_SECONDS, nowSeconds + DAY_SECONDS))
      : Math.floor(Date.parse(expiresAt) / 1_000);
  return { dateCreated, issuedAt, expiresAtSeconds };
}

/** Makes a token of this user, active, with ids of its own. */
export function newToken(spec: Omit<MintOptions, 'owner'>, { orgId, user, now, key }: Issue): DfnsToken {
  const { dateCreated, issuedAt, expiresAtSeconds } = lifeOf(spec, now);
  const kind = user.isServiceAccount ? 'ServiceAccount' : 'Pat';
  return {
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
}

/** Shows a token as the sandbox does. */
export const toStandInToken = (token: DfnsToken): StandInToken => ({
  provider: 'dfns',
  profile: token.profile,
  id: token.tokenId,
  name: token.name,
  owner: token.userId,
  kind: token.kind === 'Pat' ? 'pat' : 'service',
  state: token.state,
  createdAt: token.dateCreated,
  secret: token.accessToken,
});
