import { webApi } from '@slack/bolt';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type SlackStandIn, startSlack } from '#infra/sandbox/slack/slack.ts';
import { createPeople } from '#shared/slack/people.ts';
import { WEB_CLIENT_OPTIONS } from '#shared/slack/to-slack-fault.ts';
import type { People } from '#shared/tokens/services.ts';

let slack: SlackStandIn;
let people: People;

beforeAll(async () => {
  slack = await startSlack();
});
afterAll(() => slack.close());
beforeEach(() => {
  slack.reset();
  slack.calls.length = 0;
  const client = new webApi.WebClient(slack.botToken, { ...WEB_CLIENT_OPTIONS, slackApiUrl: slack.apiUrl });
  people = createPeople({ client, now: () => new Date(0) });
});

describe('a person by e-mail', () => {
  it('is found, in any case, and asked for once', async () => {
    expect(await people.byEmail('operator@example.com')).toBe('U0OPERATOR1');
    expect(await people.byEmail('Operator@Example.com')).toBe('U0OPERATOR1');
    expect(slack.calls).toHaveLength(1);
  });

  it.each(['nobody@example.com', 'outsider@example.com', 'patrol@example.com'])(
    '%s is nobody to be told',
    async (email) => {
      expect(await people.byEmail(email)).toBeUndefined();
    },
  );

  it.each(['us-1a2b3-c4d5e', '', 'a@b', 'two words@example.com'])(
    '%j is no address, and Slack is not asked',
    async (text) => {
      expect(await people.byEmail(text)).toBeUndefined();
      expect(slack.calls).toHaveLength(0);
    },
  );

  it('is unknown where the right to read it is missing, and that is not kept', async () => {
    slack.setScopes([]);
    expect(await people.byEmail('operator@example.com')).toBeUndefined();
    slack.setScopes(['users:read.email']);
    expect(await people.byEmail('operator@example.com')).toBe('U0OPERATOR1');
  });
});

describe('what Slack does not tell now', () => {
  it('is no word that there is nobody: it is thrown, as what may pass', async () => {
    for (const ask of [() => people.byEmail('operator@example.com'), () => people.emailOf('U0OPERATOR1')]) {
      slack.setFault({ mode: '429', count: 1, retryAfterSeconds: 7 });
      await expect(ask()).rejects.toMatchObject({ code: 'slack_unavailable', retryAfterSeconds: 7 });
      slack.setFault({ mode: '500', count: 2 });
      await expect(ask()).rejects.toMatchObject({ code: 'slack_unavailable' });
      expect(await ask()).toBeDefined();
    }
  });

  it('keeps no name from being told otherwise', async () => {
    slack.setFault({ mode: '500', count: 2 });
    expect(await people.nameOf('U0OPERATOR1')).toBeUndefined();
  });
});

describe('the name of a person', () => {
  it('is told by Slack, and asked for once', async () => {
    expect([await people.nameOf('U0OPERATOR1'), await people.nameOf('U0OPERATOR1')]).toEqual(['operator', 'operator']);
    expect(slack.calls).toHaveLength(1);
  });

  it('is unknown of somebody who is not there, and while Slack cannot tell', async () => {
    expect(await people.nameOf('U0NOBODY001')).toBeUndefined();
    slack.setScopes([]);
    expect(await people.nameOf('U0ADMIN0001')).toBeUndefined();
  });
});

describe('the address of a person', () => {
  it('is told by Slack, with the name, and asked for once', async () => {
    expect([await people.emailOf('U0OPERATOR1'), await people.nameOf('U0OPERATOR1')]).toEqual([
      'operator@example.com',
      'operator',
    ]);
    expect(slack.calls).toHaveLength(1);
  });

  it('is unknown of a stranger, of nobody, and where the right to read it is missing', async () => {
    expect(await people.emailOf('U0OUTSIDER1')).toBeUndefined();
    expect(await people.emailOf('U0NOBODY001')).toBeUndefined();
    slack.setScopes(['users:read']);
    expect(await people.emailOf('U0ADMIN0001')).toBeUndefined();
  });
});
