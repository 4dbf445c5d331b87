import { afterAll, beforeAll, expect } from 'vitest';
import { isEnoughAmong } from '#shared/providers/langsmith/compare-short-key.ts';
import { Secret } from '#shared/core/secret.ts';
import { pressCase } from '#shared/cases/press-case.ts';
import { authorise } from '#shared/tokens/authorise.ts';
import { keepCase } from '#shared/cases/keep-case.ts';
import { sha256Hex } from '#shared/core/hmac-sha256.ts';
import type { Candidate } from '#shared/providers/provider.ts';
import { isDecided, rememberDecision } from '#shared/cases/remember-decision.ts';
import type { Case } from '#shared/store/store.ts';
import { type AlertDriver, createAlertDriver } from '#test/support/alert-driver.ts';
import { attack, type Edit } from '#test/support/attack.ts';
import { type LeakBench, startLeakBench } from '#test/support/leak-bench.ts';
import { dfnsToken, langsmithKey } from '#test/support/leaks.ts';
import { createMemoryStore } from '#test/support/memory-store.ts';
import { ADMIN } from '#test/support/services.ts';
import { sharedSandbox } from '#test/support/shared-sandbox.ts';
import { wordsOf } from '#test/support/slack-talk.ts';

let bench: LeakBench;
let driver: AlertDriver;
beforeAll(async () => {
  [bench, driver] = await Promise.all([startLeakBench(), sharedSandbox().then(createAlertDriver)]);
});
afterAll(() => bench.close());

/** Takes out all that keeps a resemblance from acting: the shipped rule, both floors, and the weighing by the issuer's refusal. */
const RESEMBLANCE_ACTS: readonly [Edit, ...Edit[]] = [
  {
    file: 'infra/policy.yml',
    replace: 'grade: [exact, strong, weak] }, then: ask',
    by: 'grade: [exact, strong] }, then: deactivate',
  },
  {
    file: 'shared/policy/decide-leak.ts',
    replace: "validity === 'invalid' && grade !== 'proved'",
    by: 'validity === undefined && grade === undefined',
  },
  {
    file: 'shared/policy/decide-leak.ts',
    replace: 'contradicts === true',
    by: "contradicts === ('never' as unknown)",
  },
  {
    file: 'shared/alerts/find-token.ts',
    replace: "validity?.validity !== 'invalid' ||",
    by: "validity?.validity !== 'unknown' ||",
  },
];

attack(
  {
    name: 'a-copied-row-id',
    finding: 1,
    does: 'puts a LangSmith key into a scanned repository that spells the id of a row which he has read, the rest invented',
    holds: 'the token lives: its issuer refuses the key, and what only resembles asks',
    without: [
      ...RESEMBLANCE_ACTS,
      {
        file: 'shared/providers/langsmith/grade-tokens.ts',
        replace: 'if (spelt?.isPossible === false) return [forged(spelt.token)];',
        by: '',
      },
    ],
  },
  async () => {
    const victim = await driver.issue('langsmith', 'victim of a copied id');
    await driver.tell([{ secret: langsmithKey('pt', victim.id) }]);
    expect(await driver.stateOf(victim)).toBe('active');
    expect(await driver.cards(victim.name)).toHaveLength(1);
  },
);

attack(
  {
    name: 'copied-claims',
    finding: 1,
    does: 'makes a JWT with the organisation, the user and the second of issue of a Dfns token, signed by nobody',
    holds: 'the token lives: Dfns refuses the JWT, and claims are no proof',
    without: RESEMBLANCE_ACTS,
  },
  async () => {
    const victim = await driver.issue('dfns', 'victim of copied claims');
    const [header, claims] = victim.secret.split('.');
    await driver.tell([{ secret: `${header ?? ''}.${claims ?? ''}.${dfnsToken().split('.')[2] ?? ''}` }]);
    expect(await driver.stateOf(victim)).toBe('active');
    expect(await driver.cards(victim.name)).toHaveLength(1);
  },
);

attack(
  {
    name: 'a-genuine-key-of-somebody-else',
    finding: 1,
    does: 'leaks a key that his own account minted until its shown ends are those of a victim',
    holds: 'the victim lives: only a token that the issuer itself names for the leaked key can be meant',
    without: [
      {
        file: 'shared/alerts/find-token.ts',
        replace: 'const among = named && new Set(named);',
        by: 'const among = undefined; void named;',
      },
    ],
  },
  async () => {
    const victim = await driver.issue('langsmith', 'his victim');
    const secret = victim.secret.slice(0, 16) + langsmithKey().slice(16, -8) + victim.secret.slice(-8);
    const mine = await driver.issue('langsmith', 'his own', { owner: 'mallory@example.com', secret });
    await driver.tell([{ secret }]);
    expect([await driver.stateOf(victim), await driver.stateOf(mine)]).toEqual(['active', 'inactive']);
  },
);

attack(
  {
    name: 'four-characters',
    finding: 6,
    does: 'has a foreign key reported whose four shown characters are by chance those of one of a thousand rows',
    holds: 'so few characters are no evidence among so many rows',
    inside: 'it is arithmetic: the sandbox would have to show the chance of one in thousands',
    without: [
      {
        file: 'shared/providers/langsmith/compare-short-key.ts',
        replace: 'BITS_PER_CHARACTER * characters >= Math.log2(Math.max(1, rows)) + SPARE_BITS',
        by: 'BITS_PER_CHARACTER * characters >= Math.min(16, SPARE_BITS) + 0 * rows',
      },
    ],
  },
  () => {
    expect(isEnoughAmong(4, 1000)).toBe(false);
    expect(isEnoughAmong(4, 1)).toBe(false);
  },
);

attack(
  {
    name: 'the-wrong-one-by-a-second',
    finding: 18,
    does: 'nothing: two tokens of one user were made a fifth of a second apart, and the clock cuts between them',
    holds: 'neither is taken for the leaked one',
    without: [
      {
        file: 'shared/providers/dfns/grade-tokens.ts',
        replace: 'ISSUE_TOLERANCE_SECONDS = 60',
        by: 'ISSUE_TOLERANCE_SECONDS = 0.5',
      },
    ],
  },
  async () => {
    const at = (milliseconds: number) => ({ createdAt: new Date(1_700_000_000_000 + milliseconds).toISOString() });
    const leaked = await driver.issue('dfns', 'made before the second', at(-900));
    const other = await driver.issue('dfns', 'made within the second', at(100));
    const [header, claims = ''] = leaked.secret.split('.');
    const { iat, ...rest } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { iat: number };
    // What their clock wrote down, and nobody's signature: so nobody but likeness can say which of the two it is.
    const spelt = Buffer.from(JSON.stringify({ ...rest, iat: iat + 1 })).toString('base64url');
    await driver.tell([{ secret: `${header ?? ''}.${spelt}.${dfnsToken().split('.')[2] ?? ''}` }]);
    const card = await driver.card(other.name, /Case /);
    expect(wordsOf(card)).toContain(leaked.name);
    expect(wordsOf(card)).not.toMatch(/\*strong\*/);
  },
);

attack(
  {
    name: 'a-decision-outlived-by-reports',
    finding: 1,
    does: 'has so many different clues reported to one case that the first is not among the newest reports any more when a person says "Not ours", and then reports that one again',
    holds:
      'a decision is about every clue of its case, and where there are more than it can keep, about whatever is reported to it',
    inside: 'it takes three hundred reports of one case',
    without: [
      {
        file: 'shared/cases/keep-case.ts',
        replace: '.slice(-KEPT_CLUES)',
        by: '.slice(-KEPT_REPORTS)',
      },
    ],
  },
  async () => {
    const store = createMemoryStore();
    for (const count of [30, 300]) {
      const clues = Array.from({ length: count }, (_, index) => {
        const fingerprint = sha256Hex(`${count} ${index}`);
        return { form: 'hashed', fingerprint } as const;
      });
      const id = { key: `token:langsmith-demo:of-${count}-clues`, now: new Date() };
      let kase: Case | undefined;
      for (const [index, clue] of clues.entries()) {
        const report = { key: `report-${index}` };
        const evidence = { source: 'generic', report, clue, candidates: [], receivedAt: new Date().toISOString() };
        ({ kase } = await keepCase(store, id, evidence));
      }
      const decided = rememberDecision(kase!);
      expect(clues.filter((clue) => !isDecided(decided, clue))).toEqual([]);
      const news = { form: 'hashed', fingerprint: sha256Hex('news') } as const;
      expect(isDecided(decided, news)).toBe(count > 200);
    }
  },
);

attack(
  {
    name: 'a-case-too-large-to-keep',
    finding: 17,
    does: 'has a report come in that may mean any of thousands of tokens, so that its case fits into no item of the table',
    holds: 'the case is kept with the first few, and nobody’s leak is dropped',
    inside: 'it takes twenty thousand tokens of one provider',
    without: [
      { file: 'shared/cases/keep-case.ts', replace: 'candidates.slice(0, KEPT_CANDIDATES)', by: 'candidates.slice(0)' },
      {
        file: 'shared/store/dynamo/packed.ts',
        replace: 'if (first !== undefined) return pack(first(value), others);',
        by: '',
      },
    ],
  },
  async () => {
    const candidates = Array.from(
      { length: 20_000 },
      (): Candidate => ({
        token: {
          provider: 'dfns',
          profile: 'dfns-demo',
          id: crypto.randomUUID(),
          name: crypto.randomUUID(),
          kind: 'pat',
          state: 'active',
          permissions: [],
          own: false,
        },
        grade: 'weak',
        because: [],
      }),
    );
    const receivedAt = new Date().toISOString();
    const evidence = { source: 'generic', report: { key: 'too-large' }, candidates, receivedAt };
    const { kase } = await keepCase(bench.services.store, { key: 'clue:too-large', now: new Date() }, evidence);
    expect(kase.candidates?.length).toBeLessThan(100);
  },
);

attack(
  {
    name: 'not-ours-before-it-was-found',
    finding: 1,
    does: 'has a secret reported while its token cannot be looked for, and once more after a person has closed that case as not ours',
    holds: 'it asks, and never acts: the decision holds for every case that comes of the same secret',
    inside: 'a search is given up after a hundred deliveries, for which a sandbox would need hours',
    without: [
      {
        file: 'shared/cases/press-case.ts',
        replace:
          'if (isNewPress(kase, press) && isDismissable(kase, press)) await noteDecision(services.store, kase, press.at);',
        by: '',
      },
    ],
  },
  async () => {
    const token = bench.langsmith.mint({ profile: 'langsmith-demo', name: 'closed before it was found' });
    const report = (delivery: string) => bench.jobs([{ secret: new Secret(token.secret) }], { delivery })[0];
    bench.langsmith.setFault({ mode: '500' });
    await bench.handle(report('while it is down'), { isLast: true }).catch(() => undefined);
    bench.langsmith.setFault({ mode: 'none' });
    const { services } = bench;
    const [early] = await services.store.cases.list({ open: true, limit: 1 });
    expect(early).toMatchObject({ state: 'unsearched' });
    const authority = await authorise(services, ADMIN, true);
    await services.store.remember('not ours', (journal) => {
      const attempt = { journal, requestedAt: new Date().toISOString(), progress: async () => {} };
      const press = { case: early!.id, act: 'dismiss', reason: 'looks like a test key' } as const;
      return pressCase({ services, authority, attempt }, async () => {}, press);
    });
    expect(await services.store.cases.get(early!.id)).toMatchObject({ state: 'dismissed' });
    expect(await bench.handle(report('when it is back'))).toMatchObject({ state: 'asking' });
    expect(bench.langsmith.tokens().find(({ id }) => id === token.id)?.state).toBe('active');
  },
);

attack(
  {
    name: 'one-more-than-are-shown',
    finding: 10,
    does: 'puts sixteen made-up keys before a genuine one into one file, so that no more of them are shown to their issuers',
    holds:
      'the genuine one is on a card that asks and says that its issuer was not asked; as soon as it is reported again, it dies',
    without: [
      {
        file: 'shared/alerts/seal-delivery.ts',
        replace: '...named.map((report) => ({ ...report, ...(named.length > 1',
        by: '...named.slice(0, 16).map((report) => ({ ...report, ...(named.length > 1',
      },
    ],
  },
  async () => {
    const token = await driver.issue('langsmith', 'the seventeenth');
    const madeUp = Array.from({ length: 16 }, () => ({ secret: langsmithKey() }));
    await driver.tell([...madeUp, { secret: token.secret }]);
    const card = await driver.card(token.name, /NOT revoked: a person must decide/);
    expect(wordsOf(card)).not.toMatch(/\*proved\*|refused|Patrol showed the secret/);
    expect(await driver.stateOf(token)).toBe('active');
    await driver.report('gitleaks', token);
    await driver.reads(card, /Deactivated, confirmed\./);
    expect(await driver.stateOf(token)).toBe('inactive');
  },
);

attack(
  {
    name: 'not-ours-and-never-found',
    does: 'has a genuine leak reported while its provider is down, and talks somebody into closing that case as not ours before anybody could look',
    holds:
      'it is looked for all the same, since the secret is proved: its token is told and asked about, and does not die by itself',
    inside: 'a search is given up after a hundred deliveries, for which a sandbox would need hours',
    without: [
      {
        file: 'shared/cases/search-again.ts',
        replace: 'isUnsearched(kase) || isProvedUnseen(kase)',
        by: 'isUnsearched(kase) || (isProvedUnseen(kase) && false)',
      },
    ],
  },
  async () => {
    const token = bench.langsmith.mint({ profile: 'langsmith-demo', name: 'closed unseen' });
    const [job] = bench.jobs([{ secret: new Secret(token.secret) }], { delivery: 'closed unseen' });
    bench.langsmith.setFault({ mode: '500' });
    await bench.handle(job, { isLast: true }).catch(() => undefined);
    bench.langsmith.setFault({ mode: 'none' });
    const { store } = bench.services;
    const planned = bench.planned.findLast(({ job: { kind } }) => kind === 'search-again')?.job;
    if (planned?.kind !== 'search-again') throw new Error('no search is planned');
    const authority = await authorise(bench.services, ADMIN, true);
    await store.remember('closed unseen', (journal) => {
      const attempt = { journal, requestedAt: new Date().toISOString(), progress: async () => {} };
      const press = { case: planned.caseId, act: 'dismiss', reason: 'looks like a test key' } as const;
      return pressCase({ services: bench.services, authority, attempt }, async () => {}, press);
    });
    expect(await store.cases.get(planned.caseId)).toMatchObject({ state: 'dismissed' });
    const at = new Date(Date.now() - 1).toISOString();
    await store.cases.change(planned.caseId, (kase) => ({ ...kase, search: { ...kase.search!, at } }));
    const report = await bench.searchAgain.due({ ...planned, at });
    expect(await bench.handle(report)).toMatchObject({ state: 'asking' });
    expect(bench.channel.cards.at(-1)?.kase).toMatchObject({ state: 'asking', token: { id: token.id } });
    expect(bench.langsmith.tokens().find(({ id }) => id === token.id)?.state).toBe('active');
  },
);
