import { webApi } from '@slack/bolt';
import { allEnded } from '#shared/core/all-ended.ts';
import { leakChannels } from '#shared/policy/leak-channels.ts';
import type { Policy } from '#shared/policy/policy.ts';
import type { Notes } from '#shared/store/store.ts';
import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import type { GroupDirectory, SlackCheck } from '#shared/tokens/services.ts';
import { BOT_SCOPES } from './bot-scopes.ts';
import { channelFindings } from './channel-findings.ts';
import { refusedNote } from './say-loud.ts';

type Found = OutcomeOf<'profiles'>['slack'];

interface CheckDeps {
  readonly client: Pick<webApi.WebClient, 'auth' | 'conversations'>;
  readonly policy: Policy;
  readonly notes: Pick<Notes, 'get'>;
  readonly groups: Pick<GroupDirectory, 'members'>;
}

/**
 * Creates the look at Slack: which rights the token has, whether the channels that must hear of leaks take messages and are
 * read by nobody else, and whether a group of the policy can be read. Trouble is told, never thrown: the other checks are worth having.
 */
export function createSlackCheck({ client, policy, notes, groups }: CheckDeps): SlackCheck {
  const [group] = Object.values(policy.roles).flatMap((role) => role.groups);
  return async () => {
    const [rights, channels, members] = await allEnded([
      checkRights(client),
      allEnded(leakChannels(policy).map((channel) => checkChannel(client, notes, channel))),
      group === undefined ? [] : groups.members(group),
    ]);
    const closed = channels.flatMap((channel) => channel.closed ?? []);
    const sharedChannels = channels.flatMap((channel) => channel.shared ?? []);
    return {
      ...rights,
      ...(closed.length > 0 ? { closed } : {}),
      ...(sharedChannels.length > 0 ? { sharedChannels } : {}),
      ...(members === undefined && group !== undefined ? { unreadGroup: group } : {}),
    };
  };
}

async function checkRights(client: CheckDeps['client']): Promise<Found> {
  try {
    const { response_metadata: metadata } = await client.auth.test();
    const granted = new Set(metadata?.scopes ?? []);
    return { missingScopes: BOT_SCOPES.filter((scope) => !granted.has(scope)) };
  } catch (error) {
    return { missingScopes: [], problem: codeOf(error) };
  }
}

type Closed = NonNullable<Found['closed']>[number];

/** What is wrong with one channel. */
interface Looked {
  readonly closed?: Closed;
  /** Its id, where another company reads it, or has been asked to. */
  readonly shared?: string;
}

/** Why a channel takes no message, by what Slack tells of it, or by its last refusal, and whether others read it. */
async function checkChannel(client: CheckDeps['client'], notes: CheckDeps['notes'], channel: string): Promise<Looked> {
  const refused = await notes.get<string>(refusedNote(channel));
  const known = refused === undefined || refused === '' ? undefined : { channel, problem: refused };
  try {
    const { channel: found } = await client.conversations.info({ channel });
    const { problem, isShared } = channelFindings(found);
    const shared = isShared ? { shared: channel } : {};
    if (known !== undefined) return { ...shared, closed: known };
    return problem === undefined ? shared : { ...shared, closed: { channel, problem } };
  } catch (error) {
    return { closed: known ?? { channel, problem: codeOf(error) } };
  }
}

/** Slack's code, and nothing else of what it answered. */
function codeOf(error: unknown): string {
  const code = error instanceof webApi.WebAPIPlatformError ? error.data.error : 'no answer';
  return /^[a-z0-9_ ]{1,60}$/.test(code) ? code : 'no answer';
}
