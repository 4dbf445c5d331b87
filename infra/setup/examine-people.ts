import * as z from 'zod';
import type { Policy } from '#shared/policy/policy.ts';
import { askSlack } from './ask-slack.ts';
import { type Examination, fine, odd, wrong } from './examination.ts';
import type { SlackCall } from './slack-call.ts';
import type { Vault } from './vault.ts';

const userSchema = z.object({
  ok: z.boolean(),
  error: z.string().optional(),
  user: z.object({ deleted: z.boolean().optional() }).optional(),
});
const groupSchema = z.object({ ok: z.boolean(), error: z.string().optional(), users: z.array(z.string()).optional() });

/** Looks up the people and user groups that the policy names; a role without members that exist lets nobody in. */
export function examinePeople(policy: Policy, vault: Vault, apiUrl: string): Promise<readonly Examination[]> {
  return askSlack('roles', { vault, apiUrl }, (call) =>
    Promise.all(
      Object.entries(policy.roles).map(async ([name, role]) => {
        const problems = (
          await Promise.all([
            ...role.users.map((id) => examineUser(call, id)),
            ...role.groups.map((id) => examineGroup(call, id, policy.teams)),
          ])
        ).filter((problem) => problem !== undefined);
        if (problems.length > 0)
          return wrong(`role ${name}`, problems.join('; '), 'correct the ids in the policy and deploy');
        const members = role.users.length + role.groups.length;
        if (role.groups.length > 0)
          return odd(
            `role ${name}`,
            `${role.users.length} people, ${role.groups.length} user groups, all known to Slack; whoever may edit a group gives this role`,
            'Slack lets members edit user groups unless an owner forbids it: Settings > Permissions > User Groups',
          );
        if (members === 0)
          return odd(`role ${name}`, 'has no members', 'add users or groups in the policy, or take the role out');
        return fine(`role ${name}`, `${role.users.length} people, all known to Slack`);
      }),
    ),
  );
}

async function examineUser(call: SlackCall, id: string): Promise<string | undefined> {
  const reply = userSchema.parse((await call('users.info', { user: id })).json);
  if (!reply.ok) return `${id}: ${reply.error ?? 'unknown'}`;
  return reply.user?.deleted === true ? `${id} is deactivated` : undefined;
}

/** A group is in one of the policy's workspaces: the token of a whole organisation must name it, any other may. */
async function examineGroup(call: SlackCall, id: string, teams: readonly string[]): Promise<string | undefined> {
  let problem: string | undefined;
  for (const team of teams) {
    const { json } = await call('usergroups.users.list', { usergroup: id, team_id: team });
    const reply = groupSchema.parse(json);
    if (reply.ok) return undefined;
    problem ??= `${id}: ${reply.error ?? 'unknown'}`;
  }
  return problem;
}
