import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type SlackStandIn, startSlack } from '#infra/sandbox/slack/slack.ts';
import { examineChannels } from '#infra/setup/examine-channels.ts';
import type { Vault } from '#infra/setup/vault.ts';
import { Secret } from '#shared/core/secret.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { createRoom, PEOPLE } from '#test/support/room.ts';

const SECURITY = 'C0SECURITY1';

let slack: SlackStandIn;

beforeAll(async () => {
  slack = await startSlack();
});
afterAll(() => slack.close());
beforeEach(() => slack.reset());

/** What the doctor finds of each channel in which leaks are told. */
async function examined(change: (policy: Policy) => Policy = (policy) => policy): Promise<readonly string[]> {
  const vault = {
    read: async () => new Secret(JSON.stringify({ botToken: slack.botToken })),
  } as Partial<Vault> as Vault;
  const found = await examineChannels(change(createRoom().services.policy), vault, slack.apiUrl);
  return found.map(({ state, finding }) => `${state}: ${finding}`);
}

describe('the doctor at the terminal, of the channels in which leaks are told', () => {
  it('finds them in order', async () => {
    expect(await examined()).toEqual([expect.stringMatching(/^fine: /)]);
  });

  it.each([{ shared: true }, { pending: true }])('warns of one that another company reads: %j', async (how) => {
    slack.setChannel(SECURITY, { members: [PEOPLE.admin.userId], ...how });
    expect(await examined()).toEqual([expect.stringMatching(/^wrong: is shared with another company/)]);
  });

  it('warns of one in which Patrol is not: it looks for nothing there', async () => {
    slack.setChannel(SECURITY, { members: [PEOPLE.admin.userId], bot: false });
    expect(await examined()).toEqual([expect.stringMatching(/^wrong: Patrol is not in it/)]);
  });

  it.each(['channel_not_found', 'access_denied'])('tells one that takes no message: %s', async (code) => {
    slack.setRefusal({ method: 'conversations.info', channel: SECURITY, code });
    expect(await examined()).toEqual([`wrong: takes no message: ${code}`]);
  });

  it('looks at the channel of a single profile as well, once', async () => {
    const own = (policy: Policy): Policy => ({
      ...policy,
      profiles: Object.fromEntries(
        Object.entries(policy.profiles).map(([name, profile]) => [name, { ...profile, channel: 'C0NOSUCH001' }]),
      ),
    });
    expect(await examined(own)).toEqual([
      expect.stringMatching(/^fine: /),
      'wrong: takes no message: channel_not_found',
    ]);
  });

  it('says so when Slack cannot be asked', async () => {
    slack.setFault({ mode: '500' });
    expect(await examined()).toEqual(['wrong: Slack could not be asked about them']);
  });
});
