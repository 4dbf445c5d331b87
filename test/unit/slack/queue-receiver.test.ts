import { App } from '@slack/bolt';
import { describe, expect, it } from 'vitest';
import type { CommandJob } from '#shared/jobs/job.ts';
import {
  type SignedRequest,
  signCommand,
  signHomeOpened,
  signPress,
  signShortcut,
  signSubmission,
} from '#infra/sandbox/slack/sign.ts';
import { Fault } from '#shared/core/fault.ts';
import { createQueueReceiver } from '#shared/slack/queue-receiver.ts';
import { langsmithKey } from '#test/support/leaks.ts';
import { admin, leakView, receiveSigned } from '#test/support/slack-requests.ts';

/** The job that the edge makes of a signed request, after its way through a queue. */
function jobOf(signed: SignedRequest): CommandJob {
  return JSON.parse(JSON.stringify(receiveSigned(signed).job)) as CommandJob;
}

function createApp() {
  const receiver = createQueueReceiver();
  const app = new App({
    receiver,
    authorize: async () => ({ botToken: 'xoxb-1', botId: 'B0PATROL001', botUserId: 'U0PATROLBOT' }),
    convoStore: false,
  });
  app.error(async (error) => {
    throw error;
  });
  return { app, receiver };
}

describe('createQueueReceiver', () => {
  it('gives every kind of job to the listener that Bolt has for it', async () => {
    const { app, receiver } = createApp();
    const heard: unknown[] = [];
    app.command('/pat', async ({ ack, command, context }) => {
      await ack();
      heard.push([command.text, context['patrol']?.kind, context.teamId ?? command.team_id]);
    });
    app.action(/^patrol:undo/, async ({ ack, action, body }) => {
      await ack();
      heard.push([action.type, body.user.id]);
    });
    app.view('patrol:leak', async ({ ack, view: submitted, context }) => {
      await ack();
      heard.push([submitted.state.values, context['patrol']?.sealed.length, context['patrol']?.unrecognised]);
    });
    app.shortcut('leak', async ({ ack, shortcut }) => {
      await ack();
      heard.push([shortcut.callback_id]);
    });
    app.event('app_home_opened', async ({ event }) => {
      heard.push([event.user, event.tab]);
    });
    const values = { leak: { secrets: { value: `${langsmithKey()}\nx` } } };
    for (const signed of [
      signCommand(admin, 'list --active'),
      signPress(admin, { ts: '1.1' }, { actionId: 'patrol:undo', value: 'x' }),
      signSubmission(admin, leakView, values),
      signShortcut(admin, 'leak'),
      signHomeOpened(admin),
    ]) {
      expect(await receiver.process(jobOf(signed))).toEqual({ handled: true });
    }
    expect(heard).toEqual([
      ['list --active', 'command', 'T0SANDBOX01'],
      ['button', 'U0ADMIN0001'],
      [{}, 1, 1],
      ['leak'],
      ['U0ADMIN0001', 'home'],
    ]);
  });

  it('tells when no listener took a job', async () => {
    const { receiver } = createApp();
    expect(await receiver.process(jobOf(signCommand(admin, 'list')))).toEqual({ handled: false });
  });

  it("hands on the listener's own fault", async () => {
    const { app, receiver } = createApp();
    const fault = new Fault('provider_unavailable', 'dfns: no answer');
    app.command('/pat', async ({ ack }) => {
      await ack();
      throw fault;
    });
    await expect(receiver.process(jobOf(signCommand(admin, 'list')))).rejects.toBe(fault);
  });

  it('refuses an answer through ack, which would be lost', async () => {
    const { app, receiver } = createApp();
    app.command('/pat', async ({ ack }) => {
      await ack('done');
    });
    await expect(receiver.process(jobOf(signCommand(admin, 'list')))).rejects.toMatchObject({ code: 'config_invalid' });
  });

  it('refuses to lose a job when no app is there', async () => {
    await expect(createQueueReceiver().process(jobOf(signCommand(admin, 'list')))).rejects.toMatchObject({
      code: 'config_invalid',
    });
  });

  it('starts and stops without a listener of its own', async () => {
    const { app } = createApp();
    await app.start();
    await app.stop();
  });
});
