import { describe, expect, it } from 'vitest';
import { commandJobSchema } from '#shared/jobs/job.ts';
import { checkBlocks } from '#infra/sandbox/slack/block-check/check-blocks.ts';
import {
  type SignedRequest,
  signCommand,
  signEvent,
  signHomeOpened,
  signInteraction,
  signPress,
  signShortcut,
  signSlackBody,
  signSubmission,
  signUrlVerification,
  signViewClosed,
  signViewPress,
} from '#infra/sandbox/slack/sign.ts';
import { isFault } from '#shared/core/fault.ts';
import type { Reception } from '#shared/slack/receive-slack-request.ts';
import { dfnsToken, langsmithKey } from '#test/support/leaks.ts';
import {
  admin,
  leakView as view,
  NOW,
  receiveSigned,
  responseUrl,
  signingSecret,
} from '#test/support/slack-requests.ts';

const leak = (text: string, note: string | null = null) =>
  signSubmission(admin, view, {
    leak: { secrets: { type: 'plain_text_input', value: text } },
    note: { note: { type: 'plain_text_input', value: note } },
  });

function receive(signed: SignedRequest, more: Record<string, string> = {}): Reception {
  const reception = receiveSigned(signed, more);
  if (reception.job !== undefined) {
    // What is queued must be exactly what the queue's contract knows: nothing is lost, nothing is too much.
    expect(commandJobSchema.parse(structuredClone(reception.job))).toEqual(reception.job);
  }
  return reception;
}

function refusal(signed: SignedRequest, more: Record<string, string> = {}): string | undefined {
  try {
    receive(signed, more);
    return undefined;
  } catch (error) {
    return isFault(error) ? error.code : 'no fault';
  }
}

const form = (body: string) => signSlackBody(signingSecret, body, 'application/x-www-form-urlencoded', NOW);
const json = (body: string) => signSlackBody(signingSecret, body, 'application/json', NOW);

describe('a slash command', () => {
  it('is queued with what the worker needs and answered with nothing', () => {
    const { status, body, job, open } = receive(signCommand(admin, 'deactivate to-abc left in cab'));
    expect({ status, body, open }).toEqual({ status: 200, body: undefined, open: undefined });
    expect(job).toMatchObject({
      v: 1,
      kind: 'command',
      receivedAt: NOW.toISOString(),
      sealed: [],
      unrecognised: 0,
    });
    expect(job?.payload).toEqual({
      command: '/pat',
      text: 'deactivate to-abc left in cab',
      team_id: 'T0SANDBOX01',
      channel_id: 'C0GENERAL01',
      user_id: 'U0ADMIN0001',
      api_app_id: 'A0PATROL001',
      is_enterprise_install: 'false',
      response_url: responseUrl,
      trigger_id: '1.2.trigger',
    });
  });

  it('never queues the verification token', () => {
    expect(JSON.stringify(receive(signCommand(admin, 'list')))).not.toContain('deprecated-verification-token');
  });

  it.each([
    ['a LangSmith key', langsmithKey()],
    ['a Dfns token', dfnsToken()],
  ])('seals %s out of the text and warns the person alone', (_, secret) => {
    const { body, job, open } = receive(signCommand(admin, `deactivate ${secret} leaked`));
    expect(job?.payload['text']).toBe('deactivate [sealed] leaked');
    expect(job?.sealed).toHaveLength(1);
    expect(open).toBeUndefined();
    expect(body).toEqual({
      response_type: 'ephemeral',
      text: expect.stringMatching(/NOT run and nothing was revoked/),
    });
    expect(JSON.stringify({ body, job })).not.toContain(secret.slice(-20));
  });

  it('warns of a secret that nobody of ours issued, too', () => {
    const secret = `ghp_${'a1B2'.repeat(9)}`;
    const { body, job } = receive(signCommand(admin, `leak ${secret}`));
    expect(JSON.stringify({ body, job })).not.toContain(secret);
    expect(job).toMatchObject({ sealed: [], unrecognised: 1 });
    expect(body).toMatchObject({ response_type: 'ephemeral' });
  });

  it.each(['leak', ' LEAK '])('opens the leak modal for %j and is queued as well', (text) => {
    const { open, job } = receive(signCommand(admin, text));
    expect(open).toMatchObject({
      method: 'views.open',
      triggerId: '1.2.trigger',
      view: { callback_id: 'patrol:leak' },
    });
    expect(checkBlocks(open?.view)).toEqual([]);
    expect(job?.kind).toBe('command');
  });

  it('opens nothing for another verb', () => {
    expect(receive(signCommand(admin, 'help leak')).open).toBeUndefined();
  });

  it('is refused when it names no user', () => {
    expect(refusal(form('command=%2Fpat&text=list&team_id=T1&channel_id=C1'))).toBe('payload_invalid');
  });

  it('is refused when it is larger than a queue should carry', () => {
    expect(refusal(signCommand(admin, 'x '.repeat(150_000)))).toBe('payload_invalid');
  });
});

describe('a redelivery', () => {
  it('has the same key, whenever and with whatever retry headers it comes', () => {
    const later = new Date(NOW.getTime() + 200_000);
    const first = receive(signCommand(admin, 'list'));
    const again = receive(signCommand({ ...admin, at: later }, 'list'), { 'x-slack-retry-num': '1' });
    expect(again.job?.deliveryKey).toBe(first.job?.deliveryKey);
  });

  it.each<[string, SignedRequest]>([
    ['text', signCommand(admin, 'list --active')],
    ['person', signCommand({ ...admin, userId: 'U0VIEWER001' }, 'list')],
    ['place', signCommand({ ...admin, channelId: 'C0SECURITY1' }, 'list')],
    ['trigger', signCommand({ ...admin, triggerId: '1.3.other' }, 'list')],
    ['response_url', signCommand({ ...admin, responseUrl: `${responseUrl}2` }, 'list')],
    ['secret', signCommand(admin, langsmithKey())],
    ['secret again', signCommand(admin, langsmithKey())],
  ])('is not confused with a request that differs in its %s', (_, other) => {
    const keys = new Set([signCommand(admin, 'list'), other].map((signed) => receive(signed).job?.deliveryKey));
    expect(keys.size).toBe(2);
    expect(receive(other).job?.deliveryKey).not.toBe(receive(signCommand(admin, langsmithKey())).job?.deliveryKey);
  });

  it('tells two presses of one button apart by their time', () => {
    const press = (at: Date) =>
      receive(signPress({ ...admin, at }, { ts: '1.1' }, { actionId: 'patrol:undo', value: 'x' }));
    const one = press(NOW).job?.deliveryKey;
    expect(press(new Date(NOW.getTime() + 1000)).job?.deliveryKey).not.toBe(one);
  });

  it('of an event is known by its id', () => {
    const event = { type: 'app_home_opened', tab: 'home' };
    const retry = { number: 2, reason: 'http_timeout' };
    const first = receive(signEvent(admin, event, { eventId: 'Ev1' }));
    expect(receive(signEvent(admin, event, { eventId: 'Ev1', retry })).job?.deliveryKey).toBe(first.job?.deliveryKey);
    expect(receive(signEvent(admin, event, { eventId: 'Ev2' })).job?.deliveryKey).not.toBe(first.job?.deliveryKey);
  });

  it('of a form counts once though Submit brings a new trigger, and a corrected form counts anew', () => {
    const submit = (triggerId: string, text: string) =>
      receive(
        signSubmission(
          { ...admin, triggerId },
          { ...view, callback_id: 'patrol:break-glass' },
          { reason: { reason: { value: text } } },
        ),
      ).job?.deliveryKey;
    expect(submit('1', 'fire')).toBe(submit('2', 'fire'));
    expect(submit('1', 'fire')).not.toBe(submit('1', 'flood'));
  });
});

describe('a press', () => {
  it('keeps ids, values and places, and drops the message and the names of people', () => {
    const message = { ts: '1.1', threadTs: '1.0', text: 'secret text', blocks: [{ type: 'divider' }] };
    const { job, body } = receive(
      signPress(admin, message, { actionId: 'patrol:confirm', value: 'pending-1', blockId: 'b' }),
    );
    expect(body).toBeUndefined();
    expect(job?.kind).toBe('action');
    expect(job?.payload).toEqual({
      type: 'block_actions',
      api_app_id: 'A0PATROL001',
      enterprise: null,
      is_enterprise_install: false,
      team: { id: 'T0SANDBOX01' },
      user: { id: 'U0ADMIN0001', team_id: 'T0SANDBOX01' },
      trigger_id: '1.2.trigger',
      response_url: responseUrl,
      channel: { id: 'C0GENERAL01' },
      container: {
        type: 'message',
        message_ts: '1.1',
        thread_ts: '1.0',
        channel_id: 'C0GENERAL01',
        is_ephemeral: false,
      },
      message: { ts: '1.1', thread_ts: '1.0' },
      state: { values: {} },
      actions: [
        {
          type: 'button',
          action_id: 'patrol:confirm',
          block_id: 'b',
          value: 'pending-1',
          action_ts: expect.any(String),
        },
      ],
    });
  });

  it('keeps the value of a chosen option without its text', () => {
    const { job } = receive(
      signPress(
        admin,
        { ts: '1.1' },
        { actionId: 'patrol:row', type: 'overflow', selectedOption: { value: 'show p:to-1', text: 'Show' } },
      ),
    );
    expect(job?.payload['actions']).toMatchObject([{ selected_option: { value: 'show p:to-1' } }]);
    expect(JSON.stringify(job)).not.toContain('"Show"');
  });

  it('opens a skeleton for an action that asks for a modal, on top of an open one', () => {
    const onMessage = receive(signPress(admin, { ts: '1.1' }, { actionId: 'patrol:modal:break-glass', value: 'a1' }));
    expect(onMessage.open).toMatchObject({ method: 'views.open', triggerId: '1.2.trigger' });
    expect(checkBlocks(onMessage.open?.view)).toEqual([]);
    const onModal = receive(signViewPress(admin, view, { actionId: 'patrol:modal:case', value: 'a1' }));
    expect(onModal.open?.method).toBe('views.push');
    const onHome = receive(
      signViewPress(admin, { ...view, type: 'home' }, { actionId: 'patrol:modal:case', value: 'a1' }),
    );
    expect(onHome.open?.method).toBe('views.open');
  });

  it('opens nothing for an action that only looks alike', () => {
    expect(receive(signPress(admin, { ts: '1.1' }, { actionId: 'xpatrol:modal:x' })).open).toBeUndefined();
  });

  it('without any action is refused', () => {
    expect(refusal(signInteraction(admin, { type: 'block_actions', actions: [] }))).toBe('payload_invalid');
  });
});

describe('the leak modal', () => {
  it('turns every secret into a clue, counts the rest, and keeps no text', () => {
    const [one, two] = [langsmithKey(), dfnsToken()];
    const text = `KEY=${one}\n${two}\n\nnothing here\nnor here\r\nagain ${one}`;
    const { job, body } = receive(leak(text, 'found in a log'));
    expect(job?.sealed.map(({ form }) => form)).toEqual(['langsmith', 'dfns']);
    expect(job?.unrecognised).toBe(2);
    expect(job?.payload['view']).toMatchObject({
      callback_id: 'patrol:leak',
      private_metadata: '{"channel":"C0GENERAL01"}',
    });
    expect((job?.payload['view'] as { state: unknown }).state).toEqual({
      values: { note: { note: { type: 'plain_text_input', value: 'found in a log' } } },
    });
    expect(body).toMatchObject({ response_action: 'update' });
    const { view: next } = body as { view: unknown };
    expect(checkBlocks(next)).toEqual([]);
    expect(JSON.stringify(next)).toContain('Received 2 secrets');
    expect(JSON.stringify(next)).toContain('2 lines or secrets were not recognised and were not kept');
    for (const part of [one, two, 'nothing here', 'nor here'])
      expect(JSON.stringify({ job, body })).not.toContain(part);
  });

  it('says so when nothing was recognised, and still queues that it happened', () => {
    const { job, body } = receive(leak('hunter2 is my password'));
    expect(job).toMatchObject({ sealed: [], unrecognised: 1 });
    expect(JSON.stringify(body)).toContain('No token was recognised');
    expect(JSON.stringify({ job, body })).not.toContain('hunter2');
  });

  it('seals a secret in the note as well', () => {
    const secret = langsmithKey();
    const { job } = receive(leak('a line', `it was ${secret}`));
    expect(job?.sealed).toHaveLength(1);
    expect(JSON.stringify(job)).not.toContain(secret);
  });

  it.each(['', ' \n '])('asks for a text when %j was submitted', (text) => {
    const { job, body } = receive(leak(text));
    expect(job).toBeUndefined();
    expect(body).toEqual({ response_action: 'errors', errors: { leak: expect.stringContaining('Paste') } });
  });

  it('refuses more secrets than one job carries instead of dropping some', () => {
    const { job, body } = receive(leak(Array.from({ length: 201 }, () => langsmithKey()).join('\n')));
    expect(job).toBeUndefined();
    expect(body).toEqual({
      response_action: 'errors',
      errors: { leak: expect.stringContaining('Nothing was accepted') },
    });
    expect(receive(leak(Array.from({ length: 200 }, () => langsmithKey()).join('\n'))).job?.sealed).toHaveLength(200);
  });

  it('tells two pastes apart by what was in them', () => {
    const keys = [langsmithKey(), langsmithKey()].map((secret) => receive(leak(secret)).job?.deliveryKey);
    expect(keys[0]).not.toBe(keys[1]);
  });
});

describe('other modals', () => {
  const glass = (reason: string) =>
    receive(
      signSubmission(admin, { ...view, callback_id: 'patrol:break-glass' }, { reason: { reason: { value: reason } } }),
    );

  it('are closed and queued with what was typed', () => {
    const { job, body } = glass('the office burns');
    expect(body).toEqual({ response_action: 'clear' });
    expect(job?.payload['view']).toMatchObject({
      state: { values: { reason: { reason: { value: 'the office burns' } } } },
    });
  });

  it('ask again for a reason of blanks', () => {
    const { job, body } = glass('   ');
    expect(job).toBeUndefined();
    expect(body).toMatchObject({ response_action: 'errors', errors: { reason: expect.any(String) } });
  });

  it('have secrets sealed out of what was typed', () => {
    const secret = langsmithKey();
    expect(JSON.stringify(glass(`leaked ${secret}`).job)).not.toContain(secret);
  });

  it('are queued when they are closed', () => {
    const { job, body } = receive(signViewClosed(admin, view));
    expect(job).toMatchObject({ kind: 'view', payload: { type: 'view_closed' } });
    expect(body).toBeUndefined();
  });
});

describe('shortcuts and events', () => {
  it('open the leak modal by the global shortcut', () => {
    const { open, job } = receive(signShortcut(admin, 'leak'));
    expect(open?.view.callback_id).toBe('patrol:leak');
    expect(job).toMatchObject({ kind: 'action', payload: { type: 'shortcut', callback_id: 'leak' } });
  });

  it('ignore a shortcut of another name', () => {
    expect(receive(signShortcut(admin, 'else'))).toEqual({ status: 200 });
  });

  it('queue the opening of the Home tab', () => {
    const { job } = receive(signHomeOpened(admin));
    expect(job).toMatchObject({
      kind: 'event',
      payload: { team_id: 'T0SANDBOX01', event: { type: 'app_home_opened', user: 'U0ADMIN0001' } },
    });
  });

  it.each([
    { type: 'message', text: 'hello' },
    { type: 'app_home_opened', tab: 'messages' },
  ])('ignore the event %j', (event) => {
    expect(receive(signEvent(admin, event))).toEqual({ status: 200 });
  });

  it.each(['block_suggestion', 'message_action', 'dialog_submission'])('ignore an interaction of type %s', (type) => {
    expect(receive(signInteraction(admin, { type }))).toEqual({ status: 200 });
  });
});

describe('what Slack checks', () => {
  it('gives the challenge back once the request is verified', () => {
    expect(receive(signUrlVerification(signingSecret, 'abc', NOW))).toEqual({
      status: 200,
      body: { challenge: 'abc' },
    });
    expect(refusal(signUrlVerification('another-signing-secret-0123', 'abc', NOW))).toBe('signature_invalid');
  });

  it('answers the certificate probe, which is not signed', () => {
    expect(receive({ headers: {}, body: 'ssl_check=1&token=abc' })).toEqual({ status: 200 });
  });

  it.each([
    'ssl_check=1&command=%2Fpat&text=list',
    'ssl_check=1&payload=%7B%7D',
    'ssl_check=2',
    `ssl_check=1&x=${'y'.repeat(1000)}`,
  ])('does not take %j for a probe', (body) => {
    expect(refusal({ headers: {}, body })).toBe('signature_missing');
  });
});

describe('what is signed and cannot be read', () => {
  const command = signCommand(admin, 'list').body;
  it.each<[string, SignedRequest]>([
    ['broken JSON', json('{"type":')],
    ['JSON behind a byte order mark', json('\ufeff{"type":"url_verification"}')],
    ['no object', json('[]')],
    ['nothing', json('')],
    ['a broken payload', form('payload=%7B')],
    ['a payload that is no object', form('payload=7')],
    ['an empty form', form('')],
    ['a field given twice', form(`${command}&user_id=U0VIEWER001`)],
    ['an unknown content type', signSlackBody(signingSecret, command, 'text/plain', NOW)],
    ['an id that is none', form(command.replace('U0ADMIN0001', 'u%3Cscript%3E'))],
    ['a view without an id', signInteraction(admin, { type: 'view_submission', view: { callback_id: 'x' } })],
  ])('refuses %s', (_, signed) => {
    expect(refusal(signed)).toBe('payload_invalid');
  });

  it('refuses a compressed body, and one that is no UTF-8', () => {
    expect(refusal(signCommand(admin, 'list'), { 'content-encoding': 'gzip' })).toBe('payload_invalid');
    const bytes = Buffer.concat([Buffer.from('command=%2Fpat&text='), Buffer.from([0xff])]);
    expect(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes)).toThrow();
  });

  it('reads a content type with parameters, in any case', () => {
    const { body } = signCommand(admin, 'list');
    for (const type of [
      'application/x-www-form-urlencoded; charset=utf-8',
      'Application/X-WWW-Form-Urlencoded;charset=UTF-8',
    ]) {
      expect(receive(signSlackBody(signingSecret, body, type, NOW)).job?.kind).toBe('command');
    }
  });

  it('names fields, never values, in its fault', () => {
    const secret = langsmithKey();
    try {
      receive(form(`command=%2Fpat&user_id=${secret}&text=${secret}`));
      expect.unreachable();
    } catch (error) {
      expect(isFault(error, 'payload_invalid') && error.detail).toBe('malformed: team_id, channel_id, user_id');
    }
  });
});
