import type { Mutation } from '#shared/core/vocabulary.ts';

/** What narrows and orders a list. Ages and horizons are in days. */
export interface ListQuery {
  /** Empty: every profile the person may list. */
  readonly profiles: readonly string[];
  readonly state?: 'active' | 'inactive';
  /** The Slack user whose tokens are wanted, or `me` for whoever asks. */
  readonly ownedBy?: string;
  /** What that user is called at the providers; filled in before the filter is used. */
  readonly owners?: readonly string[];
  /** Owner id or name; compared without case, as a part of it. */
  readonly owner?: string;
  /** Glob over the token's name, without case. */
  readonly name?: string;
  readonly olderThanDays?: number;
  readonly unusedDays?: number;
  readonly expiresWithinDays?: number;
  readonly noExpiry?: boolean;
  readonly sort: 'age' | 'newest' | 'name' | 'used' | 'expiry';
}

/** What a person asked for, fully understood. The grammar makes it; nothing acts on less. */
export type Command =
  | {
      readonly verb: 'list';
      readonly query: ListQuery;
      readonly private: boolean;
      readonly file?: 'jsonl' | 'csv';
    }
  | { readonly verb: 'show'; readonly token: string }
  | {
      readonly verb: Mutation;
      /** As typed: an id, `profile:id`, or a name; at least one, unless a filter stands for them. */
      readonly tokens: readonly string[];
      /** Whatever fits it. */
      readonly filter?: ListQuery;
      readonly reason?: string;
      readonly keepGoing: boolean;
    }
  | { readonly verb: 'leak' }
  | { readonly verb: 'cases'; readonly open: boolean }
  | { readonly verb: 'case'; readonly id: string }
  | {
      readonly verb: 'audit';
      readonly token?: string;
      /** A Slack user, or `me` for whoever asks. */
      readonly actorUserId?: string;
      readonly sinceHours?: number;
      readonly file?: 'jsonl' | 'csv';
    }
  | { readonly verb: 'profiles' }
  | { readonly verb: 'stats'; readonly sinceHours?: number }
  | { readonly verb: 'whoami' }
  | { readonly verb: 'version' }
  | { readonly verb: 'hygiene'; readonly profiles: readonly string[] }
  | { readonly verb: 'help'; readonly topic?: string };
