import { describe, expect, it } from 'vitest';
import type { HttpReply } from '#shared/core/http.ts';
import { refusalOf } from '#shared/providers/kit/refusal-of.ts';
import { langsmithKey } from '#test/support/leaks.ts';

const reply = (json: unknown, status = 422): HttpReply => ({
  status,
  headers: new Headers(),
  body: json === undefined ? 'other' : 'json',
  json,
  mayHaveActed: false,
});
const said = (json: unknown) => refusalOf(reply(json), 'dfns-demo: deactivating').quoted;

describe('what a provider says of its refusal', () => {
  it.each([
    [
      'Dfns, with the id for its support',
      { error: { id: '0b6c', status: 403, message: 'No permission' } },
      'No permission; error id 0b6c',
    ],
    ['Dfns as it was', { error: { message: 'No permission' } }, 'No permission'],
    [
      'a 422 by field',
      { detail: [{ loc: ['body', 'expires_at'], msg: 'field required', type: 'x' }] },
      'expires_at: field required',
    ],
    ['a 422 in texts', { detail: ['id is not a valid UUID'] }, 'id is not a valid UUID'],
    ['one text', { detail: 'Forbidden' }, 'Forbidden'],
    ['an error as text', { error: 'Forbidden' }, 'Forbidden'],
    ['a title alone', { type: 'about:blank', title: 'Not allowed' }, 'Not allowed'],
  ])('is passed on: %s', (_, json, words) => {
    expect(said(json)).toBe(words);
  });

  it('is nothing where nothing of the kind is said, and the fault is the same', () => {
    for (const json of [undefined, null, [], {}, { error: { message: 7 } }, { detail: [{}] }, 'text']) {
      expect(said(json)).toBeUndefined();
    }
    expect(refusalOf(reply({ detail: 'x' }, 403), 'a')).toMatchObject({ code: 'provider_unauthorized', status: 403 });
  });

  it('is bounded and carries no secret, and no log takes it', () => {
    const secret = langsmithKey('pt');
    const fault = refusalOf(reply({ detail: `the key ${secret} is not known ${'x '.repeat(400)}` }), 'a');
    expect(fault.quoted).not.toContain(secret.slice(8, 30));
    expect(fault.quoted!.length).toBeLessThanOrEqual(300);
    expect(`${fault.message} ${fault.detail}`).not.toContain('not known');
  });
});
