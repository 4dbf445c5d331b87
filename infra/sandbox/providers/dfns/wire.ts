import { randomUUID } from 'node:crypto';
import type { DfnsToken, DfnsUser } from './dfns-token.ts';
import type { Reply } from '../../kit/exchange.ts';

/** The operations behind each demonstration permission, as Dfns names them. */
const OPERATIONS: Readonly<Record<string, readonly string[]>> = {
  PatrolTokens: ['Auth:Action:Sign'],
  WalletViewer: ['Wallets:Read', 'Wallets:BalancesRead'],
  WalletAdmin: [
    'Auth:Action:Sign',
    'Auth:Users:Read',
    'Wallets:Create',
    'Wallets:Read',
    'Wallets:Update',
    'Wallets:TransferAsset',
    'Signatures:Create',
    'Signatures:Read',
    'Policies:Read',
  ],
  PolicyViewer: ['Policies:Read'],
  PaymentsWriter: ['Wallets:TransferAsset', 'Wallets:Read'],
};

/** Returns Dfns' error shape. */
export const failure = (status: number, message: string): Reply => ({
  status,
  json: { error: { id: randomUUID(), status, message } },
});

export const NOT_AUTHORIZED = failure(401, 'Not Authorized.');
export const NOT_FOUND = failure(404, 'Not Found');
export const FAULTS = {
  '401': NOT_AUTHORIZED,
  '429': failure(429, 'Too Many Requests'),
  '500': failure(500, 'Internal Server Error'),
};

/** Tells a reply from any other value. */
export const isReply = (value: object): value is Reply => 'status' in value && ('json' in value || 'body' in value);

/** A token as `/auth/pats` shows it: without the token text, and without expiry or last use, which Dfns does not tell. */
export const tokenJson = (orgId: string, token: DfnsToken) => ({
  tokenId: token.tokenId,
  name: token.name,
  kind: token.kind,
  isActive: token.state === 'active',
  credId: token.credId,
  publicKey: token.publicKeyPem,
  dateCreated: token.dateCreated,
  orgId,
  linkedUserId: token.userId,
  linkedAppId: '',
  permissionAssignments: token.permissions.map(({ name, id, assignment }) => ({
    permissionName: name,
    permissionId: id,
    assignmentId: assignment,
    operations: OPERATIONS[name] ?? [],
  })),
});

/** A user or the `userInfo` of a service account. */
export const userJson = (orgId: string, user: DfnsUser, tokens: readonly DfnsToken[]) => ({
  username: user.username,
  name: user.username,
  userId: user.userId,
  kind: 'CustomerEmployee',
  credentialUuid: tokens[0]?.credId ?? '',
  orgId,
  permissions: [],
  isActive: user.isActive,
  isServiceAccount: user.isServiceAccount,
  isRegistered: true,
  isSSORequired: false,
  permissionAssignments: [],
});
