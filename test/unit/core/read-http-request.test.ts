import { describe, expect, it } from 'vitest';
import { readHttpRequest, single } from '#shared/core/read-http-request.ts';
import { alertRequest } from '#test/support/alerts.ts';

describe('readHttpRequest', () => {
  it('gives the path and the bytes of an event', () => {
    const event = {
      requestContext: { http: { method: 'post' } },
      rawPath: '/dev/x',
      body: 'w7w=',
      isBase64Encoded: true,
    };
    expect(readHttpRequest(event)).toEqual({
      path: '/dev/x',
      request: { method: 'POST', headers: new Map(), body: Buffer.from('ü') },
    });
  });
  it('refuses an event that is no request', () => {
    expect(() => readHttpRequest({ Records: [] })).toThrow('payload_invalid');
  });
});

describe('single', () => {
  const request = (value: string | readonly string[]) => alertRequest('', { 'X-Sig': value });
  it('returns the only value', () => {
    expect(single(request('a'), 'x-sig')).toBe('a');
    expect(single(request('v1,a v1,b'), 'x-sig', { commas: true })).toBe('v1,a v1,b');
  });
  it.each([
    ['no value', [], 'signature_missing'],
    ['an empty value', '', 'signature_missing'],
    ['two values', ['a', 'a'], 'signature_invalid'],
    ['two values joined by a comma', 'a,a', 'signature_invalid'],
  ] as const)('refuses %s', (_name, value, code) => {
    expect(() => single(request(value), 'x-sig')).toThrow(code);
  });
});
