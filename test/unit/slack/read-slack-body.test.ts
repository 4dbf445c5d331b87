import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFault } from '#shared/core/fault.ts';
import { isSslCheck, readSlackBody } from '#shared/slack/read-slack-body.ts';

const request = (body: Buffer | string, type = 'application/x-www-form-urlencoded') => ({
  subpath: '',
  method: 'POST',
  headers: new Map([['content-type', [type]]]),
  body: Buffer.from(body),
});

describe('readSlackBody', () => {
  it('reads percent-encoded and plus-encoded text', () => {
    expect(readSlackBody(request('command=%2Fpat&text=caf%C3%A9+%26+more'))).toEqual({
      kind: 'command',
      fields: { command: '/pat', text: 'café & more' },
    });
  });

  it('refuses bytes that are no UTF-8', () => {
    expect(() => readSlackBody(request(Buffer.from([0x61, 0xff])))).toThrow('body is not UTF-8');
  });

  it('keeps a field called constructor an ordinary field, also twice', () => {
    const body = readSlackBody(request('constructor=x&command=c'));
    expect(body.kind === 'command' && body.fields).toEqual({ constructor: 'x', command: 'c' });
    expect(() => readSlackBody(request('constructor=x&constructor=x'))).toThrow('form names a field twice');
  });

  const event = '{"type":"event_callback","text":"a&command=/pat&text=list&user_id=U0ADMIN0001&x=y"}';
  it.each([
    ['JSON as a form', event, undefined],
    ['JSON with blanks before it as a form', ` ${event}`, undefined],
    ['a form as JSON', 'command=%2Fpat&text=list', 'application/json'],
    ['a list as an event', '[1]', 'application/json'],
    ['a form with a name that Slack has not', 'command=%2Fpat&Text=list', undefined],
    ['a form with a name that is no name', 'command=%2Fpat&a b=c', undefined],
    ['a form with a name that objects have', 'command=%2Fpat&__proto__=x', undefined],
  ])('refuses %s', (_, body, type) => {
    expect(() => readSlackBody(request(body, type))).toThrow('payload_invalid');
  });

  it('reads any bytes or refuses them, and never fails otherwise', () => {
    const types = fc.constantFrom(
      'application/json',
      'application/x-www-form-urlencoded',
      'application/json;charset=x',
      '',
      'text/html',
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), types, (bytes, type) => {
        const given = request(Buffer.from(bytes), type);
        isSslCheck(given);
        try {
          readSlackBody(given);
        } catch (error) {
          expect(isFault(error, 'payload_invalid')).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
