import { isValidSlackRequest } from '@slack/bolt';
import { describe, expect, it } from 'vitest';
import {
  type Sender,
  type SignedRequest,
  signCommand,
  signEvent,
  signHomeOpened,
  signPress,
  signShortcut,
  signSubmission,
  signUrlVerification,
  signViewClosed,
  signViewPress,
} from '#infra/sandbox/slack/sign.ts';
import type { AlertRequest } from '#shared/alerts/source.ts';
import { Secret } from '#shared/core/secret.ts';
import { verifySlackRequest } from '#shared/slack/verify-slack-request.ts';

const AT = new Date('2026-11-22T12:00:00.000Z');
const sender: Sender = { signingSecret: 'signing-secret-for-tests', userId: 'U0OPERATOR1', at: AT };
const view = { id: 'V1', type: 'modal', callback_id: 'patrol:leak', hash: '1.a' };

const requestOf = ({ headers, body }: SignedRequest): AlertRequest => ({
  subpath: '',
  method: 'POST',
  headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value]])),
  body: Buffer.from(body),
});
const verify = (signed: SignedRequest) =>
  verifySlackRequest(requestOf(signed), { current: new Secret(sender.signingSecret) }, AT.getTime() / 1_000);
const payloadOf = ({ body }: SignedRequest) => JSON.parse(new URLSearchParams(body).get('payload') ?? '');

describe('what Slack sends, signed', () => {
  it('is taken by Bolt’s own check', () => {
    const { headers, body } = signCommand({ ...sender, at: new Date() }, 'list');
    const isValid = (text: string) =>
      isValidSlackRequest({
        signingSecret: sender.signingSecret,
        body: text,
        headers: {
          'x-slack-signature': headers['x-slack-signature'] ?? '',
          'x-slack-request-timestamp': Number(headers['x-slack-request-timestamp']),
        },
      });
    expect([isValid(body), isValid(`${body} `)]).toEqual([true, false]);
  });

  it.each<[string, SignedRequest]>([
    ['a command', signCommand(sender, 'deactivate “x” — now ü')],
    ['a press', signPress(sender, { ts: '1.000001' }, { actionId: 'patrol:confirm', value: '{}' })],
    ['a press in a modal', signViewPress(sender, view, { actionId: 'patrol:page', value: '2' })],
    ['a submission', signSubmission(sender, view, {})],
    ['a closed modal', signViewClosed(sender, view)],
    ['a shortcut', signShortcut(sender, 'leak')],
    ['an opened Home tab', signHomeOpened(sender)],
    ['a challenge', signUrlVerification(sender.signingSecret, 'abc', AT)],
  ])('verifies: %s', (_, signed) => {
    expect(() => verify(signed)).not.toThrow();
    expect(() => verify({ ...signed, body: `${signed.body} ` })).toThrow('signature_invalid');
  });

  it('encodes forms as Slack does', () => {
    const { body, headers } = signCommand(sender, "it's *bold* (50%) ~now~ +1");
    expect(headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(body).toContain('&text=it%27s+%2Abold%2A+%2850%25%29+%7Enow%7E+%2B1&');
    expect(new URLSearchParams(body).get('text')).toBe("it's *bold* (50%) ~now~ +1");
  });

  it('does not show an ephemeral message in the press of its button', () => {
    const press = { actionId: 'a', selectedOption: { value: 'show' } };
    const loud = payloadOf(signPress(sender, { ts: '1.000001', threadTs: '0.000001', text: 'hi' }, press));
    expect(loud.message).toMatchObject({ ts: '1.000001', thread_ts: '0.000001', text: 'hi' });
    expect(loud.actions).toMatchObject([{ type: 'static_select', selected_option: { value: 'show' } }]);
    const quiet = payloadOf(signPress(sender, { ts: '1.000001', isEphemeral: true }, press));
    expect(quiet).not.toHaveProperty('message');
    expect(quiet.container).toMatchObject({ is_ephemeral: true, message_ts: '1.000001' });
  });

  it('names the organisation where there is one', () => {
    const inGrid = { ...sender, enterpriseId: 'E0GRID00001', teamId: 'T0OTHERTEAM' };
    expect(Object.fromEntries(new URLSearchParams(signCommand(inGrid, 'list').body))).toMatchObject({
      enterprise_id: 'E0GRID00001',
      team_id: 'T0OTHERTEAM',
    });
    expect(payloadOf(signSubmission(inGrid, view, {}))).toMatchObject({
      enterprise: { id: 'E0GRID00001' },
      user: { team_id: 'T0OTHERTEAM' },
    });
  });

  it('redelivers an event under the same id with a retry number', () => {
    const retry = { number: 1, reason: 'http_timeout' };
    const { headers, body } = signEvent(sender, { type: 'app_home_opened' }, { eventId: 'Ev1', retry });
    expect(headers).toMatchObject({ 'x-slack-retry-num': '1', 'x-slack-retry-reason': 'http_timeout' });
    expect(JSON.parse(body)).toMatchObject({ event_id: 'Ev1', event: { user: 'U0OPERATOR1' } });
  });
});
