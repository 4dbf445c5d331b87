import type { KeyObject } from 'node:crypto';
import type { ProviderStandIn } from '../../kit/stand-in.ts';
import type { DfnsKeyType } from './keys.ts';

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

/** What a token is minted with. */
export type MintOptions = Parameters<ProviderStandIn['mint']>[0];
