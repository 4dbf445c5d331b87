import { describe, expect, it } from 'vitest';
import { createFetchPublic } from '#shared/alerts/verify/fetch-public.ts';

const URL_OF_KEYS = new URL('https://keys.example:8443/list');
const MOST = 256 * 1024;

const answering = (response: () => Response | Promise<Response>) => createFetchPublic(async () => response());

describe('createFetchPublic', () => {
  it('asks under its name for what is newer than it knows, and follows no redirect', async () => {
    const asked: unknown[] = [];
    const fetchPublic = createFetchPublic(async (...given) => {
      asked.push(given);
      return new Response('');
    });
    await fetchPublic(URL_OF_KEYS);
    await fetchPublic(URL_OF_KEYS, '"1"');
    const rest = { redirect: 'error', signal: expect.any(AbortSignal) };
    expect(asked).toEqual([
      [URL_OF_KEYS, { ...rest, headers: { 'user-agent': 'patrol' } }],
      [URL_OF_KEYS, { ...rest, headers: { 'user-agent': 'patrol', 'if-none-match': '"1"' } }],
    ]);
  });

  it('gives the status, the text and its tag, where there are any', async () => {
    const tagged = answering(() => new Response('schlüssel', { headers: { etag: '"2"' } }));
    expect(await tagged(URL_OF_KEYS)).toEqual({ status: 200, text: 'schlüssel', etag: '"2"' });
    const unchanged = answering(() => new Response(null, { status: 304 }));
    expect(await unchanged(URL_OF_KEYS)).toEqual({ status: 304, text: '' });
  });

  it('puts the pieces of an answer together, up to its most bytes', async () => {
    const body = (bytes: number) => () => new Response(new Blob(['a'.repeat(bytes - 1), 'b']));
    const { text } = await answering(body(MOST))(URL_OF_KEYS);
    expect([text.length, text.at(-1)]).toEqual([MOST, 'b']);
    await expect(answering(body(MOST + 1))(URL_OF_KEYS)).rejects.toMatchObject({
      code: 'keys_unavailable',
      detail: 'keys.example:8443: too long an answer',
    });
  });

  it('says that keys are unavailable where nobody answers, and why', async () => {
    const cause = new TypeError('fetch failed');
    await expect(answering(() => Promise.reject(cause))(URL_OF_KEYS)).rejects.toMatchObject({
      code: 'keys_unavailable',
      detail: 'keys.example:8443: no answer',
      cause,
    });
  });

  it('gives up when its time is over', async () => {
    const never = createFetchPublic(
      (_url, init) =>
        new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('late')))),
      1,
    );
    await expect(never(URL_OF_KEYS)).rejects.toMatchObject({ detail: 'keys.example:8443: no answer' });
  });
});
