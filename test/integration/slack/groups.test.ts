import { webApi } from '@slack/bolt';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type SlackStandIn, startSlack } from '#infra/sandbox/slack/slack.ts';
import { createGroups } from '#shared/slack/groups.ts';
import { WEB_CLIENT_OPTIONS } from '#shared/slack/to-slack-fault.ts';

const GROUP = 'S0ONCALL001';
const ANN = 'U0VIEWER001';

let slack: SlackStandIn;
let client: webApi.WebClient;
let time: number;
const never = () => new Promise<void>(() => undefined);
const make = (groupIds: readonly string[] = [GROUP], sleep: (milliseconds: number) => Promise<void> = never) =>
  createGroups({ client, groupIds, now: () => new Date(time), sleep });

beforeAll(async () => {
  slack = await startSlack();
  client = new webApi.WebClient(slack.botToken, { ...WEB_CLIENT_OPTIONS, slackApiUrl: slack.apiUrl });
});
afterAll(() => slack.close());
beforeEach(() => {
  slack.reset();
  slack.calls.length = 0;
  time = 0;
});

describe('createGroups', () => {
  it('tells the groups that a person is in', async () => {
    slack.setGroup(GROUP, [ANN]);
    slack.setGroup('S0OTHER0001', []);
    expect(await make([GROUP, 'S0OTHER0001']).of(ANN)).toEqual(new Set([GROUP]));
    expect(await make().of('U0ADMIN0001')).toEqual(new Set());
    expect(await make().members(GROUP)).toEqual([ANN]);
  });

  it('does not let a kill wait for a Slack that hangs: the groups are unavailable then', async () => {
    slack.setGroup(GROUP, [ANN]);
    slack.setFault({ mode: 'hang', count: 1 });
    const slept: number[] = [];
    const groups = make([GROUP], async (milliseconds) => {
      slept.push(milliseconds);
      await vi.waitUntil(() => slack.calls.length > 0, { timeout: 10_000 });
      if (slept.length > 1) await never();
    });
    expect(await groups.of(ANN)).toBe('unavailable');
    expect(slept).toEqual([2500]);
    expect(await groups.of(ANN)).toEqual(new Set([GROUP]));
  });

  it('asks Slack again after a minute, and not before', async () => {
    const groups = make();
    slack.setGroup(GROUP, [ANN]);
    await Promise.all([groups.of(ANN), groups.of(ANN)]);
    slack.setGroup(GROUP, []);
    time = 59_999;
    expect(await groups.of(ANN)).toEqual(new Set([GROUP]));
    expect(slack.calls).toHaveLength(1);
    time = 60_000;
    expect(await groups.of(ANN)).toEqual(new Set());
    expect(slack.calls).toHaveLength(2);
  });

  it('says unavailable while Slack cannot tell, and never keeps that', async () => {
    const groups = make();
    slack.setGroup(GROUP, [ANN]);
    slack.setFault({ mode: '500' });
    expect(await groups.of(ANN)).toBe('unavailable');
    expect(await groups.members(GROUP)).toBeUndefined();
    slack.setFault({ mode: 'none' });
    expect(await groups.of(ANN)).toEqual(new Set([GROUP]));
  });

  it('says unavailable when the scope is missing', async () => {
    slack.setScopes([]);
    expect(await make().of(ANN)).toBe('unavailable');
  });

  it('takes a group that Slack does not know for empty', async () => {
    expect(await make(['S0NOSUCH001']).of(ANN)).toEqual(new Set());
  });

  it('names the workspace to the token of a whole organisation: that of the person, else those of the policy', async () => {
    slack.setOrgInstall(true);
    slack.setGroup(GROUP, [ANN]);
    expect(await make().of(ANN)).toBe('unavailable');
    expect(await make().of(ANN, { teamId: 'T0SANDBOX01' })).toEqual(new Set([GROUP]));
    const ours = createGroups({
      client,
      groupIds: [GROUP],
      teamIds: ['T0ELSEWHERE', 'T0SANDBOX01'],
      now: () => new Date(time),
      sleep: never,
    });
    expect(await ours.of(ANN, { teamId: 'T0STRANGER1' })).toEqual(new Set([GROUP]));
    expect(await ours.members(GROUP)).toEqual([ANN]);
  });

  it('asks nothing when the policy names no group', async () => {
    slack.setFault({ mode: 'down' });
    expect(await make([]).of(ANN)).toEqual(new Set());
    slack.setFault({ mode: 'none' });
    expect(slack.calls).toHaveLength(0);
  });
});
