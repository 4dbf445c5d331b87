import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Secret } from '#shared/core/secret.ts';
import { type FaultCode, isFault } from '#shared/core/fault.ts';
import { PROVIDER_NAMES } from '#shared/core/vocabulary.ts';
import type { Effect, Provider } from '#shared/providers/provider.ts';
import { createProvider, parseCredential } from '#shared/providers/clients.ts';
import { fingerprint } from '#test/support/leaks.ts';
import { type Answer, type RawRequest, type RawServer, startRawServer } from '#test/support/raw-server.ts';

/** Which tokens the scripted provider knows, and whether each is active. */
export type World = Map<string, boolean>;

/** One provider's language, as its documentation and its official SDK speak it. */
export interface ProviderScript {
  readonly name: string;
  readonly profile: string;
  /** The fields of the profile's secret, without the base URL. */
  readonly credential: Readonly<Record<string, unknown>>;
  readonly ids: { readonly known: string; readonly other: string; readonly missing: string };
  /** The changes that the provider has no call for; none of them, when it is left out. */
  readonly cannot?: readonly (typeof VERBS)[number][];
  /** Texts that must never show up in a token, a fault or a log. */
  readonly confidential: readonly string[];
  /** Answers as the provider does, and changes the world as it would. */
  speak(request: RawRequest, world: World): Answer;
  /** True for the request that changes a token, false for reads and for what goes before a change. */
  isChange(request: RawRequest): boolean;
  /** True for a request that reads tokens. */
  isRead(request: RawRequest): boolean;
  /** The same world as far as it can be seen: with a row that has no readable id in each list, if it lists at all. */
  garble(answer: Answer): Answer;
  /** True for a request that reads any place in which a token of unknown kind may be. */
  isLook(request: RawRequest): boolean;
  /** Every documented shape of an error, with the status that it comes with. */
  readonly errors: readonly { readonly status: number; readonly shape: string; readonly answer: Answer }[];
  /** Checks over all requests of a test what holds for this provider alone. */
  verify(requests: readonly RawRequest[]): void;
}

const VERBS = ['deactivate', 'activate', 'delete'] as const;
const NOW = new Date('2026-06-01T12:00:00.000Z');
/** Longer than any machine takes to answer itself, and as short as silence may be. */
const PATIENT_MS = 10_000;
const IMPATIENT_MS = 200;
const HTML = '<html><body>confidential-page</body></html>';

/** The contract that every provider keeps, over a real socket. */
export function describeProvider(script: ProviderScript): void {
  describe(`${script.name} keeps the contract of a provider`, () => {
    const { known, other, missing } = script.ids;
    const can = VERBS.filter((verb) => !script.cannot?.includes(verb));
    const [anyVerb = expect.fail('a provider without any change')] = can;
    const canRevoke = can.includes('deactivate') && can.includes('activate');
    let server: RawServer;
    let provider: Provider;
    let world: World;
    let slept: number[];
    let clock: number;

    const changes = () => server.requests.filter((request) => script.isChange(request));
    const reads = () => server.requests.filter((request) => script.isRead(request));

    /** Lets the provider speak, but where `instead` has something else to answer. */
    const speak = (instead: (request: RawRequest) => Answer | undefined = () => undefined): void => {
      server.answer((request) => instead(request) ?? script.speak(request, world));
    };
    /** Answers the first `count` matching requests so; later ones get the provider's own answer. */
    const first = (
      count: number,
      matches: (request: RawRequest) => boolean,
      answer: (request: RawRequest) => Answer,
    ) => {
      let left = count;
      speak((request) => (matches(request) && left-- > 0 ? answer(request) : undefined));
    };
    const always = (matches: (request: RawRequest) => boolean, answer: Answer) =>
      first(Number.POSITIVE_INFINITY, matches, () => answer);

    async function expectFault(call: Promise<unknown>, code: FaultCode, status?: number): Promise<void> {
      const error: unknown = await call.then(
        (value) => expect.fail(`it should have thrown ${code}, and gave ${inspect(value)}`),
        (reason: unknown) => reason,
      );
      if (!isFault(error)) throw error;
      expect({ code: error.code, status: error.status }).toEqual({ code, status });
      const shown = inspect(error, { depth: 10 }) + JSON.stringify(error);
      for (const text of [...script.confidential, 'confidential']) expect(shown).not.toContain(text);
    }

    /** Opens the provider; one that is to wait for nothing that never comes has to be told so. */
    const open = (attemptMs = PATIENT_MS): Provider => {
      const fields = { provider: script.name, baseUrl: server.url, ...script.credential };
      return createProvider(parseCredential(script.profile, JSON.stringify(fields)), {
        profile: script.profile,
        fetch: globalThis.fetch,
        now: () => new Date(clock),
        sleep: async (milliseconds) => {
          slept.push(milliseconds);
          clock += milliseconds;
        },
        random: () => 0.5,
        fingerprint,
        limits: { attemptMs },
      });
    };
    const openFor = (answer: Answer): Provider =>
      open(answer === 'hang' || answer === 'stall' ? IMPATIENT_MS : PATIENT_MS);

    beforeAll(async () => {
      server = await startRawServer();
    });
    afterAll(() => server.close());
    beforeEach(() => {
      server.requests.length = 0;
      slept = [];
      clock = NOW.getTime();
      world = new Map([
        [known, true],
        [other, true],
      ]);
      speak();
      provider = open();
    });
    afterEach(() => script.verify(server.requests));

    describe('reading', () => {
      it('lists nothing from an empty list', async () => {
        world.clear();
        expect((await provider.list()).tokens).toEqual([]);
      });

      it('lists every token with its profile, its state and nothing that it did not ask for', async () => {
        world.set(other, false);
        const { tokens } = await provider.list();
        expect(tokens.map(({ id, state, profile, provider: name }) => ({ id, state, profile, name }))).toEqual([
          { id: known, state: 'active', profile: script.profile, name: script.name },
          { id: other, state: 'inactive', profile: script.profile, name: script.name },
        ]);
        const text = JSON.stringify(tokens);
        for (const secret of [...script.confidential, 'confidential']) expect(text).not.toContain(secret);
      });

      it('lists once for all who ask while it lists, and never gives a listing that was begun before it was asked for', async () => {
        await provider.list();
        const calls = reads().length;
        const first = provider.list();
        world.set(known, false);
        const others = await Promise.all(Array.from({ length: 9 }, () => provider.list()));
        for (const { tokens } of others) expect(tokens[0]).toMatchObject({ id: known, state: 'inactive' });
        await first;
        expect(reads()).toHaveLength(3 * calls);
      });

      it('reads one token afresh each time', async () => {
        expect(await provider.get(known)).toMatchObject({ id: known, state: 'active' });
        world.set(known, false);
        expect(await provider.get(known)).toMatchObject({ id: known, state: 'inactive' });
      });

      it('does not know a missing token', async () => {
        expect(await provider.get(missing)).toBeUndefined();
      });

      it.each<[string, (request: RawRequest) => Answer]>([
        ['is refused', () => ({ status: 403, json: {} })],
        ['does not exist', () => ({ status: 405, json: {} })],
        ['has a row that cannot be read', (request) => script.garble(script.speak(request, world))],
      ])('never says that a token is gone when one of the places that could hold it %s', async (_, answer) => {
        world.delete(known);
        expect(await provider.get(known)).toBeUndefined();
        const places = [...new Set(server.requests.filter(script.isLook).map(({ path }) => path))];
        for (const place of places) {
          first(Number.POSITIVE_INFINITY, ({ path }) => path === place, answer);
          const seen = await provider.get(known).catch((error: unknown) => error);
          expect(isFault(seen), `${place}: it gave ${inspect(seen)}`).toBe(true);
        }
        expect(places.length).toBeGreaterThan(0);
      });

      it('repeats a read after a lost connection, silence, 429 and 500', async () => {
        for (const trouble of ['reset', 'hang', 'stall', 'break', { status: 429 }, { status: 500 }] as const) {
          provider = openFor(trouble);
          first(1, script.isRead, () => trouble);
          expect((await provider.list()).tokens).toHaveLength(2);
        }
      });

      it('waits for a slow answer that still comes in time', async () => {
        first(1, script.isRead, (request) => ({ afterMs: 80, then: script.speak(request, world) }));
        expect((await provider.list()).tokens).toHaveLength(2);
        expect(slept).toEqual([]);
      });

      it('follows no redirect with its credential', async () => {
        always(script.isRead, { status: 307, headers: { location: `${server.url}/elsewhere` } });
        await expectFault(provider.list(), 'provider_unexpected', 307);
        expect(server.requests.filter(({ path }) => path === '/elsewhere')).toEqual([]);
      });

      it.each<[string, Answer, FaultCode, number?]>([
        ['a list that is no list', { status: 200, json: { items: 'confidential' } }, 'provider_unexpected', 200],
        ['JSON that is no object', { status: 200, json: 'confidential' }, 'provider_unexpected', 200],
        ['HTML with a 200', { status: 200, body: HTML }, 'provider_unreached', 200],
        ['an empty 200', { status: 200 }, 'provider_unreached', 200],
        ['a 204', { status: 204 }, 'provider_unreached', 204],
        ['half a list that is all there is', { status: 200, body: '[{"id":' }, 'provider_unreached', 200],
        ['HTML with a 502', { status: 502, body: HTML }, 'provider_unavailable', 502],
        ['an empty 503', { status: 503 }, 'provider_unavailable', 503],
        ...[302, 400, 404, 405, 410, 414, 451].map((status): [string, Answer, FaultCode, number] => [
          `a proxy’s HTML with a ${status}`,
          { status, body: HTML },
          'provider_unreached',
          status,
        ]),
        ['a page that lets nobody in', { status: 403, body: HTML }, 'provider_unreached', 403],
        ['a time-out of a proxy', { status: 408, body: HTML }, 'provider_unavailable', 408],
        ['401 with HTML', { status: 401, body: HTML }, 'provider_unreached', 401],
        ['a connection that is always reset', 'reset', 'provider_unavailable'],
        ['silence', 'hang', 'provider_unavailable'],
        ['half a body', 'break', 'provider_unavailable'],
      ])('never takes %s for tokens, nor for their absence', async (_, answer, code, status) => {
        provider = openFor(answer);
        always(script.isRead, answer);
        await expectFault(provider.list(), code, status);
        await expectFault(provider.get(known), code, status);
        expect(changes()).toEqual([]);
      });
    });

    describe('changing', () => {
      it('deactivates, activates and deletes, as a fresh read agrees', async () => {
        const states = { deactivate: 'inactive', activate: 'active', delete: undefined } as const;
        for (const verb of can) {
          expect(await provider[verb](known)).toMatchObject({ kind: 'done' });
          expect((await provider.get(known))?.state).toBe(states[verb]);
        }
        expect(changes()).toHaveLength(can.length);
        expect(await provider.get(other)).toMatchObject({ state: 'active' });
      });

      it.runIf(script.cannot)('says that it has no call for a change, and makes no other instead', async () => {
        for (const verb of script.cannot ?? []) {
          expect(provider.prepare(verb, known)).toBeUndefined();
          expect(await provider[verb](known)).toMatchObject({ kind: 'unsupported' });
        }
        expect(changes()).toEqual([]);
        expect([...world.values()]).toEqual([true, true]);
      });

      it('prepares a change without making it, and makes it all the same where that failed', async () => {
        const trouble = [undefined, 'reset', { status: 500 }, { status: 403, json: {} }, { status: 401 }] as const;
        for (const answer of trouble) {
          for (const verb of can) {
            world.set(known, verb !== 'activate');
            if (answer !== undefined) always(() => true, answer);
            provider.prepare(verb, known);
            provider.prepare(verb, known);
            // Until the provider has answered, also as often as it is asked again.
            await new Promise((resolve) => setTimeout(resolve, 20));
            expect(world.get(known)).toBe(verb !== 'activate');
            expect(changes()).toEqual([]);
            speak();
            expect(await provider[verb](known)).toMatchObject({ kind: 'done' });
            expect(changes()).toHaveLength(1);
            expect(await provider[verb](known)).toBeDefined();
            script.verify(server.requests);
            server.requests.length = 0;
          }
        }
        expect(provider.prepare(anyVerb, '../users')).toBeUndefined();
        expect(server.requests).toEqual([]);
      });

      it.runIf(canRevoke)('takes a token that is already so for done', async () => {
        world.set(known, false);
        expect(await provider.deactivate(known)).toMatchObject({ kind: 'done' });
        expect(await provider.activate(other)).toMatchObject({ kind: 'done' });
        expect([...world.values()]).toEqual([false, true]);
      });

      it.runIf(canRevoke).each([400, 409])(
        'takes "%i, it is so already" for done only when a read agrees',
        async (status) => {
          world.set(known, false);
          always(script.isChange, { status, json: { detail: 'confidential' } });
          expect(await provider.deactivate(known)).toMatchObject({
            kind: 'done',
            answer: { status, fact: 'so_already' },
          });
          await expectFault(provider.deactivate(other), 'provider_unexpected', status);
        },
      );

      it.each(can)('knows no missing token to %s', async (verb) => {
        expect(await provider[verb](missing)).toEqual({ kind: 'not_found' });
      });

      it.each([
        '..',
        '.',
        '%2e%2e',
        '%2E%2E%2F',
        '',
        ' ',
        'x'.repeat(65),
        '../users',
        'a/b',
        'a?b',
        'a#b',
        'a\\b',
        'ä',
        '*',
        `${known}/`,
        `${known}\n`,
        `${known}?force=true`,
        '\u0000',
      ])('builds no address from the hostile id %j', async (id) => {
        expect(await provider.get(id)).toBeUndefined();
        for (const verb of VERBS) expect(await provider[verb](id)).toEqual({ kind: 'not_found' });
        expect(await provider.find({ form: 'named', tokenId: id })).toEqual([]);
        expect(server.requests).toEqual([]);
      });

      it.each<[string, Answer, Effect['kind']]>([
        ['202', { status: 202, json: { id: 'pa-1', status: 'Pending' } }, 'pending'],
        ['an empty 202', { status: 202 }, 'pending'],
        ['204', { status: 204 }, 'done'],
        ['an empty 200', { status: 200 }, 'done'],
        ['200 with unknown fields only', { status: 200, json: { confidential: 'confidential' } }, 'done'],
      ])('takes %s as %3$s, and says nothing of its body', async (_, answer, kind) => {
        for (const verb of can) {
          always(script.isChange, answer);
          const effect = await provider[verb](known);
          expect(effect.kind).toBe(kind);
          expect(JSON.stringify(effect)).not.toContain('confidential');
        }
      });

      it.each(can)('does not take a proxy’s page for the end of %s', async (verb) => {
        for (const status of [404, 405]) {
          always(script.isChange, { status, body: HTML });
          await expectFault(provider[verb](known), 'provider_unreached', status);
        }
        world.set(other, false);
        always(script.isChange, { status: 200, body: HTML });
        await expectFault(provider[verb](verb === 'activate' ? other : known), 'provider_unreached', 200);
      });

      it('finds out what became of a change whose answer was lost', async () => {
        for (const loss of ['reset', 'hang', 'break', { status: 500 }, { status: 502, body: HTML }] as const) {
          provider = openFor(loss);
          for (const verb of can) {
            world.set(known, verb !== 'activate');
            server.requests.length = 0;
            first(1, script.isChange, (request) => {
              script.speak(request, world);
              return loss;
            });
            expect(await provider[verb](known)).toMatchObject({ kind: 'done' });
            expect(world.get(known)).toBe(verb === 'delete' ? undefined : verb === 'activate');
            script.verify(server.requests);
          }
        }
      });

      it.each(can)(
        'leaves open whether it did %s where its answer was lost, and nothing is told after that',
        async (verb) => {
          for (const refusal of [
            { status: 401, json: {} },
            { status: 403, json: {} },
            { status: 404, body: HTML },
          ]) {
            world.set(known, verb !== 'activate');
            let isMade = false;
            speak((request) => {
              if (isMade) return refusal;
              if (!script.isChange(request)) return undefined;
              script.speak(request, world);
              isMade = true;
              return 'reset';
            });
            await expectFault(provider[verb](known), 'provider_unavailable');
          }
        },
      );

      it.each(can)('takes no refusal of its next try for what became of a lost one: %s', async (verb) => {
        world.set(known, verb !== 'activate');
        let tries = 0;
        speak((request) => {
          if (!script.isChange(request)) return undefined;
          tries += 1;
          // The first one comes about when the next is sent.
          if (tries === 2) script.speak(request, world);
          return tries === 1 ? 'reset' : { status: 403, json: {} };
        });
        expect(await provider[verb](known)).toMatchObject({ kind: 'done' });
      });

      it('makes a change anew when it was lost before it had its effect', async () => {
        for (const loss of [
          'reset',
          'hang',
          { status: 429 },
          { status: 500 },
          { status: 503, headers: { 'retry-after': '1' } },
        ] as const) {
          provider = openFor(loss);
          for (const verb of can) {
            world.set(known, verb !== 'activate');
            first(1, script.isChange, () => loss);
            expect(await provider[verb](known)).toMatchObject({ kind: 'done' });
            expect(world.get(known)).toBe(verb === 'delete' ? undefined : verb === 'activate');
          }
        }
      });

      it.each(can)('throws when the provider stays down while it is asked to %s', async (verb) => {
        world.set(known, verb !== 'activate');
        always(script.isChange, { status: 500, json: { error: 'confidential' } });
        await expectFault(provider[verb](known), 'provider_unavailable', 500);
        expect(world.get(known)).toBe(verb !== 'activate');
        always(() => true, 'reset');
        await expectFault(provider[verb](known), 'provider_unavailable');
      });
    });

    describe('refusals', () => {
      const codeOf = (status: number): FaultCode =>
        status === 401 || status === 403 ? 'provider_unauthorized' : 'provider_unexpected';

      it.each(script.errors.filter(({ status }) => status !== 404))(
        'maps $status ($shape) to its fault',
        async ({ status, answer }) => {
          always(script.isRead, answer);
          await expectFault(provider.list(), codeOf(status), status);
          await expectFault(provider.get(known), codeOf(status), status);
          always(script.isChange, answer);
          for (const verb of can) {
            world.set(known, verb !== 'activate');
            await expectFault(provider[verb](known), codeOf(status), status);
            expect(world.get(known)).toBe(verb !== 'activate');
          }
        },
      );

      it.each(script.errors.filter(({ status }) => status === 404))(
        'maps $status ($shape) to "not found"',
        async ({ answer }) => {
          world.clear();
          always(script.isChange, answer);
          for (const verb of can) expect(await provider[verb](known)).toEqual({ kind: 'not_found' });
        },
      );

      it('is told by 429 when to come back, and waits a few seconds at most', async () => {
        first(1, script.isRead, () => ({ status: 429, headers: { 'retry-after': '2' } }));
        expect((await provider.list()).tokens).toHaveLength(2);
        expect(slept).toEqual([2100]);
        always(script.isRead, { status: 429, headers: { 'retry-after': '60' } });
        const call = provider.list();
        await expectFault(call, 'provider_rate_limited', 429);
        await expect(call).rejects.toMatchObject({ retryAfterSeconds: 60 });
        always(script.isChange, { status: 429, headers: { 'retry-after': '60' } });
        await expect(provider[anyVerb](known)).rejects.toMatchObject({
          code: 'provider_rate_limited',
          retryAfterSeconds: 60,
        });
        expect(changes()).toHaveLength(1);
      });

      it('gives up on 429 without Retry-After after a few attempts', async () => {
        always(script.isRead, { status: 429, json: {} });
        await expectFault(provider.list(), 'provider_rate_limited', 429);
        expect(reads().length).toBeLessThanOrEqual(6);
        expect(slept.every((milliseconds) => milliseconds > 0 && milliseconds <= 2000)).toBe(true);
      });
    });

    describe('finding and checking', () => {
      it('finds what a trusted sender names, exactly', async () => {
        expect(await provider.find({ form: 'named', tokenId: known })).toMatchObject([
          { grade: 'exact', token: { id: known } },
        ]);
        expect(await provider.find({ form: 'named', tokenId: missing })).toEqual([]);
      });

      it('finds nothing that was named for another provider or profile, and asks nobody', async () => {
        const elsewhere = PROVIDER_NAMES.find((name) => name !== script.name)!;
        expect(await provider.find({ form: 'named', provider: elsewhere, tokenId: known })).toEqual([]);
        expect(await provider.find({ form: 'named', profile: 'another', tokenId: known })).toEqual([]);
        expect(await provider.find({ form: 'hashed', fingerprint: fingerprint('x') })).toEqual([]);
        expect(server.requests).toEqual([]);
      });

      it('reads its own credential once, however many tokens it is asked about, and asks nobody', async () => {
        const [token = expect.fail('nothing listed')] = (await provider.list()).tokens;
        server.requests.length = 0;
        const exposed = vi.spyOn(Secret.prototype, 'expose');
        for (let time = 0; time < 200; time += 1) provider.worksWith(token);
        // Once for the credential, and once for each secret that is found in it.
        expect(exposed.mock.calls.length).toBeLessThan(10);
        exposed.mockRestore();
        expect(server.requests).toEqual([]);
      });

      it('pulls no lever that is none, and asks nobody', async () => {
        for (const id of [
          '',
          'deactivate-user:',
          'deactivate-user:..',
          'deactivate-user:us-1/../x',
          'drop-everything',
          'constructor:x',
        ]) {
          expect(await provider.pull(id)).toEqual({ kind: 'not_found' });
          expect(await provider.isPulled(id)).toBe(false);
        }
        expect(server.requests).toEqual([]);
      });

      it('checks the credential without changing anything', async () => {
        speak((request) => (script.isRead(request) ? { afterMs: 0, then: script.speak(request, world) } : undefined));
        expect(await provider.check()).toMatchObject({
          works: true,
          tokens: 2,
          can: expect.arrayContaining([expect.any(String)]),
        });
        expect(changes()).toEqual([]);
        expect([...world]).toEqual([
          [known, true],
          [other, true],
        ]);
      });

      it.each<[string, Answer]>([
        ['401', { status: 401, json: {} }],
        ['403', { status: 403, json: {} }],
        ['429', { status: 429 }],
        ['500', { status: 500 }],
        ['HTML', { status: 200, body: HTML }],
        ['a list that is none', { status: 200, json: 1 }],
        ['a reset connection', 'reset'],
      ])('tells in the check-up what to do about %s, and never throws', async (_, answer) => {
        always(() => true, answer);
        const checkup = await provider.check();
        expect(checkup).toMatchObject({ works: false, advice: [expect.stringMatching(/\.$/)] });
      });
    });
  });
}
