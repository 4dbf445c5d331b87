import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCheckValidity } from '#shared/alerts/check-validity.ts';
import { findOnce } from '#shared/providers/find-once.ts';
import { Secret } from '#shared/core/secret.ts';
import '#test/support/contain-no-secret.ts';
import { fingerprint, now, NOW } from '#test/support/alerts.ts';
import { dfnsToken, langsmithKey } from '#test/support/leaks.ts';

const ISSUERS = { dfns: ['https://dfns.example'], langsmith: ['https://langsmith.example/base'] };
const ID = '1f3a5b7c-9d0e-4f21-8a3b-5c7d9e0f1a2b';
const key = langsmithKey('pt');

interface Asked {
  readonly url: string;
  readonly init: RequestInit | undefined;
}

/** A fetch that answers as told and remembers what it was asked. */
function answering(answer: (url: string) => Response | Promise<Response>, asked: Asked[] = []) {
  return Object.assign(
    (async (url: URL | string, init?: RequestInit) => {
      asked.push({ url: String(url), init });
      return answer(String(url));
    }) as typeof fetch,
    { asked },
  );
}
const check = (fetch: typeof globalThis.fetch, texts: readonly string[], more: object = {}) =>
  createCheckValidity({ issuers: ISSUERS, get: fetch, fingerprint, now, budgetMs: 1000, ...more })(
    texts.map((text) => new Secret(text)),
    findOnce(),
  );
const only = async (fetch: typeof globalThis.fetch, text = key, more: object = {}) => [
  ...(await check(fetch, [text], more)).values(),
];
const listing = (...ids: readonly string[]) => Response.json(ids.map((id) => ({ id })));

describe('createCheckValidity', () => {
  it('shows a LangSmith key once to its issuer, and keeps the ids that it named', async () => {
    const fetch = answering(() => listing(ID));
    expect(await only(fetch, `export KEY=${key} # quoted twice ${key}`)).toEqual([
      {
        validity: 'valid',
        tokenIds: [ID],
        likely: ID,
        acceptedBy: ['https://langsmith.example/base'],
        checkedAt: NOW.toISOString(),
        shown: { at: NOW.toISOString(), hosts: [{ host: 'langsmith.example', answered: true }] },
      },
    ]);
    expect(fetch.asked).toHaveLength(1);
    expect(fetch.asked[0]).toMatchObject({
      url: 'https://langsmith.example/base/api/v1/orgs/current/personal-access-tokens',
      init: { redirect: 'manual', headers: { 'x-api-key': key } },
    });
  });

  it('shows a Dfns token to its issuer by an unsigned read', async () => {
    const token = dfnsToken();
    const fetch = answering(() => Response.json({ items: [{ tokenId: 'to-5f3a1-2b4c6-0123456789abcdef', more: 1 }] }));
    expect(await only(fetch, token)).toMatchObject([
      { validity: 'valid', tokenIds: ['to-5f3a1-2b4c6-0123456789abcdef'] },
    ]);
    expect(fetch.asked[0]).toMatchObject({
      url: 'https://dfns.example/auth/pats',
      init: { headers: { authorization: `Bearer ${token}` } },
    });
  });

  it('tells many tokens of one account apart by what is known of the secret, and keeps no more than it can', async () => {
    const id = (index: number) => `1f3a5b7c-9d0e-4f21-8a3b-${String(index).padStart(12, '0')}`;
    const masked = (index: number) => (index === 7 ? `${key.slice(0, 12)}...${key.slice(-4)}` : 'lsv2_pt_zzzz...zzzz');
    const rows = Array.from({ length: 101 }, (_, index) => ({ id: id(index), short_key: masked(index) }));
    expect(await only(answering(() => Response.json(rows)))).toMatchObject([{ validity: 'valid', tokenIds: [id(7)] }]);
    expect(await only(answering(() => Response.json(rows.slice(1))))).toMatchObject([{ tokenIds: { length: 100 } }]);
    const unmasked = listing.bind(undefined, ...rows.map((row) => row.id));
    expect(await only(answering(unmasked))).toMatchObject([{ validity: 'unknown' }]);
    const token = dfnsToken({ claims: { iat: 1_780_000_000 } });
    const items = Array.from({ length: 101 }, (_, index) => ({
      tokenId: `to-5f3a1-2b4c6-${String(index).padStart(16, '0')}`,
      dateCreated: new Date((1_780_000_000 + (index - 7) * 3600) * 1000).toISOString(),
    }));
    expect(
      await only(
        answering(() => Response.json({ items })),
        token,
      ),
    ).toMatchObject([{ validity: 'valid', tokenIds: [items[7]!.tokenId] }]);
  });

  it('says which token it seems to be where one alone can be the secret, and of none where several can', async () => {
    const id = (index: number) => `1f3a5b7c-9d0e-4f21-8a3b-${String(index).padStart(12, '0')}`;
    const own = `${key.slice(0, 12)}...${key.slice(-4)}`;
    const likelyOf = async (...keys: readonly (string | undefined)[]) => {
      const rows = keys.map((shortKey, index) => ({ id: id(index), short_key: shortKey }));
      const [answer] = await only(answering(() => Response.json(rows)));
      expect(answer).toMatchObject({ validity: 'valid', tokenIds: keys.map((_, index) => id(index)) });
      return answer?.likely;
    };
    expect(await likelyOf('lsv2_pt_zzzz...zzzz', own)).toBe(id(1));
    expect(await likelyOf(own, own)).toBeUndefined();
    // One that shows nothing may be it as well.
    expect(await likelyOf(own, undefined)).toBeUndefined();
    expect(await likelyOf('lsv2_pt_zzzz...zzzz')).toBeUndefined();
    const issuedAt = 1_780_000_000;
    const items = [0, 30, 3600].map((seconds, index) => ({
      tokenId: `to-5f3a1-2b4c6-${String(index).padStart(16, '0')}`,
      dateCreated: new Date((issuedAt + seconds) * 1000).toISOString(),
    }));
    const ofDfns = async (...given: readonly (typeof items)[number][]) =>
      (
        await only(
          answering(() => Response.json({ items: given })),
          dfnsToken({ claims: { iat: issuedAt } }),
        )
      )[0]?.likely;
    expect(await ofDfns(items[1]!, items[2]!)).toBe(items[1]!.tokenId);
    expect(await ofDfns(items[0]!, items[1]!)).toBeUndefined();
  });

  it.each(['dfns', 'langsmith'] as const)(
    'takes a list of %s with a row that it cannot read for none',
    async (name) => {
      const rows = {
        dfns: { items: [{ tokenId: 'to-5f3a1-2b4c6-0123456789abcdef' }, { odd: true }] },
        langsmith: [{ id: ID }, { odd: true }],
      };
      const secret = name === 'dfns' ? dfnsToken() : key;
      const [answer] = await only(
        answering(() => Response.json(rows[name])),
        secret,
      );
      expect(answer).toMatchObject({ validity: 'unknown' });
      expect(answer).not.toHaveProperty('tokenIds');
    },
  );

  it('says of none where two issuers have accepted it', async () => {
    const two = { issuers: { langsmith: ['https://one.example', 'https://two.example'] } };
    expect(
      await only(
        answering(() => listing(ID)),
        key,
        two,
      ),
    ).toEqual([expect.not.objectContaining({ likely: expect.anything() as unknown })]);
  });

  it('believes a 401 alone for a refusal', async () => {
    expect(await only(answering(() => new Response('', { status: 401 })))).toMatchObject([{ validity: 'invalid' }]);
  });

  it.each([
    ['403', () => new Response('{}', { status: 403 })],
    ['429', () => new Response('', { status: 429 })],
    ['500', () => new Response('', { status: 500 })],
    ['a redirect', () => new Response('', { status: 302, headers: { location: 'https://evil.example' } })],
    ['a page', () => new Response('<html>sign in</html>', { status: 200 })],
    ['JSON of another form', () => Response.json({ ok: true })],
    ['an endless answer', () => new Response('['.padEnd(300_000, ' '), { status: 200 })],
    ['no answer', () => Promise.reject(new TypeError('fetch failed'))],
  ])('takes %s for no answer', async (_what, answer) => {
    const fetch = answering(answer);
    expect(await only(fetch)).toMatchObject([{ validity: 'unknown' }]);
    expect(fetch.asked).toHaveLength(1);
  });

  it('tells to whom it has shown the secret, and who gave no answer', async () => {
    const issuers = { langsmith: ['https://us.example', 'https://eu.example:8443/api'] };
    const half = answering((url) =>
      url.startsWith('https://us.') ? new Response('', { status: 500 }) : Promise.reject(new TypeError('fetch failed')),
    );
    expect(await only(half, key, { issuers })).toMatchObject([
      {
        validity: 'unknown',
        shown: {
          hosts: [
            { host: 'us.example', answered: true },
            { host: 'eu.example:8443', answered: false },
          ],
        },
      },
    ]);
  });

  it('gives up when its time is over, and lets the sender go', async () => {
    const hang = ((_url: URL, { signal }: RequestInit) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
      })) as typeof fetch;
    expect(await only(hang, key, { budgetMs: 20 })).toMatchObject([{ validity: 'unknown' }]);
  });

  it('asks each region of a provider, and one that accepts it is enough; a refusal needs all', async () => {
    const issuers = { langsmith: ['https://us.example', 'https://eu.example'] };
    const by = (us: number, eu: number) =>
      answering((url) => {
        const status = url.startsWith('https://us.') ? us : eu;
        return status === 200 ? listing(ID) : new Response('', { status });
      });
    expect(await only(by(401, 200), key, { issuers })).toMatchObject([{ validity: 'valid' }]);
    expect(await only(by(401, 401), key, { issuers })).toMatchObject([{ validity: 'invalid' }]);
    expect(await only(by(401, 503), key, { issuers })).toMatchObject([{ validity: 'unknown' }]);
  });

  it('shows nothing to anybody where the policy names no issuer, and no foreign secret ever', async () => {
    const fetch = answering(() => listing(ID));
    expect(await only(fetch, key, { issuers: {} })).toEqual([]);
    expect(await check(fetch, ['ghp_0123456789abcdef0123456789abcdef0123', 'AKIAIOSFODNN7EXAMPLE', 'prose'])).toEqual(
      new Map(),
    );
    expect(fetch.asked).toEqual([]);
  });

  it('tries at most sixteen secrets of one delivery', async () => {
    const fetch = answering(() => listing(ID));
    const many = Array.from({ length: 40 }, () => langsmithKey('pt'));
    expect((await check(fetch, [many.join('\n')])).size).toBe(16);
  });

  it('keeps nothing of a secret, whatever the issuer does', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<(url: string) => Response | Promise<Response>>(
          () => Response.json([{ id: key }, { id: ID, key }]),
          () => new Response(key, { status: 500 }),
          () => Promise.reject(new Error(`could not send ${key}`)),
        ),
        async (answer) => {
          expect([...(await check(answering(answer), [key]))]).toContainNoSecret([key]);
        },
      ),
    );
  });
});
