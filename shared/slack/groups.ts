import type { webApi } from '@slack/bolt';
import { allEnded } from '#shared/core/all-ended.ts';
import { asError } from '#shared/core/as-error.ts';
import { defined } from '#shared/core/defined.ts';
import { Fault } from '#shared/core/fault.ts';
import { createFresh } from '#shared/core/fresh.ts';
import type { GroupDirectory } from '#shared/tokens/services.ts';
import { slackErrorCode } from './to-slack-fault.ts';

interface GroupsDeps {
  readonly client: Pick<webApi.WebClient, 'usergroups'>;
  /** Every group that the policy names. */
  readonly groupIds: readonly string[];
  /** The policy's workspaces: a token of a whole organisation has to name the one in which a group is. */
  readonly teamIds?: readonly string[];
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly keepMs?: number;
  /** How long a kill may wait for Slack to tell the groups; without an answer they count as unavailable. */
  readonly patienceMs?: number;
}

/**
 * Tells who is in which user group, by Slack's word of at most a minute ago, or of now when asked for it fresh. A failure
 * is never kept and never taken for "nobody": it is `unavailable`. A group that Slack does not know has no members. It is
 * asked for in the workspace of whoever asks, and then in the policy's: the token of a whole organisation must name one.
 */
export function createGroups({
  client,
  groupIds,
  teamIds = [],
  now,
  sleep,
  keepMs = 60_000,
  patienceMs = 2500,
}: GroupsDeps): GroupDirectory {
  const readIn = async (groupId: string, teamId: string | undefined): Promise<readonly string[] | undefined> => {
    try {
      const team = defined({ team_id: teamId });
      const { users } = await client.usergroups.users.list({ usergroup: groupId, ...team });
      return users ?? [];
    } catch (error) {
      if (slackErrorCode(error) === 'no_such_subteam') return undefined;
      throw error;
    }
  };
  const read = async (key: string): Promise<readonly string[]> => {
    const [groupId = '', asking] = key.split(' ');
    const teams = new Set([...(asking === undefined ? [] : [asking]), ...teamIds]);
    let failure: Error | undefined;
    for (const team of teams.size === 0 ? [undefined] : teams) {
      try {
        const users = await readIn(groupId, team);
        if (users !== undefined) return users;
      } catch (error) {
        // One workspace that the app is not in says nothing about the others.
        failure ??= asError(error);
      }
    }
    if (failure !== undefined) throw failure;
    return [];
  };
  const tooLate = async (): Promise<never> => {
    await sleep(patienceMs);
    throw new Fault('slack_unavailable', 'usergroups.users.list: no answer in time');
  };
  const members = createFresh({ load: (key) => Promise.race([read(key), tooLate()]), now });
  return {
    of: async (userId, { fresh = false, teamId } = {}) => {
      try {
        const isIn = await allEnded(
          groupIds.map(async (groupId) => {
            return (await members(keyOf(groupId, teamId), fresh ? 0 : keepMs)).includes(userId);
          }),
        );
        return new Set(groupIds.filter((_, index) => isIn[index]));
      } catch {
        return 'unavailable';
      }
    },
    members: (groupId, teamId) => members(keyOf(groupId, teamId), keepMs).catch(() => undefined),
  };
}

function keyOf(groupId: string, teamId: string | undefined): string {
  return teamId === undefined ? groupId : `${groupId} ${teamId}`;
}
