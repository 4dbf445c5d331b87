import type { ProviderName, Token } from '#shared/core/vocabulary.ts';
import type { SendLeaksLater } from '#shared/jobs/job.ts';
import type { Policy } from '#shared/policy/policy.ts';
import type { Groups } from '#shared/policy/roles.ts';
import type { Provider } from '#shared/providers/provider.ts';
import type { Store } from '#shared/store/store.ts';
import type { OutcomeOf } from './outcome.ts';

/**
 * What waits for its share where a limit is nearly used up: searches for what may be made up, before them all else that alerts
 * begin (`proved`), changes of many by a person; one person's one request does not.
 */
export type Urgency = 'search' | 'proved' | 'many' | 'person';

/** The providers behind the policy's profiles. */
export interface Providers {
  names(): readonly string[];
  /** The provider's name as the policy states it, without reading any secret. */
  kindOf(profile: string): ProviderName | undefined;
  /**
   * Opens a profile with its stored credential. On the provider's 401 the credential is re-read once (rotation) and the
   * call made again. Throws `secret_unavailable`, or `config_invalid` for an unknown profile or a malformed secret.
   * What is begun waits for its share of the provider's limit, by how urgent it is.
   */
  open(profile: string, urgency?: Urgency): Promise<Provider>;
  /**
   * True for a token, seen through whichever profile, that is surely the one that this profile works with: by its credential as
   * it is stored now, or by the one that was read last where that cannot be read at once. Throws what `open` throws.
   */
  worksWith(profile: string, token: Token): Promise<boolean>;
}

/** User group membership, live. */
export interface GroupDirectory {
  /**
   * The policy's groups that this user is in; `unavailable` when Slack could not tell, which counts as denied. Kept for a
   * minute; `fresh` asks Slack now, as every change and every approval does. `teamId` is the workspace that is asked first.
   */
  of(userId: string, how?: { readonly fresh?: boolean; readonly teamId?: string }): Promise<Groups>;
  /** Who is in a group; `undefined` when Slack could not tell. With the `teamId` of a person it is as fresh as `of` for that person. */
  members(groupId: string, teamId?: string): Promise<readonly string[] | undefined>;
}

/** The people of the workspace. */
export interface People {
  /** The Slack user with this e-mail address; `undefined` where Slack knows none, or may not tell. Throws Slack's faults that may pass. */
  byEmail(email: string): Promise<string | undefined>;
  /** What a Slack user is called; `undefined` where Slack cannot tell. Never throws. */
  nameOf(userId: string): Promise<string | undefined>;
  /** The e-mail address of a Slack user of the workspace; `undefined` where they have none, or Slack may not tell. Throws Slack's faults that may pass. */
  emailOf(userId: string): Promise<string | undefined>;
}

/** The channels of the workspace. */
export interface Channels {
  /** Whether another company reads a channel too; true where Slack cannot tell. Never throws. */
  isShared(channel: string): Promise<boolean>;
  /** The address that opens a message; `undefined` where Slack gives none. Never throws. */
  linkTo(message: { readonly channel: string; readonly ts: string }): Promise<string | undefined>;
}

/** Which Slack rights the bot lacks, asked of Slack itself. Trouble is told, never thrown. */
export type SlackCheck = () => Promise<OutcomeOf<'profiles'>['slack']>;

/** What every use case stands on. The clock included, so that nothing below `functions/` reads one. */
export interface Services {
  readonly policy: Policy;
  readonly store: Store;
  readonly providers: Providers;
  readonly groups: GroupDirectory;
  readonly people: People;
  readonly channels: Channels;
  readonly slackCheck: SlackCheck;
  readonly sendLater: SendLeaksLater;
  /** Which release this is. */
  readonly version: string;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** A fresh unguessable id, URL-safe. */
  readonly newId: () => string;
}
