import type { webApi } from '@slack/bolt';
import { Fault } from '#shared/core/fault.ts';
import { createFresh } from '#shared/core/fresh.ts';
import type { GroupDirectory } from '#shared/tokens/services.ts';
import { slackErrorCode } from './web-client.ts';

interface GroupsDeps {
  readonly client: Pick<webApi.WebClient, 'usergroups'>;
  /** Every group that the policy names. */
  readonly groupIds: readonly string[];
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly keepMs?: number;
  /** How long a kill may wait for Slack to tell the groups; without an answer they count as unavailable. */
  readonly patienceMs?: number;
}

/**
 * Tells who is in which user group, by Slack's word of at most a minute ago, or of now when asked for it fresh. A failure
 * is never kept and never taken for "nobody": it is `unavailable`. A group that Slack does not know has no members.
 */
export function createGroups({
  client,
  groupIds,
  now,
  sleep,
  keepMs = 60_000,
  patienceMs = 2500,
}: GroupsDeps): GroupDirectory {
  const read = async (groupId: string): Promise<readonly string[]> => {
    try {
      const { users } = await client.usergroups.users.list({ usergroup: groupId });
      return users ?? [];
    } catch (error) {
      if (slackErrorCode(error) === 'no_such_subteam') return [];
      throw error;
    }
  };
  const tooLate = async (): Promise<never> => {
    await sleep(patienceMs);
    throw new Fault('slack_unavailable', 'usergroups.users.list: no answer in time');
  };
  const members = createFresh({ load: (groupId) => Promise.race([read(groupId), tooLate()]), now });
  return {
    of: async (userId, fresh) => {
      try {
        const isIn = await Promise.all(
          groupIds.map(async (groupId) => (await members(groupId, fresh === true ? 0 : keepMs)).includes(userId)),
        );
        return new Set(groupIds.filter((_, index) => isIn[index]));
      } catch {
        return 'unavailable';
      }
    },
    members: (groupId) => members(groupId, keepMs).catch(() => undefined),
  };
}
