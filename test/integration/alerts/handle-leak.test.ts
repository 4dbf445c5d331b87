import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sendingOf } from '#shared/alerts/sending-of.ts';
import { pressCase } from '#shared/cases/press-case.ts';
import { afterChange, settle } from '#shared/cases/settle.ts';
import { authorise } from '#shared/tokens/authorise.ts';
import { countMuted } from '#shared/cases/count-muted.ts';
import { atWorkKey, clueNote } from '#shared/cases/case-keys.ts';
import { changeCase } from '#shared/cases/keep-case.ts';
import { matchWords } from '#shared/cases/match-words.ts';
import { changeToken } from '#shared/tokens/change-token.ts';
import { leakName } from '#shared/tokens/leaks-of.ts';
import { Fault, isFault } from '#shared/core/fault.ts';
import { Secret } from '#shared/core/secret.ts';
import { leakJobSchema } from '#shared/jobs/job.ts';
import { caseNext } from '#shared/slack/blocks/case-words.ts';
import { caseTroubleWords } from '#shared/slack/blocks/case-trouble-words.ts';
import { without } from '#shared/core/without.ts';
import { caseId as caseIdOf, tokenKey } from '#shared/store/case-id.ts';
import type { AuditEntry, Case, Store } from '#shared/store/store.ts';
import { noteDecision, rememberDecision } from '#shared/cases/remember-decision.ts';
import '#test/support/contain-no-secret.ts';
import { type LeakBench, slackDown, startLeakBench } from '#test/support/leak-bench.ts';
import { sentencesIn } from '#test/support/sentences-in.ts';
import { OPERATOR, VIEWER } from '#test/support/services.ts';
import type { Actor } from '#shared/core/vocabulary.ts';
import { langsmithKey } from '#test/support/leaks.ts';

let bench: LeakBench;
beforeAll(async () => {
  bench = await startLeakBench();
});
afterAll(() => bench.close());
afterEach(() => {
  bench.channel.trouble = undefined;
  for (const standIn of [bench.dfns, bench.langsmith, bench.github]) standIn.setFault({ mode: 'none' });
});

const anything = {
  source: '*',
  provider: '*',
  grade: '*',
  validity: '*',
  profile: '*',
  name: '*',
  kind: '*',
  detector: '*',
  repository: '*',
} as const;

let minted = 0;
/** Mints a token that nothing else was created in the same minutes with, unless asked to. */
const mint = (
  provider: 'dfns' | 'langsmith',
  name: string,
  createdAt = new Date(Date.UTC(2025, 0, 1, 0, 5 * (minted += 1))),
) => bench[provider].mint({ profile: `${provider}-demo`, name, createdAt: createdAt.toISOString() });
const stateOf = (provider: 'dfns' | 'langsmith', id: string) =>
  bench[provider].tokens().find((token) => token.id === id)?.state;
const leak = (secret: string, more: object = {}, options: object = {}) => {
  const [job] = bench.jobs([{ secret: new Secret(secret), ...more }], options);
  if (job === undefined) throw new Error('nothing to handle');
  return job;
};
/** The token of a login of the same user: nothing says which of that user's tokens is meant. */
const ofLogin = (secret: string): string => {
  const [header, claims = '', signature] = secret.split('.');
  const metadata = 'https://custom/app_metadata';
  const read = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, object>;
  const login = { ...read, [metadata]: { ...read[metadata], tokenKind: 'Login' } };
  return [header, Buffer.from(JSON.stringify(login)).toString('base64url'), signature].join('.');
};
const stored = async (id: string): Promise<Case> => {
  const kase = await bench.services.store.cases.get(id);
  if (kase === undefined) throw new Error('no such case');
  expect(sentencesIn(kase)).toEqual([]);
  return kase;
};
const cardsOf = (id: string) => bench.channel.cards.filter(({ kase }) => kase.id === id);
const thrown = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
};
/** The report that the newest search of this case, planned for at once, is to handle. */
const searchNow = async (id: string) => {
  const found = bench.planned.findLast(({ job }) => job.kind === 'search-again' && job.caseId === id);
  expect(found).toMatchObject({ delaySeconds: 0 });
  return found?.job.kind === 'search-again' ? bench.searchAgain.due(found.job) : undefined;
};
const mutationsOn = (provider: 'dfns' | 'langsmith', id: string) =>
  bench[provider].calls.filter(({ path, mutation, status }) => mutation && path.includes(id) && status < 300).length;

describe('a case that somebody has closed as not ours', () => {
  const close = async (id: string) =>
    changeCase(bench.services.store, { id, now: new Date() }, (kase) => ({
      ...kase,
      state: 'dismissed',
      dismissedBy: { teamId: 'T0SANDBOX01', userId: 'U0OPERATOR1' },
      generation: kase.generation + 1,
    }));

  it('opens again for a real leak that the rules want dead: only a drill was closed', async () => {
    const token = mint('dfns', 'drilled');
    const { caseId, state } = await bench.handle(leak(token.secret, { test: true }));
    expect(state).toBe('noted');
    await close(caseId);
    expect((await bench.handle(leak(token.secret, {}, { delivery: 'real' }))).state).toBe('dead');
    expect(stateOf('dfns', token.id)).toBe('inactive');
    expect((await stored(caseId)).dismissedBy).toBeUndefined();
  });

  it('stays closed for what was closed, and opens again for another secret that means the same token', async () => {
    const token = mint('langsmith', 'closed once');
    const job = leak(token.secret, {}, { isAccepted: false });
    const { caseId, state } = await bench.handle(job);
    expect(state).toBe('asking');
    await close(caseId);
    const again = leak(token.secret, {}, { isAccepted: false, delivery: 'again' });
    expect((await bench.handle(again)).state).toBe('dismissed');
    const { clue } = again.report;
    if (clue?.form !== 'langsmith') throw new Error('no such clue');
    const other = { ...clue, fingerprint: 'f0'.repeat(32) };
    const otherLeak = (key: string, more: object = {}) =>
      bench.handle({ ...again, deliveryKey: key, report: { ...again.report, key, clue: other, ...more } });
    expect((await otherLeak('a-drill', { test: true })).state).toBe('dismissed');
    await close(caseId);
    const fresh = { ...other, fingerprint: '0f'.repeat(32) };
    expect((await otherLeak('another', { clue: fresh })).state).toBe('asking');
    const kase = await stored(caseId);
    expect([kase.dismissedBy, kase.count]).toEqual([undefined, 4]);
    expect(stateOf('langsmith', token.id)).toBe('active');
  });

  it('stays closed for another drill, and for the job that was between two tries', async () => {
    const token = mint('dfns', 'between');
    const job = leak(token.secret);
    const { providers } = bench.services;
    const open = async (profile: string) => ({
      ...(await providers.open(profile)),
      deactivate: () => Promise.reject(new Fault('provider_unavailable', 'away')),
    });
    const failing = { ...bench.services, providers: { ...providers, open } };
    expect(isFault(await thrown(bench.handle(job, {}, failing)), 'provider_unavailable')).toBe(true);
    const { id } = bench.channel.cards.at(-1)?.kase ?? { id: '' };
    await close(id);
    expect((await bench.handle(job, { attempt: 2 })).state).toBe('dismissed');
    expect((await bench.handle(leak(token.secret, { test: true }, { delivery: 'drill-2' }))).state).toBe('dismissed');
    expect(stateOf('dfns', token.id)).toBe('active');
  });
});

describe('a case that somebody closes', () => {
  it.each(['dfns', 'langsmith'] as const)(
    'while a search has found its token at %s, and died, leaves no other one that goes on waiting',
    async (provider) => {
      const token = mint(provider, 'closed meanwhile');
      const store = bench.services.store;
      bench[provider].setFault({ mode: '401' });
      const { caseId } = await bench.handle(leak(token.secret, {}, { isAccepted: false }));
      bench[provider].setFault({ mode: 'none' });
      const search = bench.planned.findLast(({ job }) => job.kind === 'search-again' && job.caseId === caseId)?.job;
      if (search?.kind !== 'search-again') throw new Error('no search is planned');
      const due = async (attempt: number) => bench.searchAgain.due(without(search, 'at'), attempt);
      // It opens the case of the token, and dies before the earlier one goes on in it.
      let isOpen = false;
      const open: Store['cases']['open'] = async (...asked) => {
        const opened = await store.cases.open(...asked);
        isOpen = true;
        return opened;
      };
      const get: Store['cases']['get'] = async (id) => {
        if (isOpen) throw new Fault('store_unavailable', 'test: dies');
        return store.cases.get(id);
      };
      const dying = { ...bench.services, store: { ...store, cases: { ...store.cases, open, get } } };
      await thrown(bench.handle(await due(1), {}, dying));
      expect(isOpen).toBe(true);
      const own = caseIdOf(tokenKey({ profile: `${provider}-demo`, id: token.id }));
      expect((await stored(own)).state).toBe('received');
      const by = { teamId: 'T0SANDBOX01', userId: 'U0OPERATOR1' };
      await changeCase(store, { id: caseId, now: new Date() }, (kase) =>
        rememberDecision<Omit<Case, 'version'>>({
          ...kase,
          ...{ state: 'dismissed', dismissedBy: by, generation: kase.generation + 1 },
        }),
      );
      await noteDecision(store, await stored(caseId));
      await bench.handle(await due(2), { attempt: 2 });
      expect(await stored(own)).toMatchObject({ state: 'asking', reports: [{ source: 'generic' }] });
      expect(cardsOf(own).at(-1)?.kase.state).toBe('asking');
      expect((await stored(caseId)).state).toBe('dismissed');
      expect(stateOf(provider, token.id)).toBe('active');
    },
  );
});

describe('a leaked secret', () => {
  it.each(['dfns', 'langsmith'] as const)('of %s ends in a confirmed kill, told on one card', async (provider) => {
    const token = mint(provider, 'leaked');
    const { caseId, state, rule } = await bench.handle(leak(token.secret));
    expect({ state, rule }).toEqual({ state: 'dead', rule: 'proved' });
    expect(stateOf(provider, token.id)).toBe('inactive');
    expect(mutationsOn(provider, token.id)).toBe(1);
    const kase = await stored(caseId);
    expect(kase).toMatchObject({
      key: `token:${provider}-demo:${token.id}`,
      state: 'dead',
      verb: 'deactivate',
      count: 1,
      token: { id: token.id, state: 'inactive' },
      receipt: { verb: 'deactivate' },
    });
    const cards = cardsOf(caseId);
    expect(new Set(cards.map(({ ts }) => ts)).size).toBe(1);
    expect(cards.at(-1)?.kase.state).toBe('dead');
    expect({ cards, kase, lines: bench.channel.lines }).toContainNoSecret([token.secret]);
    expect(await bench.services.store.audit.query({ caseId, limit: 10 })).toMatchObject([
      { what: 'read', result: 'noted', actor: { source: 'generic' } },
      { what: 'deactivate', result: 'done', rule: 'proved' },
    ]);
  });

  it('that no profile knows is announced once as unmatched, and its repeat is counted', async () => {
    const secret = langsmithKey('pt');
    const first = await bench.handle(leak(secret, {}, { delivery: 'a' }));
    const second = await bench.handle(leak(secret, {}, { delivery: 'b' }));
    expect(first).toMatchObject({ state: 'unmatched' });
    expect(second.caseId).toBe(first.caseId);
    expect(await stored(first.caseId)).toMatchObject({ count: 2, state: 'unmatched' });
    expect(cardsOf(first.caseId).map(({ isEdit }) => isEdit)).toEqual([false, true]);
  });

  it('of no known form is told without its text', async () => {
    const [job] = bench.jobs([{ secret: new Secret('AKIAIOSFODNN7EXAMPLE'), detector: 'aws' }]);
    const { caseId, state } = await bench.handle(job);
    expect(state).toBe('unmatched');
    expect(await stored(caseId)).toContainNoSecret(['AKIAIOSFODNN7EXAMPLE']);
  });

  it('reported by three scanners at once is killed once, on one card', async () => {
    const token = mint('dfns', 'everywhere');
    const jobs = ['github', 'gitleaks', 'generic'].map((source) => leak(token.secret, {}, { source }));
    const handled = await Promise.all(jobs.map((job) => bench.handle(job)));
    expect(new Set(handled.map(({ caseId }) => caseId)).size).toBe(1);
    const caseId = handled[0]?.caseId ?? '';
    expect(await stored(caseId)).toMatchObject({ count: 3, state: 'dead' });
    expect(mutationsOn('dfns', token.id)).toBe(1);
    expect(new Set(cardsOf(caseId).map(({ ts }) => ts)).size).toBe(1);
    expect(cardsOf(caseId).at(-1)?.kase).toMatchObject({ count: 3, state: 'dead' });
  });

  it('is handled once however often the same job is delivered', async () => {
    const token = mint('langsmith', 'redelivered');
    const job = leak(token.secret);
    const first = await bench.handle(job);
    const calls = bench.langsmith.calls.length;
    const cards = bench.channel.cards.length;
    expect(await bench.handle(job, { attempt: 2 })).toEqual({ ...first, replayed: true });
    expect(bench.langsmith.calls).toHaveLength(calls);
    expect(bench.channel.cards).toHaveLength(cards);
  });

  it('is read afresh when its sender sends the very same again, later', async () => {
    const token = mint('langsmith', 'sent again later');
    const job = leak(token.secret, {}, { source: 'github-partner' });
    if (job.kind !== 'report') throw new Error('no report');
    const { caseId } = await bench.handle(job);
    const provider = await bench.services.providers.open('langsmith-demo');
    const later = (minutes: number) => ({
      ...job,
      receivedAt: new Date(Date.parse(job.receivedAt) + minutes * 60_000).toISOString(),
    });
    // Dead as ever: nothing is told or changed.
    expect(await bench.handle(later(11))).toMatchObject({ caseId, state: 'dead', replayed: false });
    await provider.activate(token.id);
    expect(await bench.handle(later(9))).toMatchObject({ state: 'dead', replayed: true });
    expect(await bench.handle(later(21))).toMatchObject({ caseId, state: 'asking', rule: 'floor:came-before' });
    expect(await bench.handle(later(22))).toMatchObject({ state: 'asking', replayed: true });
    expect(bench.channel.cards.at(-1)?.kase).toMatchObject({ id: caseId, state: 'asking', count: 3 });
    expect(mutationsOn('langsmith', token.id)).toBe(2);
  });

  it('of a token that is dead already is told as such, and nothing is changed', async () => {
    const token = mint('langsmith', 'already dead');
    const provider = await bench.services.providers.open('langsmith-demo');
    await provider.deactivate(token.id);
    const { caseId, state } = await bench.handle(leak(token.secret));
    expect(state).toBe('dead');
    expect(mutationsOn('langsmith', token.id)).toBe(1);
    expect(await stored(caseId)).toMatchObject({
      already: true,
      receipt: { read: 'inactive' },
    });
  });

  it('only asks where the match is a guess, and changes nothing', async () => {
    const second = new Date(Date.UTC(2024, 0, 1));
    const twins = [mint('dfns', 'twin', second), mint('dfns', 'twin', second)];
    const { caseId, state } = await bench.handle(leak(twins[0]?.secret ?? ''));
    expect(state).toBe('asking');
    const kase = await stored(caseId);
    expect(kase.token).toBeUndefined();
    expect(kase.candidates?.length).toBeGreaterThan(1);
    expect(twins.map(({ id }) => stateOf('dfns', id))).toEqual(['active', 'active']);
  });

  it('in a test message is told and never acted on, and the real leak after it is', async () => {
    const token = mint('dfns', 'drill');
    const drill = await bench.handle(leak(token.secret, { test: true }));
    expect(drill).toMatchObject({ state: 'noted' });
    expect(stateOf('dfns', token.id)).toBe('active');
    expect(bench.channel.owners.some(({ id }) => id === drill.caseId)).toBe(false);
    const real = await bench.handle(leak(token.secret, {}, { delivery: 'real' }));
    expect(real).toMatchObject({ caseId: drill.caseId, state: 'dead' });
    expect(bench.channel.owners.filter(({ id }) => id === drill.caseId)).toHaveLength(1);
  });

  it('named by its id by a trusted sender is exact, and a person decides', async () => {
    const token = mint('langsmith', 'named');
    const [job] = bench.jobs([{ tokenId: token.id, provider: 'langsmith' }]);
    const { caseId, state } = await bench.handle(job);
    expect(state).toBe('asking');
    expect(await stored(caseId)).toMatchObject({ grade: 'exact' });
  });

  it.each(['dfns', 'langsmith'] as const)('of %s that nobody has tried only resembles, and asks', async (provider) => {
    const token = mint(provider, 'untried');
    const { state, rule } = await bench.handle(leak(token.secret, {}, { isAccepted: false }));
    expect({ state, rule }).toEqual({ state: 'asking', rule: 'resembles' });
    expect(stateOf(provider, token.id)).toBe('active');
  });

  it.each(['dfns', 'langsmith'] as const)(
    'of %s that its issuer refuses never acts while the token works',
    async (provider) => {
      const token = mint(provider, 'forged');
      const job = leak(token.secret, {}, { isAccepted: false });
      const validity = { validity: 'invalid', by: 'issuer', checkedAt: new Date().toISOString() } as const;
      const deactivate = bench.withPolicy((policy) => {
        policy.alerts.rules = [{ name: 'always', when: anything, then: 'deactivate' }];
      });
      const { caseId, state, rule } = await bench.handle(
        { ...job, report: { ...job.report, validity } },
        {},
        deactivate,
      );
      expect({ state, rule }).toEqual({ state: 'asking', rule: 'floor:contradiction' });
      expect((await stored(caseId)).because?.[0]).toEqual({ kind: 'refused_by_issuer' });
      expect(stateOf(provider, token.id)).toBe('active');
    },
  );

  it('among tokens that the issuer did not name is not its own, whatever it spells', async () => {
    const [mine, victim] = [mint('langsmith', 'mine'), mint('langsmith', 'victim')];
    const job = leak(victim.secret);
    const validity = {
      validity: 'valid',
      by: 'issuer',
      checkedAt: new Date().toISOString(),
      tokenIds: [mine.id],
    } as const;
    await bench.handle({
      ...job,
      report: { ...job.report, validity: { ...validity, tokenIds: [...validity.tokenIds] } },
    });
    expect(stateOf('langsmith', victim.id)).toBe('active');
  });

  it.each(['dfns', 'langsmith'] as const)(
    'of %s that is gone and still accepted asks about the only token that is left to name',
    async (provider) => {
      const [gone, kept] = [mint(provider, 'gone'), mint(provider, 'made in its place')];
      const validity = {
        validity: 'valid',
        by: 'issuer',
        checkedAt: new Date().toISOString(),
        tokenIds: [kept.id],
        acceptedBy: [bench[provider].url],
      } as const;
      await (await bench.services.providers.open(`${provider}-demo`)).delete(gone.id);
      const { tokenIds, acceptedBy } = validity;
      const job = leak(gone.secret);
      const { caseId, state } = await bench.handle({
        ...job,
        report: { ...job.report, validity: { ...validity, tokenIds: [...tokenIds], acceptedBy: [...acceptedBy] } },
      });
      expect([state, stateOf(provider, kept.id)]).toEqual(['asking', 'active']);
      expect(await stored(caseId)).toMatchObject({
        grade: 'weak',
        candidates: [{ token: { id: kept.id }, because: [{ kind: 'named_but_another' }] }],
        validity: { validity: 'valid', by: 'issuer' },
      });
      // What its issuer accepts nobody has made up, and the other token is gone.
      expect(matchWords((await stored(caseId)).because ?? [])).toMatch(
        /^Its issuer accepted .* named this token alone, but .* another token's, which may be gone already\.$/,
      );
      expect(stateOf(provider, gone.id)).not.toBe('active');
    },
  );

  it('reported by a person acts as far as that person may, in their name', async () => {
    const [first, second] = [mint('langsmith', 'seen by a viewer'), mint('langsmith', 'seen by an operator')];
    const by = (secret: string, reporter: Actor, pasted = 1) => {
      const job = leak(secret, {}, { source: 'slack' });
      return bench.handle({ ...job, report: { ...job.report, reporter, pasted } });
    };
    const asked = await by(first.secret, VIEWER);
    expect(asked).toMatchObject({ state: 'asking', rule: 'floor:reporter' });
    expect(stateOf('langsmith', first.id)).toBe('active');
    expect((await stored(asked.caseId)).reports).toMatchObject([{ reporter: { userId: VIEWER.userId } }]);

    const killed = await by(second.secret, OPERATOR);
    expect(killed.state).toBe('dead');
    expect(await stored(killed.caseId)).toMatchObject({ changedBy: { userId: OPERATOR.userId } });
    const record = await bench.services.store.audit.query({ actorUserId: OPERATOR.userId, limit: 10 });
    expect(record.map(({ what }) => what).sort()).toEqual(expect.arrayContaining(['deactivate', 'read']));

    // As many as the policy wants a second person for.
    const third = mint('langsmith', 'one of many');
    expect(await by(third.secret, OPERATOR, 40)).toMatchObject({ state: 'asking', rule: 'floor:approval' });
    expect(stateOf('langsmith', third.id)).toBe('active');
  });

  it('known by its hash alone is matched with a watched secret, and so proved', async () => {
    const token = mint('langsmith', 'watched');
    bench.watched.push(JSON.stringify({ apiKey: token.secret }));
    const { hmslHash } = await import('#shared/alerts/watched.ts');
    const [job] = bench.jobs([{ hmsl: await hmslHash(token.secret) }], { source: 'gitguardian' });
    const { caseId, state } = await bench.handle(job);
    expect(state).toBe('dead');
    expect(await stored(caseId)).toMatchObject({ grade: 'proved', token: { id: token.id } });
  });

  it('by a hash that nobody watches is unmatched', async () => {
    const [job] = bench.jobs([{ hmsl: 'ab'.repeat(32) }], { source: 'gitguardian' });
    expect(await bench.handle(job)).toMatchObject({ state: 'unmatched' });
  });
});

describe('the brake', () => {
  it('lets as many kills through as the policy says, and asks about the others', async () => {
    const braked = bench.withPolicy((policy) => {
      policy.alerts.brake = { kills: 2, minutes: 10 };
      policy.profiles = { 'langsmith-brake': policy.profiles['langsmith-demo']! };
      policy.protected = [];
      bench.secrets.put(
        'patrol/test/profiles/langsmith-brake',
        JSON.stringify(bench.langsmith.profileSecret('langsmith-demo')),
      );
    });
    const tokens = Array.from({ length: 5 }, (_, index) => mint('langsmith', `storm ${index}`));
    const handled = await Promise.all(tokens.map(({ secret }) => bench.handle(leak(secret), {}, braked)));
    expect(handled.filter(({ state }) => state === 'dead')).toHaveLength(2);
    expect(handled.filter(({ rule }) => rule === 'floor:brake')).toHaveLength(3);
    expect(tokens.filter(({ id }) => stateOf('langsmith', id) === 'active')).toHaveLength(3);
    // The same leak again takes nothing more, and gets no more either.
    expect(await bench.handle(leak(tokens[4]!.secret, {}, { delivery: 'again' }), {}, braked)).toBeDefined();
    expect(tokens.filter(({ id }) => stateOf('langsmith', id) === 'active')).toHaveLength(3);
  });
});

describe('a decision of a person', () => {
  it('is remembered: after Undo the same secret asks and never acts, and another one is news', async () => {
    const token = mint('langsmith', 'brought back');
    const { caseId } = await bench.handle(leak(token.secret));
    const provider = await bench.services.providers.open('langsmith-demo');
    await provider.activate(token.id);
    await bench.services.store.cases.change(caseId, (kase) =>
      rememberDecision({ ...kase, state: 'restored' as const }),
    );
    const again = await bench.handle(leak(token.secret, {}, { delivery: 'later' }));
    expect(again).toMatchObject({ state: 'asking', rule: 'floor:person-decided' });
    expect(stateOf('langsmith', token.id)).toBe('active');
  });

  it('is known to the next report, where its provider had not brought the token back yet when it was read', async () => {
    const token = mint('langsmith', 'brought back slowly');
    const { caseId } = await bench.handle(leak(token.secret));
    const { providers, store } = bench.services;
    const provider = await providers.open('langsmith-demo');
    // Taken, and not done: what is asked for now is done only later.
    const slow = { ...provider, activate: async () => ({ kind: 'done', answer: { status: 200 } }) as const };
    const services = { ...bench.services, providers: { ...providers, open: async () => slow }, sleep: async () => {} };
    const ref = { profile: 'langsmith-demo', id: token.id, name: token.name };
    const requestedAt = new Date().toISOString();
    const asks = { verb: 'activate', tokens: [ref], requester: OPERATOR, requestedAt, keepGoing: false } as const;
    const order = { ...asks, leaks: [leakName((await store.cases.get(caseId))!)] };
    const warrant = { rule: 'role:operator', approvedBy: [] };
    const { value: asked } = await store.remember('a slow return', (journal) =>
      changeToken(services, { journal }, { order, warrant, ref }),
    );
    expect(asked.kind).toBe('unconfirmed');
    await provider.activate(token.id);
    const again = await bench.handle(leak(token.secret, {}, { delivery: 'after it was back' }));
    expect(again).toMatchObject({ caseId, state: 'asking', rule: 'floor:person-decided' });
    expect(stateOf('langsmith', token.id)).toBe('active');
    const record = await store.audit.query({ token: ref, limit: 50 });
    expect(record.filter(({ what }) => what === 'activate').map(({ result }) => result)).toEqual(['done', 'failed']);
  });
});

describe('policy', () => {
  it.each([
    ['ask', 'asking'],
    ['notify', 'noted'],
    ['shadow', 'shadowed'],
  ] as const)('that says %s leaves the token alone and the case %s', async (then, state) => {
    const token = mint('dfns', `policy ${then}`);
    const services = bench.withPolicy((policy) => {
      policy.alerts.rules = [{ name: 'only', when: anything, then }];
    });
    const { caseId, ...handled } = await bench.handle(leak(token.secret), {}, services);
    expect(handled).toMatchObject({ state, rule: 'only' });
    expect(stateOf('dfns', token.id)).toBe('active');
    expect(cardsOf(caseId).at(-1)?.kase.state).toBe(state);
  });
  it('protects what it names, and the case says why', async () => {
    const token = mint('dfns', 'break-glass-leaked');
    const { caseId, state } = await bench.handle(leak(token.secret));
    expect(state).toBe('not_revoked');
    expect(caseTroubleWords(await stored(caseId))).toMatch(/refused: emergency access/);
    expect(stateOf('dfns', token.id)).toBe('active');
  });

  it('lets telling only never cover up an open question', async () => {
    const token = mint('dfns', 'asked first');
    const ask = bench.withPolicy((policy) => {
      policy.alerts.rules = [{ name: 'ask', when: anything, then: 'ask' }];
    });
    const notify = bench.withPolicy((policy) => {
      policy.alerts.rules = [{ name: 'tell', when: anything, then: 'notify' }];
    });
    await bench.handle(leak(token.secret, {}, { delivery: 'a' }), {}, ask);
    expect(await bench.handle(leak(token.secret, {}, { delivery: 'b' }), {}, notify)).toMatchObject({
      state: 'asking',
    });
  });
});

describe('a server that cannot deactivate', () => {
  it('leads to a question, never to a delete', async () => {
    const token = mint('langsmith', 'old server');
    bench.langsmith.setFault({ mode: 'no-revocation' });
    const { caseId, state } = await bench.handle(leak(token.secret));
    expect(state).toBe('asking');
    expect(caseTroubleWords(await stored(caseId))).toMatch(/cannot be undone/);
    bench.langsmith.setFault({ mode: 'none' });
    expect(stateOf('langsmith', token.id)).toBe('active');
  });

  it('that answers 202 is waited for, and the case says so', async () => {
    const token = mint('dfns', 'four eyes at the provider');
    bench.dfns.setFault({ mode: '202' });
    expect(await bench.handle(leak(token.secret))).toMatchObject({ state: 'waiting' });
  });
});

describe('a thin GitHub alert', () => {
  const alert = (number: number, repository = 'acme/payments') =>
    bench.jobs([{ locator: { kind: 'github', repository, number }, where: { repository } }], { source: 'github' })[0];

  const closeAlert = async (number: number) => {
    const closing = await fetch(`${bench.github.url}/repos/acme/payments/secret-scanning/alerts/${number}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${bench.github.token}` },
      body: JSON.stringify({ state: 'resolved', resolution: 'used_in_tests' }),
    });
    expect(closing.status).toBe(200);
  };

  it('is fetched, killed and closed as revoked with the receipt, once', async () => {
    const token = mint('dfns', 'on github');
    bench.github.setAlert({ repository: 'acme/payments', number: 11, secret: token.secret, secret_type: 'dfns' });
    const { caseId, state } = await bench.handle(alert(11));
    expect(state).toBe('dead');
    const closed = bench.github.alerts().find(({ number }) => number === 11);
    expect(closed).toMatchObject({ state: 'resolved', resolution: 'revoked' });
    // What it was by is not known: the token may have been dead before the alert came.
    expect(closed?.resolution_comment).toContain(`Deactivated; Patrol (${caseId}) confirmed it`);
    expect(closed?.resolution_comment?.length).toBeLessThanOrEqual(280);
    await bench.answerBack(caseId);
    expect(bench.github.calls.filter(({ method }) => method === 'PATCH')).toHaveLength(1);
    expect((await stored(caseId)).answers).toMatchObject([{ source: 'github', ref: 'acme/payments#11' }]);
  });

  it('that GitHub does not show us is told, and not tried again', async () => {
    const { caseId, state } = await bench.handle(alert(404));
    expect(state).toBe('unsearched');
    expect(caseTroubleWords(await stored(caseId))).toMatch(/does not show us this alert/);
    expect(bench.planned.filter(({ job }) => job.kind === 'search-again' && job.caseId === caseId)).toEqual([]);
  });

  it('fetches the secret although the detector’s name tells the provider already', async () => {
    const token = mint('langsmith', 'named by its detector');
    const locator = { kind: 'github', repository: 'acme/payments', number: 15 } as const;
    bench.github.setAlert({ repository: 'acme/payments', number: 15, secret: token.secret, secret_type: 'x' });
    const [job] = bench.jobs([{ locator, detector: 'LangSmith Personal Access Token' }], { source: 'github' });
    expect(await bench.handle(job)).toMatchObject({ state: 'dead' });
  });

  it('says NOT revoked while GitHub is down, and goes on on the same card when it is back', async () => {
    const token = mint('langsmith', 'github was down');
    bench.github.setAlert({ repository: 'acme/payments', number: 12, secret: token.secret, secret_type: 'x' });
    bench.github.setFault({ mode: '500' });
    const job = alert(12);
    const error = await thrown(bench.handle(job));
    expect(isFault(error, 'provider_unavailable')).toBe(true);
    const card = bench.channel.cards.at(-1);
    expect(card?.kase).toMatchObject({ state: 'unsearched' });
    expect(card && caseTroubleWords(card.kase)).toMatch(/\(GitHub, HTTP 500\).*Trying again by itself/);
    bench.github.setFault({ mode: 'none' });
    const { caseId, state } = await bench.handle(job, { attempt: 2 });
    expect(state).toBe('dead');
    expect(cardsOf(caseId).at(-1)).toMatchObject({ ts: card?.ts, isEdit: true });
    expect(await stored(card?.kase.id ?? '')).toMatchObject({ state: 'dismissed' });
  });

  it('is found by its place alone while its token is not: whoever announces that it was given up knows no more', async () => {
    const token = mint('dfns', 'found by its place');
    bench.github.setAlert({ repository: 'acme/payments', number: 41, secret: token.secret, secret_type: 'x' });
    const job = alert(41);
    bench.dfns.setFault({ mode: 'down' });
    await thrown(bench.handle(job));
    const { kase } = bench.channel.cards.at(-1) ?? {};
    expect(await bench.services.store.notes.get(clueNote(job!.report)!)).toBe(kase?.key);
  });

  it('goes on on the same card where its secret is nobody’s, once GitHub is back', async () => {
    const secret = langsmithKey();
    bench.github.setAlert({ repository: 'acme/payments', number: 14, secret, secret_type: 'x' });
    bench.github.setFault({ mode: '500' });
    const job = alert(14);
    await thrown(bench.handle(job));
    const card = bench.channel.cards.at(-1);
    bench.github.setFault({ mode: 'none' });
    const { caseId, state } = await bench.handle(job, { attempt: 2 });
    expect(state).toBe('unmatched');
    expect(cardsOf(caseId).at(-1)).toMatchObject({ ts: card?.ts, isEdit: true });
    expect(await stored(card?.kase.id ?? '')).toMatchObject({ state: 'dismissed', mergedInto: caseId });
  });

  it.each(['500', '401'] as const)('that died at its case comes to its end while GitHub says %s', async (mode) => {
    const number = mode === '500' ? 16 : 17;
    const token = mint('langsmith', `begun before ${mode}`);
    bench.github.setAlert({ repository: 'acme/payments', number, secret: token.secret, secret_type: 'x' });
    const { store } = bench.services;
    const deaf = new Fault('store_unavailable', 'test: the table does not answer');
    const open = async (...given: Parameters<typeof store.cases.open>) =>
      store.cases.open(...given).then(() => Promise.reject(deaf));
    const services = { ...bench.services, store: { ...store, cases: { ...store.cases, open } } };
    await thrown(bench.handle(alert(number), {}, services));
    expect(stateOf('langsmith', token.id)).toBe('active');
    bench.github.setFault({ mode });
    // What it makes of the alert itself is for the telling, which may fail.
    await bench.handle(alert(number), { attempt: 2 }).catch(() => undefined);
    bench.github.setFault({ mode: 'none' });
    expect(stateOf('langsmith', token.id)).toBe('inactive');
    const kase = (await store.cases.list({ limit: 50 })).find((one) => one.token?.id === token.id);
    expect(kase?.state).toBe('dead');
  });

  it('is closed when the token turns out to be dead by another report', async () => {
    const token = mint('dfns', 'killed before');
    const { caseId } = await bench.handle(leak(token.secret));
    bench.github.setAlert({ repository: 'acme/payments', number: 13, secret: token.secret, secret_type: 'x' });
    expect(await bench.handle(alert(13))).toMatchObject({ caseId, state: 'dead' });
    expect(bench.github.alerts().find(({ number }) => number === 13)).toMatchObject({ state: 'resolved' });
  });

  it('is counted once for each place, also where the first one is told twice', async () => {
    const token = mint('dfns', 'in three places');
    const repository = 'acme/payments';
    bench.github.setAlert({ repository, number: 96, secret: token.secret, secret_type: 'x' });
    const place = (path: string, commit: string) =>
      bench.jobs(
        [{ locator: { kind: 'github', repository, number: 96 }, where: { repository, path, commit }, isPlace: true }],
        { source: 'github', delivery: path },
      )[0];
    const { caseId } = await bench.handle(alert(96));
    // GitHub tells the first place with the alert and once more by itself.
    await bench.handle(place('scripts/run.sh', '3f786850e387550fdab836ed7e6dc881de23001b'));
    await bench.handle(place('old/.env', 'c0ffee'));
    await bench.handle(place('backup/.env', 'c0ffee'));
    const kase = await stored(caseId);
    expect(kase).toMatchObject({ state: 'dead', count: 3 });
    expect(kase?.reports.map(({ where }) => where?.path)).toEqual(['scripts/run.sh', 'old/.env', 'backup/.env']);
  });

  it('that is closed already asks, since its message may be an old one', async () => {
    const token = mint('dfns', 'closed by somebody');
    bench.github.setAlert({ repository: 'acme/payments', number: 95, secret: token.secret, secret_type: 'x' });
    await closeAlert(95);
    expect(await bench.handle(alert(95))).toMatchObject({ state: 'asking', rule: 'floor:alert-closed' });
    expect(stateOf('dfns', token.id)).toBe('active');
  });

  it('whose closing GitHub refuses for good is not asked again', async () => {
    const token = mint('dfns', 'no right to close');
    const { caseId } = await bench.handle(leak(token.secret));
    const answers = [{ source: 'github', ref: 'acme/payments#14' }];
    await bench.services.store.cases.change(caseId, (kase) => ({ ...kase, answers }));
    bench.github.setFault({ mode: '401' });
    expect(isFault(await thrown(bench.answerBack(caseId)), 'provider_unauthorized')).toBe(true);
    const before = bench.github.calls.length;
    await bench.answerBack(caseId);
    expect(bench.github.calls).toHaveLength(before);
  });

  it('is not closed when its own secret is another than the one that is dead', async () => {
    const token = mint('dfns', 'another alert');
    const { caseId } = await bench.handle(leak(token.secret));
    bench.github.setAlert({
      repository: 'acme/payments',
      number: 16,
      secret: 'AKIAIOSFODNN7EXAMPLE',
      secret_type: 'aws',
    });
    bench.github.setAlert({
      repository: 'acme/payments',
      number: 17,
      secret: mint('dfns', 'lives').secret,
      secret_type: 'x',
    });
    const answers = [16, 17].map((number) => ({ source: 'github', ref: `acme/payments#${number}` }));
    await bench.services.store.cases.change(caseId, (kase) => ({ ...kase, answers }));
    await bench.answerBack(caseId);
    const states = bench.github.alerts().filter(({ number }) => number === 16 || number === 17);
    expect(states.map(({ state }) => state)).toEqual(['open', 'open']);
  });

  it('whose secret holds several tokens has each looked for, as often as it comes', async () => {
    const tokens = ['first of three', 'second of three', 'third of three'].map((name) => mint('langsmith', name));
    const states = () => tokens.map(({ id }) => stateOf('langsmith', id));
    const secret = tokens.map((token) => token.secret).join(' ');
    bench.github.setAlert({ repository: 'acme/payments', number: 21, secret, secret_type: 'acme_env' });
    const before = bench.planned.length;
    const job = alert(21);
    await bench.handle(job);
    expect(states()).toEqual(['inactive', 'active', 'active']);
    const others = bench.planned.slice(before).flatMap((one) => (one.job.kind === 'report' ? [one.job] : []));
    expect(others.map(({ deliveryKey, report }) => [deliveryKey, report.key, report.locator])).toEqual(
      [1, 2].map((index) => [`${job!.deliveryKey}+${index}`, `${job!.report.key}+${index}`, undefined]),
    );
    for (const other of others) {
      expect(leakJobSchema.parse(other)).toEqual(other);
      expect(await bench.handle(other)).toMatchObject({ state: 'dead' });
    }
    expect(states()).toEqual(['inactive', 'inactive', 'inactive']);
    // The queue brings it again: nothing of it is done twice.
    for (const again of [job, ...others]) expect(await bench.handle(again)).toMatchObject({ replayed: true });
    expect(bench.github.alerts().find(({ number }) => number === 21)).toMatchObject({ state: 'open' });
    // Of one that is closed the message may be an old one.
    bench.github.setAlert({ repository: 'acme/payments', number: 22, secret, secret_type: 'acme_env' });
    await closeAlert(22);
    const then = bench.planned.filter(({ job: { kind } }) => kind === 'report').length;
    await bench.handle(alert(22));
    expect(bench.planned.filter(({ job: { kind } }) => kind === 'report')).toHaveLength(then);
  });

  it('is not closed for a token that somebody picked among those that it resembles', async () => {
    const token = mint('dfns', 'picked by a person');
    const secret = ofLogin(token.secret);
    bench.github.setAlert({ repository: 'acme/payments', number: 19, secret, secret_type: 'x' });
    const { caseId, state } = await bench.handle(alert(19));
    expect(state).toBe('asking');
    const { services } = bench;
    const authority = await authorise(services, OPERATOR, true);
    const { value: outcome } = await services.store.remember('picked by a person', (journal) => {
      const attempt = { journal, requestedAt: new Date().toISOString(), progress: async () => {} };
      const press = { case: caseId, act: 'deactivate', token: `dfns-demo:${token.id}` } as const;
      return pressCase({ services, authority, attempt }, async () => {}, press);
    });
    await settle(services, outcome, { from: caseId, by: OPERATOR });
    const { mergedInto = '' } = await stored(caseId);
    await bench.answerBack(mergedInto);
    expect([(await stored(mergedInto)).state, stateOf('dfns', token.id)]).toEqual(['dead', 'inactive']);
    expect(bench.github.alerts().find(({ number }) => number === 19)).toMatchObject({ state: 'open' });
  });

  it('is not closed for a token that worked while its issuer refused the secret', async () => {
    const token = mint('dfns', 'works while refused');
    bench.github.setAlert({ repository: 'acme/payments', number: 20, secret: token.secret, secret_type: 'x' });
    const { caseId } = await bench.handle(leak(token.secret));
    const answers = [{ source: 'github', ref: 'acme/payments#20' }];
    const because = [{ kind: 'refused_by_issuer' }] as const;
    await bench.services.store.cases.change(caseId, (kase) => ({ ...kase, grade: 'strong', because, answers }));
    await bench.answerBack(caseId);
    expect(bench.github.alerts().find(({ number }) => number === 20)).toMatchObject({ state: 'open' });
  });

  it('of a repository that the policy does not name is told, and neither fetched nor closed', async () => {
    const services = bench.withPolicy((policy) => {
      policy.alerts.repositories = ['acme/*'];
    });
    const token = mint('dfns', 'unlisted repository');
    bench.github.setAlert({ repository: 'other/payments', number: 18, secret: token.secret, secret_type: 'x' });
    const before = bench.github.calls.length;
    const { caseId, state } = await bench.handle(alert(18, 'other/payments'), {}, services);
    expect(state).toBe('unsearched');
    expect(caseTroubleWords(await stored(caseId))).toMatch(/policy does not name this repository/);
    expect(bench.github.calls).toHaveLength(before);
  });
});

describe('trouble', () => {
  it.each([
    ['dfns', 'down', 'provider_unavailable'],
    ['langsmith', '429', 'provider_rate_limited'],
    ['langsmith', '500', 'provider_unavailable'],
    ['dfns', 'html', 'provider_unavailable'],
  ] as const)(
    'of %s (%s) is told as NOT revoked, retried, and the kill happens when it is over',
    async (provider, mode, code) => {
      const token = mint(provider, `trouble ${mode}`);
      bench[provider].setFault({ mode });
      const job = leak(token.secret);
      expect(isFault(await thrown(bench.handle(job)), code)).toBe(true);
      const { kase } = bench.channel.cards.at(-1) ?? {};
      expect(kase).toMatchObject({ state: 'unsearched' });
      expect(kase && caseTroubleWords(kase)).toMatch(/Trying again by itself/);
      await thrown(bench.handle(job, { attempt: 2, isLast: true }));
      expect(caseTroubleWords(bench.channel.cards.at(-1)?.kase as Case)).toMatch(/2 tries failed\.$/);
      bench[provider].setFault({ mode: 'none' });
      // A redelivery of something that failed is processed.
      expect(await bench.handle(job, { attempt: 1 })).toMatchObject({ state: 'dead' });
      expect(mutationsOn(provider, token.id)).toBe(1);
    },
  );

  it('that is the last of a report leaves no token waiting for its kill, unless somebody else is at work on it', async () => {
    const token = mint('dfns', 'begun and given up');
    const job = leak(token.secret);
    const { caseId } = await bench.handle(job);
    const begun = () =>
      bench.services.store.cases.change(caseId, (kase) => ({
        ...kase,
        state: 'acting',
        generation: kase.generation + 1,
      }));
    const again = leak(token.secret, {}, { delivery: 'given up' });
    bench.dfns.setFault({ mode: 'down' });
    await begun();
    await thrown(bench.handle(again, { attempt: 1 }));
    expect((await stored(caseId)).state).toBe('acting');
    await bench.services.store.hold(atWorkKey(caseId), () => thrown(bench.handle(again, { attempt: 2, isLast: true })));
    expect((await stored(caseId)).state).toBe('acting');
    await thrown(bench.handle(again, { attempt: 3, isLast: true }));
    expect(await stored(caseId)).toMatchObject({
      state: 'not_revoked',
      troubles: [{ kind: 'failed', next: 'given_up' }],
    });
    expect(bench.channel.cards.at(-1)?.kase).toMatchObject({ id: caseId, state: 'not_revoked' });
  });

  it('of a message that came a month ago and is forgotten: it asks, and a retry of a new one acts', async () => {
    const [old, fresh] = [mint('langsmith', 'sent again'), mint('langsmith', 'sent today')];
    const [job, today] = [leak(old.secret), leak(fresh.secret)];
    if (job.kind !== 'report' || today.kind !== 'report') throw new Error('no report');
    const monthAgo = new Date(Date.parse(job.receivedAt) - 31 * 86_400_000).toISOString();
    const { notes } = bench.services.store;
    const { number, note } = await sendingOf(notes, { ...job, receivedAt: monthAgo });
    expect(number).toBe(0);
    await notes.put(...note!);
    expect(await bench.handle(job)).toMatchObject({ state: 'asking', rule: 'floor:came-before' });
    expect(await sendingOf(notes, today)).toMatchObject({ number: 0 });
    expect(await bench.handle(today)).toMatchObject({ state: 'dead' });
  });

  it('of a report whose work held the loop is on its card, and nothing is tried again', async () => {
    const token = mint('langsmith', 'held the loop');
    const error = await thrown(bench.handle(leak(token.secret), { attempt: 3, heldLoop: true }));
    expect(error).toMatchObject({ code: 'work_too_long', isRetryable: false });
    const { kase } = bench.channel.cards.at(-1) ?? {};
    expect(kase).toMatchObject({ state: 'unsearched' });
    expect(kase && caseTroubleWords(kase)).toMatch(/was stopped\. That has to be mended first/);
    expect(mutationsOn('langsmith', token.id)).toBe(0);
  });

  it('of one report, while another finds the token, leaves no card that says less', async () => {
    const token = mint('langsmith', 'found by another');
    bench.langsmith.setFault({ mode: '500' });
    const unlucky = leak(token.secret, {}, { delivery: 'unlucky' });
    await thrown(bench.handle(unlucky));
    const first = bench.channel.cards.at(-1)?.ts;
    bench.langsmith.setFault({ mode: 'none' });
    const [named] = bench.jobs([{ tokenId: token.id, provider: 'langsmith' }]);
    const lucky = await bench.handle(named);
    expect(await bench.handle(unlucky, { attempt: 2 })).toMatchObject({ caseId: lucky.caseId, state: 'dead' });
    const last = bench.channel.cards.findLast(({ ts }) => ts === first);
    expect(last?.kase).toMatchObject({ state: 'dismissed', mergedInto: lucky.caseId });
    expect(cardsOf(lucky.caseId).at(-1)?.kase.state).toBe('dead');
  });

  it('of a report that died when it had opened the case of a token that is gone since: that case goes on, on one card', async () => {
    const token = mint('langsmith', 'gone before the second try');
    const job = leak(token.secret, {}, { delivery: 'died early' });
    const { store } = bench.services;
    const deaf = new Fault('store_unavailable', 'test: the table does not answer');
    const services = {
      ...bench.services,
      store: {
        ...store,
        cases: {
          ...store.cases,
          open: async (...given: Parameters<typeof store.cases.open>) =>
            store.cases.open(...given).then(() => Promise.reject(deaf)),
        },
      },
    };
    await thrown(bench.handle(job, {}, services));
    const tokenCase = (await store.cases.list({ limit: 50 })).find((kase) => kase.token?.id === token.id);
    expect(tokenCase).toMatchObject({ state: 'received' });
    await (await bench.services.providers.open('langsmith-demo')).delete(token.id);
    const { caseId, state } = await bench.handle(job, { attempt: 2 });
    expect([caseId, state]).toEqual([tokenCase?.id, expect.not.stringMatching('received')]);
    expect(cardsOf(caseId)).not.toEqual([]);
  });

  it('of a report that died right after its kill is on record, also where the token is gone since', async () => {
    const token = mint('langsmith', 'killed, and gone');
    const job = leak(token.secret, {}, { delivery: 'died after its kill' });
    const { store } = bench.services;
    let isDeaf = false;
    const deaf = (): never => {
      throw new Fault('store_unavailable', 'test: the table does not answer');
    };
    const services = {
      ...bench.services,
      store: {
        ...store,
        audit: {
          ...store.audit,
          append: async (entry: AuditEntry) => (isDeaf ? deaf() : store.audit.append(entry)),
          writing: (entry: AuditEntry) => (isDeaf ? deaf() : store.audit.writing(entry)),
        },
      },
    };
    isDeaf = true;
    await thrown(bench.handle(job, {}, services));
    expect(stateOf('langsmith', token.id)).toBe('inactive');
    isDeaf = false;
    await (await bench.services.providers.open('langsmith-demo')).delete(token.id);
    const { caseId } = await bench.handle(job, { attempt: 2 });
    const record = await store.audit.query({ token: { profile: 'langsmith-demo', id: token.id }, limit: 10 });
    expect(record.filter(({ what }) => what === 'deactivate')).toMatchObject([
      { result: 'failed', read: 'absent', caseId },
    ]);
    expect(await stored(caseId)).not.toMatchObject({ state: 'acting' });
  });

  it('of our credential after a kill that failed is told as such, and the kill is planned, not forgotten', async () => {
    const token = mint('langsmith', 'refused at the second try');
    const job = leak(token.secret, {}, { delivery: 'refused later' });
    const { providers } = bench.services;
    const down = () => Promise.reject(new Fault('provider_unavailable', 'test: down for changes'));
    const open: typeof providers.open = async (profile) => ({ ...(await providers.open(profile)), deactivate: down });
    await thrown(bench.handle(job, {}, { ...bench.services, providers: { ...providers, open } }));
    bench.langsmith.setFault({ mode: '401' });
    const { caseId, state } = await bench.handle(job, { attempt: 2 });
    expect([state, (await stored(caseId)).troubles?.map(({ kind }) => kind)]).toEqual(['not_revoked', ['unread']]);
    bench.langsmith.setFault({ mode: 'none' });
    await (await bench.services.providers.open('langsmith-demo')).list();
    expect(await bench.handle(await searchNow(caseId))).toMatchObject({ caseId, state: 'dead' });
    expect(stateOf('langsmith', token.id)).toBe('inactive');
  });

  it('of our credential right after a kill is told as not proved, and tried again until it can be read: what was done is on record then', async () => {
    const token = mint('langsmith', 'refused at the read back');
    const { providers } = bench.services;
    const open: typeof providers.open = async (...asked) => {
      const provider = await providers.open(...asked);
      const refused = () => Promise.reject(new Fault('provider_unauthorized', 'test: HTTP 401'));
      return { ...provider, get: refused };
    };
    const job = leak(token.secret, {}, { delivery: 'refused at the read back' });
    expect(await thrown(bench.handle(job, {}, { ...bench.services, providers: { ...providers, open } }))).toMatchObject(
      {
        isRetryable: true,
      },
    );
    expect(stateOf('langsmith', token.id)).toBe('inactive');
    const { kase: told } = bench.channel.cards.at(-1) ?? expect.fail('no card');
    expect(told).toMatchObject({ state: 'not_revoked', troubles: [{ kind: 'unconfirmed', read: 'partial' }] });
    const done = await bench.handle(job, { attempt: 2 });
    expect(done).toMatchObject({ state: 'dead' });
    const ref = { profile: token.profile, id: token.id };
    const lines = await bench.services.store.audit.query({ token: ref, limit: 5 });
    expect(lines.filter(({ what }) => what === 'deactivate')).toMatchObject([
      { result: 'done' },
      { result: 'failed', read: 'partial' },
    ]);
  });

  it('of our credential is told as "could not look", and planned to be searched again', async () => {
    const token = mint('dfns', 'wrong credential');
    bench.dfns.setFault({ mode: '401' });
    const { caseId, state } = await bench.handle(leak(token.secret));
    expect(state).toBe('unsearched');
    const kase = await stored(caseId);
    expect(caseTroubleWords(kase)).toMatch(
      /Could not be searched: The provider refused our credential \(dfns-demo, HTTP 401\)/,
    );
    expect(kase.search?.tries).toBe(1);
    expect(bench.planned.at(-1)).toMatchObject({ job: { kind: 'search-again', caseId, at: kase.search?.at } });

    // Whoever gets an answer of the profile after that has its leaks searched at once, without a press.
    bench.dfns.setFault({ mode: 'none' });
    await (await bench.services.providers.open('dfns-demo')).list();
    expect(await bench.handle(await searchNow(caseId))).toMatchObject({ state: 'dead' });
    expect(stateOf('dfns', token.id)).toBe('inactive');
  });

  it('of our credential when the token is killed is told, planned to be tried again, and over when it works', async () => {
    const token = mint('langsmith', 'refused at the kill');
    const { providers } = bench.services;
    const refusing = async (profile: string) => ({
      ...(await providers.open(profile)),
      deactivate: async () => {
        throw new Fault('provider_unauthorized', `${profile}: deactivate a token: HTTP 401`, { status: 401 });
      },
    });
    const services = { ...bench.services, providers: { ...providers, open: refusing } };
    const refused = await thrown(bench.handle(leak(token.secret), {}, services));
    expect(isFault(refused, 'provider_unauthorized')).toBe(true);
    const [kase] = (await bench.services.store.cases.list({ open: true, limit: 100 })).filter(
      (one) => one.token?.id === token.id,
    );
    const caseId = kase!.id;
    expect(kase).toMatchObject({ state: 'not_revoked', search: { tries: 1 } });
    const wanted = { kind: 'search-again', caseId, at: kase!.search?.at };
    expect(bench.planned.map(({ job }) => job)).toContainEqual(expect.objectContaining(wanted));
    expect(caseNext(cardsOf(caseId).at(-1)!.kase, { choose: false })).toMatch(
      /^Treat it as still working\. Mend it: .*profiles\/langsmith-demo.* Patrol also tries again by itself, next /,
    );

    await bench.searchAgain.answered('langsmith-demo', { isChecked: true });
    expect(await bench.handle(await searchNow(caseId))).toMatchObject({ state: 'dead' });
    expect(stateOf('langsmith', token.id)).toBe('inactive');
  });

  it('of our credential at GitHub is told as "could not look", and searched again when GitHub answers', async () => {
    const token = mint('langsmith', 'GitHub refused us');
    bench.github.setAlert({ repository: 'acme/payments', number: 77, secret: token.secret, secret_type: 'x' });
    bench.github.setFault({ mode: '401' });
    const [alert] = bench.jobs([{ locator: { kind: 'github', repository: 'acme/payments', number: 77 } }], {
      source: 'github',
    });
    const { caseId, state } = await bench.handle(alert);
    expect(state).toBe('unsearched');
    bench.github.setFault({ mode: 'none' });
    await bench.searchAgain.answered('GitHub');
    expect(await bench.handle(await searchNow(caseId))).toMatchObject({ state: 'dead' });
  });

  it('with Slack does not delay or stop the kill, and the words follow', async () => {
    const token = mint('dfns', 'slack was down');
    bench.channel.trouble = slackDown;
    const job = leak(token.secret);
    expect(isFault(await thrown(bench.handle(job)), 'slack_unavailable')).toBe(true);
    expect(stateOf('dfns', token.id)).toBe('inactive');
    bench.channel.trouble = undefined;
    const calls = bench.dfns.calls.length;
    const { caseId, state, replayed } = await bench.handle(job, { attempt: 2 });
    expect({ state, replayed }).toEqual({ state: 'dead', replayed: true });
    expect(bench.dfns.calls).toHaveLength(calls);
    expect(cardsOf(caseId).at(-1)?.kase.state).toBe('dead');
  });

  it('that nothing is tried again for is kept until it has been told', async () => {
    const token = mint('langsmith', 'refused, and Slack was down');
    const { providers } = bench.services;
    const refused = () => Promise.reject(new Fault('provider_unauthorized', 'test: HTTP 403'));
    const open: typeof providers.open = async (profile) => ({
      ...(await providers.open(profile)),
      deactivate: refused,
    });
    const services = { ...bench.services, providers: { ...providers, open } };
    const job = leak(token.secret, {}, { delivery: 'refused, and Slack was down' });
    bench.channel.trouble = slackDown;
    expect(await thrown(bench.handle(job, {}, services))).toMatchObject({ code: 'slack_unavailable' });
    bench.channel.trouble = undefined;
    expect(await thrown(bench.handle(job, { attempt: 2 }, services))).toMatchObject({ code: 'provider_unauthorized' });
    expect(bench.channel.cards.at(-1)?.kase).toMatchObject({ state: 'not_revoked', token: { id: token.id } });
  });

  it('of a page that answers a kill in the place of its provider is no last word: the kill is made when it is gone', async () => {
    const token = mint('langsmith', 'a page in between');
    const { providers } = bench.services;
    const page = () => Promise.reject(new Fault('provider_unreached', 'test: HTTP 200, not JSON', { status: 200 }));
    const open: typeof providers.open = async (profile) => ({ ...(await providers.open(profile)), deactivate: page });
    const services = { ...bench.services, providers: { ...providers, open } };
    const job = leak(token.secret, {}, { delivery: 'a page in between' });
    expect(await thrown(bench.handle(job, {}, services))).toMatchObject({ isRetryable: true });
    const told = bench.channel.cards.at(-1)?.kase;
    expect(told).toMatchObject({
      state: 'not_revoked',
      troubles: [{ fault: 'provider_unreached', next: 'retrying', attempt: 1, status: 200 }],
    });
    expect(await bench.handle(job, { attempt: 2 })).toMatchObject({ state: 'dead' });
    expect(stateOf('langsmith', token.id)).toBe('inactive');
  });

  it('with the words before the end has the job come back, so that whatever comes late of them is drawn over', async () => {
    const token = mint('langsmith', 'slow, and Slack was silent');
    const { providers } = bench.services;
    let begin = () => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    bench.channel.trouble = async () => {
      bench.channel.trouble = undefined;
      begin();
      return slackDown();
    };
    const open: typeof providers.open = async (profile) => {
      const provider = await providers.open(profile);
      return { ...provider, deactivate: (id) => begun.then(() => provider.deactivate(id)) };
    };
    const services = { ...bench.services, providers: { ...providers, open } };
    const job = leak(token.secret, {}, { delivery: 'slow, and Slack was silent' });
    expect(isFault(await thrown(bench.handle(job, {}, services)), 'slack_unavailable')).toBe(true);
    expect(stateOf('langsmith', token.id)).toBe('inactive');
    const { caseId, state, replayed } = await bench.handle(job, { attempt: 2 }, services);
    expect({ state, replayed }).toEqual({ state: 'dead', replayed: true });
    expect(cardsOf(caseId).at(-1)?.kase.state).toBe('dead');
  });

  it('with a Slack that hangs does not hold the kill up', async () => {
    const token = mint('langsmith', 'slack hangs');
    let release = () => {};
    const hang = new Promise<void>((resolve) => {
      release = resolve;
    });
    bench.channel.trouble = () => hang.then(slackDown);
    const handled = bench.handle(leak(token.secret)).catch(() => undefined);
    await expect.poll(() => stateOf('langsmith', token.id), { timeout: 3000 }).toBe('inactive');
    bench.channel.trouble = undefined;
    release();
    await handled;
  });

  it('between two tries does not kill again what somebody brought back meanwhile', async () => {
    const token = mint('dfns', 'brought back');
    const job = leak(token.secret);
    const provider = await bench.services.providers.open('dfns-demo');
    bench.dfns.crashNext('before-effect', () => bench.dfns.setFault({ mode: '500' }));
    await thrown(bench.handle(job));
    bench.dfns.setFault({ mode: 'none' });
    const [kase] = await bench.services.store.cases.list({ open: true, limit: 1 });
    expect(kase).toMatchObject({ state: 'not_revoked', token: { id: token.id } });
    // A person kills it by the card, finds out that it is needed, and undoes that.
    const undone = { kind: 'changed', verb: 'activate', token: kase?.token, already: false, undo: true } as const;
    await changeCase(bench.services.store, { id: kase?.id ?? '', now: new Date() }, (current) =>
      afterChange(current, { ...undone, receipt: {} } as never),
    );
    expect(await bench.handle(job, { attempt: 2 })).toMatchObject({ state: 'restored' });
    expect((await provider.get(token.id))?.state).toBe('active');
  });
});

describe('a flood', () => {
  it('of 60 reports about 12 tokens, all at once, kills each once and shows one right card each', async () => {
    const tokens = Array.from({ length: 12 }, (_, index) =>
      mint(index % 2 === 0 ? 'dfns' : 'langsmith', `flood ${index}`),
    );
    const jobs = tokens.flatMap((token) =>
      Array.from({ length: 5 }, (_, index) => leak(token.secret, {}, { delivery: String(index % 3) })),
    );
    const queue = [...jobs];
    const worker = async (): Promise<void> => {
      for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
        const again = job;
        await bench.handle(job).catch((error: unknown) => {
          if (!isFault(error, 'delivery_in_progress')) throw error;
          queue.push(again);
        });
      }
    };
    await Promise.all(Array.from({ length: 10 }, worker));
    for (const token of tokens) {
      const provider = token.provider === 'dfns' ? 'dfns' : 'langsmith';
      expect(stateOf(provider, token.id)).toBe('inactive');
      expect(mutationsOn(provider, token.id)).toBe(1);
      const cards = bench.channel.cards.filter(({ kase }) => kase.token?.id === token.id);
      expect(new Set(cards.map(({ ts }) => ts)).size).toBe(1);
      expect(cards.at(-1)?.kase).toMatchObject({ state: 'dead', count: 3 });
    }
  }, 60_000);
});

describe('a rule that mutes a foreign detector', () => {
  const muting = () => {
    const { services } = bench;
    const rules = [{ name: 'aws', when: { ...anything, detector: ['aws*'] }, then: 'mute' as const }];
    return { ...services, policy: { ...services.policy, alerts: { ...services.policy.alerts, rules } } };
  };
  const handle = (secret: string, detector: string) =>
    bench.handle(leak(secret, { detector }, { delivery: `${detector} ${secret.slice(-4)}` }), {}, muting());

  it('keeps what nothing links to us out of the channel, on record, and counted', async () => {
    const { caseId, state, rule } = await handle('AKIAIOSFODNN7EXAMPLE', 'aws_access_key_id');
    expect({ state, rule }).toEqual({ state: 'muted', rule: 'aws' });
    expect(cardsOf(caseId)).toEqual([]);
    const entries = await bench.services.store.audit.query({ caseId, limit: 5 });
    expect(entries).toHaveLength(1);
    const counted = await countMuted(bench.services.store, new Date(Date.now() - 60_000));
    expect(counted).toEqual([{ detector: 'aws_access_key_id', reports: 1 }]);
  });

  it('never mutes a token of ours, whatever the scanner calls it', async () => {
    const token = mint('langsmith', 'called by a wrong name');
    const { caseId, rule } = await handle(token.secret, 'aws_access_key_id');
    expect(rule).toBe('floor:not-foreign');
    expect(cardsOf(caseId)).not.toEqual([]);
    const unknown = await handle(langsmithKey(), 'aws_access_key_id');
    expect(cardsOf(unknown.caseId)).not.toEqual([]);
  });
});
