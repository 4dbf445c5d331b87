import { createHmac } from 'node:crypto';
import { beforeAll, expect } from 'vitest';
import { signSlackBody } from '#infra/sandbox/slack/sign.ts';
import { type AlertDriver, createAlertDriver } from '#test/support/alert-driver.ts';
import { attack } from '#test/support/attack.ts';
import type { TestSandbox } from '#test/support/sandbox.ts';
import { sharedSandbox } from '#test/support/shared-sandbox.ts';

const FORM = 'application/x-www-form-urlencoded';
let sandbox: TestSandbox;
let driver: AlertDriver;

beforeAll(async () => {
  sandbox = await sharedSandbox();
  driver = createAlertDriver(sandbox);
});

/** How many jobs a request put into the queues, and how it was answered. */
async function queuedBy(doing: () => Promise<{ readonly status: number }>): Promise<{ jobs: number; status: number }> {
  const before = (await sandbox.history()).length;
  const { status } = await doing();
  return { jobs: (await sandbox.history()).length - before, status };
}

attack(
  {
    name: 'event-read-as-a-form',
    finding: 19,
    does: 'sends a genuine event of Slack, whose text spells the fields of an admin’s command, with the content type of a form',
    holds: 'it is refused: the type, which nobody signs, and the first byte must agree',
    without: [
      {
        file: 'shared/slack/read-slack-body.ts',
        replace: "text.startsWith('{')",
        by: "type === JSON_TYPE && text.startsWith('{')",
      },
      {
        file: 'shared/slack/read-slack-body.ts',
        replace: '    if (!FIELD.test(name))',
        by: '    if (name.length < 0)',
      },
    ],
  },
  async () => {
    const { slack } = sandbox.ready;
    const fields = {
      command: '/pat',
      text: 'list',
      user_id: slack.users.admin,
      team_id: slack.teamId,
      channel_id: slack.channels.security,
      trigger_id: '1.2.x',
      response_url: slack.responseUrl,
    };
    const spelt = Object.entries(fields).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    const body = JSON.stringify({ type: 'event_callback', event: { type: 'message', text: `&${spelt.join('&')}&` } });
    const request = signSlackBody(slack.signingSecret, body, FORM);
    expect(await queuedBy(() => driver.send(request))).toEqual({ jobs: 0, status: 400 });
  },
);

attack(
  {
    name: 'issue-read-as-an-alert',
    finding: 19,
    does: 'sends a genuine `issues` delivery of GitHub, whose title spells an alert, as a form and under the alert’s event name',
    holds: 'it is refused: a form is one field and nothing else',
    without: [
      { file: 'shared/alerts/sources/github.ts', replace: 'isForm !== FORM.test(body)', by: 'body.length < 0' },
    ],
  },
  async () => {
    const leak = { secret: 'lsv2_pt_0123456789abcdef0123456789abcdef_0123456789', provider: 'langsmith' } as const;
    const { body: alert } = driver.sign('github', leak);
    const text = JSON.stringify({ action: 'opened', issue: { title: `&payload=${encodeURIComponent(alert)}&` } });
    const signature = createHmac('sha256', sandbox.ready.alerts.secrets.github).update(text).digest('hex');
    const headers = {
      'content-type': FORM,
      'x-github-event': 'secret_scanning_alert',
      'x-hub-signature-256': `sha256=${signature}`,
    };
    expect(await queuedBy(() => driver.deliver({ path: '/alerts/github', headers, body: text }))).toEqual({
      jobs: 0,
      status: 400,
    });
  },
);
