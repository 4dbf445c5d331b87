import { afterAll, beforeAll, expect } from 'vitest';
import { defined } from '#shared/core/defined.ts';
import { isEnoughAmong } from '#shared/providers/langsmith/compare-short-key.ts';
import { gradeTokens } from '#shared/providers/dfns/grade-tokens.ts';
import { Secret } from '#shared/core/secret.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import { pressCase } from '#shared/cases/press-case.ts';
import { authorise } from '#shared/tokens/authorise.ts';
import { keepCase } from '#shared/cases/keep-case.ts';
import { sha256Hex } from '#shared/core/hmac-sha256.ts';
import type { Candidate } from '#shared/providers/provider.ts';
import { isDecided, rememberDecision } from '#shared/cases/remember-decision.ts';
import type { Policy } from '#shared/policy/policy.ts';
import type { Case } from '#shared/store/store.ts';
import { attack, type Edit } from '#test/support/attack.ts';
import { type LeakBench, startLeakBench } from '#test/support/leak-bench.ts';
import { dfnsToken, langsmithKey } from '#test/support/leaks.ts';
import { reportAsScanner } from '#test/support/report-as-scanner.ts';
import { ADMIN, benchFingerprint } from '#test/support/services.ts';

let bench: LeakBench;
beforeAll(async () => {
  bench = await startLeakBench();
});
afterAll(() => bench.close());

type ProviderName = 'dfns' | 'langsmith';
const stateOf = (provider: ProviderName, id: string) =>
  bench[provider].tokens().find((token) => token.id === id)?.state;

/** Reports secrets as a scanner does. */
const report = (secrets: readonly string[], change?: (policy: Policy) => unknown) =>
  reportAsScanner(
    bench,
    secrets.map((secret) => ({ secret: new Secret(secret) })),
    defined({ change }),
  );

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
    const victim = bench.langsmith.mint({ profile: 'langsmith-demo', name: 'victim of a copied id' });
    const [handled] = await report([langsmithKey('pt', victim.id)]);
    expect(handled).toMatchObject({ state: 'asking' });
    expect(stateOf('langsmith', victim.id)).toBe('active');
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
    const victim = bench.dfns.mint({ profile: 'dfns-demo', name: 'victim of copied claims' });
    const [header, claims] = victim.secret.split('.');
    const [handled] = await report([`${header ?? ''}.${claims ?? ''}.${dfnsToken().split('.')[2] ?? ''}`]);
    expect(handled).toMatchObject({ state: 'asking' });
    expect(stateOf('dfns', victim.id)).toBe('active');
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
    const id = '5f0e1d2c-3b4a-4958-8776-655443322110';
    const mine = bench.langsmith.mint({ profile: 'langsmith-demo', name: 'his own', owner: 'mallory@example.com' });
    const victim = bench.langsmith.mint({
      profile: 'langsmith-demo',
      name: 'his victim',
      secret: langsmithKey('pt', id),
    });
    const forged = victim.secret;
    const findings = [{ secret: new Secret(forged) }];
    const validity = { validity: 'valid', checkedAt: new Date().toISOString(), tokenIds: [mine.id] } as const;
    const [job] = bench.jobs(findings, { validities: new Map([[benchFingerprint(forged), validity]]) });
    await bench.handle(job);
    expect(stateOf('langsmith', victim.id)).toBe('active');
  },
);

attack(
  {
    name: 'many-kills-at-once',
    finding: 1,
    does: 'reports twelve genuine tokens in one file',
    holds: 'no more die without a human than the brake of the policy lets through',
    without: [{ file: 'shared/alerts/take-kill.ts', replace: 'place < kills', by: 'place < kills * 1000' }],
  },
  async () => {
    const tokens = Array.from({ length: 6 }, (_, index) =>
      bench.langsmith.mint({ profile: 'langsmith-demo', name: `one of many ${String(index)}` }),
    );
    await report(
      tokens.map(({ secret }) => secret),
      (policy) => (policy.alerts.brake = { kills: 3, minutes: 10 }),
    );
    expect(tokens.filter(({ id }) => stateOf('langsmith', id) === 'inactive').length).toBeLessThanOrEqual(3);
  },
);

attack(
  {
    name: 'a-question-for-each-of-many',
    finding: 1,
    does: 'reports a dozen genuine tokens at once, so that one question for each buries the channel and its people',
    holds: 'what the brake holds back is asked about by one card',
    without: [
      {
        file: 'shared/cases/held-cases.ts',
        replace: "state === 'asking' && decision?.rule",
        by: 'state === decision?.rule && decision?.rule',
      },
    ],
  },
  async () => {
    const tokens = Array.from({ length: 12 }, (_, index) =>
      bench.langsmith.mint({ profile: 'langsmith-demo', name: `one of a dozen ${String(index)}` }),
    );
    const before = bench.channel.cards.length;
    await report(
      tokens.map(({ secret }) => secret),
      (policy) => (policy.alerts.brake = { kills: 1, minutes: 10 }),
    );
    const asked = bench.channel.cards.slice(before).filter(({ kase }) => kase.state === 'asking');
    const cards = new Set(bench.channel.held.flatMap(({ cases }) => cases.message?.ts ?? []));
    expect([asked.length, cards.size]).toEqual([0, 1]);
  },
);

attack(
  {
    name: 'the-same-leak-after-undo',
    finding: 1,
    does: 'has the same secret reported again after somebody has brought the token back',
    holds: 'it asks, and never acts: what a person decided is remembered by the secret',
    without: [
      {
        file: 'shared/policy/decide-leak.ts',
        replace: 'decidedByPerson === true',
        by: 'decidedByPerson === undefined',
      },
    ],
  },
  async () => {
    const token = bench.langsmith.mint({ profile: 'langsmith-demo', name: 'brought back' });
    const [first] = await report([token.secret]);
    expect(stateOf('langsmith', token.id)).toBe('inactive');
    await (await bench.services.providers.open('langsmith-demo')).activate(token.id);
    await bench.services.store.cases.change(first?.caseId ?? '', (kase) =>
      rememberDecision({ ...kase, state: 'restored' as const }),
    );
    await report([token.secret]);
    expect(stateOf('langsmith', token.id)).toBe('active');
  },
);

attack(
  {
    name: 'four-characters',
    finding: 6,
    does: 'has a foreign key reported whose four shown characters are by chance those of one of a thousand rows',
    holds: 'so few characters are no evidence among so many rows',
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
  () => {
    const at = (milliseconds: number) => new Date(1_780_000_000_000 + milliseconds).toISOString();
    const token = (id: string, createdAt: string): Token => ({
      provider: 'dfns',
      profile: 'p',
      id,
      name: id,
      kind: 'pat',
      state: 'active',
      owner: { id: 'us-1' },
      organizationId: 'or-1',
      permissions: [],
      createdAt,
      own: false,
    });
    const found = gradeTokens([token('to-leaked', at(-900)), token('to-other', at(100))], {
      form: 'dfns',
      provider: 'dfns',
      organizationId: 'or-1',
      userId: 'us-1',
      issuedAt: 1_780_000_000,
      fingerprint: 'f',
    });
    expect(found.map(({ grade }) => grade)).toEqual(['weak', 'weak']);
  },
);

attack(
  {
    name: 'an-old-message-again',
    finding: 20,
    does: 'keeps a genuine message of a sender that signs no time, and sends it again when it is forgotten and the token restored',
    holds: 'it asks: the very same message was seen before, for a year',
    without: [
      {
        file: 'shared/policy/decide-leak.ts',
        replace: 'cameBefore === true',
        by: "cameBefore === ('never' as unknown)",
      },
    ],
  },
  async () => {
    const token = bench.langsmith.mint({ profile: 'langsmith-demo', name: 'reported a month ago' });
    const [job] = bench.jobs([{ secret: new Secret(token.secret) }], { source: 'github' });
    const seen = `seen:${sha256Hex(job!.deliveryKey).slice(0, 32)}`;
    const monthAgo = new Date(Date.parse(job!.receivedAt) - 31 * 86_400_000).toISOString();
    await bench.services.store.notes.put(seen, monthAgo, 86_400);
    expect(await bench.handle(job)).toMatchObject({ state: 'asking' });
    expect(stateOf('langsmith', token.id)).toBe('active');
  },
);

attack(
  {
    name: 'the-same-bytes-again',
    finding: 13,
    does: 'brings a killed token back at the provider, and relies on a scanner reporting it in the very same bytes, as one that was handled',
    holds:
      'what is sent again later is read afresh: the card says that the token works, and asks, since an old message may be sent again by anybody',
    without: [
      {
        file: 'shared/alerts/handle-leak.ts',
        replace: 'first.replayed ? await sentAgain(deps, job) : undefined',
        by: 'first.replayed && job.v > 1 ? await sentAgain(deps, job) : undefined',
      },
    ],
  },
  async () => {
    const token = bench.langsmith.mint({ profile: 'langsmith-demo', name: 'reported in the same bytes' });
    const [job] = bench.jobs([{ secret: new Secret(token.secret) }], { source: 'github-partner' });
    expect(await bench.handle(job)).toMatchObject({ state: 'dead' });
    await (await bench.services.providers.open('langsmith-demo')).activate(token.id);
    const receivedAt = new Date(Date.parse(job!.receivedAt) + 86_400_000).toISOString();
    expect(await bench.handle({ ...job!, receivedAt })).toMatchObject({ state: 'asking' });
    expect(bench.channel.cards.at(-1)?.kase).toMatchObject({ state: 'asking' });
    expect(stateOf('langsmith', token.id)).toBe('active');
  },
);

attack(
  {
    name: 'a-decision-outlived-by-reports',
    finding: 1,
    does: 'has so many different clues reported to one case that the first is not among the newest reports any more when a person says "Not ours", and then reports that one again',
    holds:
      'a decision is about every clue of its case, and where there are more than it can keep, about whatever is reported to it',
    without: [
      {
        file: 'shared/cases/keep-case.ts',
        replace: '.slice(-KEPT_CLUES)',
        by: '.slice(-KEPT_REPORTS)',
      },
    ],
  },
  async () => {
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
        ({ kase } = await keepCase(bench.services.store, id, evidence));
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
    without: [
      {
        file: 'shared/cases/press-case.ts',
        replace: 'if (DISMISSABLE.has(kase.state)) await noteDecision(services.store, kase);',
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
    expect(stateOf('langsmith', token.id)).toBe('active');
  },
);
