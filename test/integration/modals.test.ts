import { plainButtons } from '#test/support/buttons.ts';
import { webApi } from '@slack/bolt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SlackStandIn, startSlack } from '#infra/sandbox/slack/slack.ts';
import { onCaseDetails } from '#shared/slack/listeners/on-case-details.ts';
import { onGlassWanted } from '#shared/slack/listeners/on-glass-wanted.ts';
import { createReply } from '#shared/slack/reply.ts';
import { skeletonModal } from '#shared/slack/skeleton-modal.ts';
import { WEB_CLIENT_OPTIONS } from '#shared/slack/to-slack-fault.ts';
import { ADMIN, type Bench, OPERATOR, startBench } from '../support/services.ts';

let bench: Bench;
let slack: SlackStandIn;
beforeAll(async () => {
  [bench, slack] = await Promise.all([startBench(), startSlack()]);
});
afterAll(() => Promise.all([bench.close(), slack.close()]));

function deps() {
  const client = new webApi.WebClient(slack.botToken, { ...WEB_CLIENT_OPTIONS, slackApiUrl: slack.apiUrl });
  const { services } = bench;
  const responseUrlOrigin = new URL(slack.responseUrl).origin;
  return {
    services,
    reply: createReply({
      buttons: plainButtons,
      client,
      responseUrlOrigin,
      fetch,
      now: services.now,
      sleep: services.sleep,
    }),
    request: {
      job: {
        v: 1 as const,
        kind: 'action' as const,
        receivedAt: '2026-11-22T12:00:00.000Z',
        deliveryKey: 'modal',
        sealed: [],
        unrecognised: 0,
      },
      payload: {},
      actor: ADMIN,
      place: { userId: ADMIN.userId },
      delivery: { attempt: 1, isLast: false },
    },
  };
}

async function openView(): Promise<string> {
  const client = new webApi.WebClient(slack.botToken, { slackApiUrl: slack.apiUrl });
  const opened = await client.views.open({ trigger_id: slack.issueTrigger(ADMIN.userId), view: skeletonModal() });
  return opened.view?.id ?? '';
}

async function approvalIn(state: 'open' | 'refused'): Promise<string> {
  const { record } = await bench.services.store.approvals.open({
    id: `modal-${state}`,
    state,
    order: {
      verb: 'delete',
      tokens: [{ profile: 'dfns-demo', id: 'to-1', name: 'old' }],
      requester: OPERATOR,
      requestedAt: '2026-11-22T12:00:00.000Z',
      keepGoing: false,
    },
    expiresAt: '2099-01-01T00:00:00.000Z',
    needed: 1,
    rule: 'second-person-for-delete',
    approvedBy: [],
  });
  return record.id;
}

const shown = () => JSON.stringify(slack.views());
const pressed = (value: string, viewId: string | undefined) => ({ actionId: 'patrol:modal', value, viewId });

describe('a press that wants a window', () => {
  it('to break the glass gets the form for the reason', async () => {
    await onGlassWanted(deps(), pressed(await approvalIn('open'), await openView()));
    expect(shown()).toContain('Why can it not wait?');
  });

  it('is told when the request is settled, instead of waiting for ever', async () => {
    const viewId = await openView();
    await onGlassWanted(deps(), pressed(await approvalIn('refused'), viewId));
    expect(shown()).toContain('this has been decided already');
    await onGlassWanted(deps(), pressed('nobody-knows-it', viewId));
    expect(shown()).toContain('this request has lapsed');
  });

  it('is answered by direct message where Slack opened none', async () => {
    await onGlassWanted(deps(), pressed(await approvalIn('open'), undefined));
    expect(slack.messages().at(-1)?.text).toContain('Press the button again');
    await onCaseDetails(deps(), pressed(JSON.stringify({ case: 'C-ABCD2345', act: 'open' }), undefined));
    expect(slack.messages().at(-1)?.text).toContain('C-ABCD2345');
  });
});
