import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type SlackStandIn, startSlack } from '#infra/sandbox/slack/slack.ts';
import { examinePeople } from '#infra/setup/examine-people.ts';
import type { Vault } from '#infra/setup/vault.ts';
import { Secret } from '#shared/core/secret.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { createRoom } from '#test/support/room.ts';

const OURS = 'T0SANDBOX01';
const GROUP = 'S0ONCALL001';

let slack: SlackStandIn;

beforeAll(async () => {
  slack = await startSlack();
});
afterAll(() => slack.close());
beforeEach(() => slack.reset());

/** What the doctor finds of one role whose members are a group, in a policy of these workspaces. */
async function examined(teams: string[], groups: string[]): Promise<readonly (readonly [string, string])[]> {
  const { policy } = createRoom().services;
  const [role] = Object.values(policy.roles);
  const only: Policy = { ...policy, teams, roles: { responder: { ...role!, users: [], groups } } };
  const vault = {
    read: async () => new Secret(JSON.stringify({ botToken: slack.botToken })),
  } as Partial<Vault> as Vault;
  const found = await examinePeople(only, vault, slack.apiUrl);
  return found.map(({ state, finding }) => [state, finding] as const);
}

describe.each([true, false])('the doctor, of a group of the policy (installed for an organisation: %s)', (isOrg) => {
  beforeEach(() => {
    slack.setOrgInstall(isOrg);
    slack.setGroup(GROUP, ['U0VIEWER001']);
  });

  it.each([[[OURS]], [['T0ELSEWHERE', OURS]], [[OURS, 'T0ELSEWHERE']]])(
    'finds it in whichever workspace it is: %s',
    async (teams) => {
      expect(await examined(teams, [GROUP])).toMatchObject([
        [expect.any(String), expect.stringContaining('all known')],
      ]);
    },
  );

  it('says of one that Slack does not know which, and why', async () => {
    const [[, finding] = []] = await examined([OURS], [GROUP, 'S0NOSUCH001']);
    expect(finding).toBe('S0NOSUCH001: no_such_subteam');
  });
});
