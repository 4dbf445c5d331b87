import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Token } from '#shared/core/vocabulary.ts';
import { readKey } from '#shared/providers/langsmith/read-key.ts';
import { caseCard } from '#shared/slack/blocks/case-card.ts';
import { homeView } from '#shared/slack/blocks/home-view.ts';
import { ownerNotice } from '#shared/slack/blocks/owner-notice.ts';
import { renderDeadLetters, renderGivenUp } from '#shared/slack/blocks/render-dead-letters.ts';
import { reporterNotice } from '#shared/slack/blocks/reporter-notice.ts';
import { breakGlassModal } from '#shared/slack/blocks/modals.ts';
import { render, type RenderContext } from '#shared/slack/blocks/render.ts';
import { leakModal } from '#shared/slack/skeleton-modal.ts';
import { whatNext } from '#shared/slack/blocks/render-trouble.ts';
import { expiryWords, lastUseWords } from '#shared/slack/blocks/token.ts';
import { filterTokens } from '#shared/tokens/filter-tokens.ts';
import type { Outcome, OutcomeOf } from '#shared/tokens/outcome.ts';
import type { Approval, AuditEntry, Case } from '#shared/store/store.ts';
import { auditLine } from '#shared/slack/blocks/render-audit.ts';
import {
  approval,
  laptop,
  leak,
  NOW,
  operator,
  pipeline,
  samples,
  unmatched,
  unsure,
} from '#test/fixtures/outcomes.ts';
import { elementsOf, readAloud } from '#test/support/slack-text.ts';

const AT = NOW.getTime();
const DAY = 86_400_000;
const inDays = (days: number) => new Date(AT + days * DAY).toISOString();
const aloud = (part: unknown) => JSON.stringify(part);

describe('a word that was false once', () => {
  it('"never" is said where the server sent null, and not where it sent no such field', () => {
    const row = { id: '3f0a1f0e-6a52-4f59-8c7e-0f6e0e5a9b10', description: 'ci', created_at: inDays(-400) };
    const place = { profile: 'langsmith-demo', kind: 'pat', now: NOW } as const;
    const silent = readKey(row, place)!;
    const told = readKey({ ...row, last_used_at: null, expires_at: null }, place)!;
    expect([lastUseWords(told, NOW), expiryWords(told, NOW)]).toEqual(['never', 'never']);
    expect([lastUseWords(silent, NOW), expiryWords(silent, NOW)]).toEqual([
      'not told by LangSmith',
      'not told by LangSmith',
    ]);
    const query = { profiles: [], sort: 'age' } as const;
    expect(filterTokens([silent, told], { ...query, unusedDays: 60 }, NOW)).toEqual([told]);
    expect(filterTokens([silent, told], { ...query, noExpiry: true }, NOW)).toEqual([told]);
  });

  it('"expires within 7 days" lists nothing that has expired', () => {
    const all = [-300, 3, 30].map((days): Token => ({ ...laptop, provider: 'langsmith', expiresAt: inDays(days) }));
    expect(filterTokens(all, { profiles: [], sort: 'age', expiresWithinDays: 7 }, NOW)).toEqual([all[1]]);
  });

  it('"no open leak case" is said to nobody who may not see any', () => {
    const me = (rights: OutcomeOf<'whoami'>['rights']) => ({ ...(samples['whoami'] as OutcomeOf<'whoami'>), rights });
    const home = (rights: OutcomeOf<'whoami'>['rights']) =>
      aloud(homeView({ now: NOW, overviews: [], unread: [], cases: [], approvals: [], me: me(rights) }));
    expect(home([])).toContain('Leak cases: not shown to you');
    expect(home([])).not.toContain('No open leak case');
    const cases = { verb: 'cases', profiles: '*', channels: '*', role: 'viewer' } as const;
    expect(home([cases])).toContain('No open leak case that you may see');
  });

  it('the doctor is not promised to show why a provider refused one request', () => {
    const trouble = { fault: 'provider_unexpected', next: 'final', attempt: 1, status: 422 } as const;
    expect(whatNext(trouble)).not.toContain('doctor');
  });

  it('a lever is told by what it does, also where it stops no token', () => {
    const asked = (kind: string) => ({ verb: 'lever', lever: { id: 'stop', kind }, stops: [], dies: [] }) as const;
    const modal = (kind: string) =>
      aloud(breakGlassModal({ ...approval, order: { ...approval.order, ...asked(kind) } }));
    expect(modal('langsmith.stop-new-pats')).toContain('Existing tokens go on working');
    expect(modal('langsmith.stop-new-pats')).not.toContain('more than this token');
    // Who is asked reads what is asked for, and how it is taken back.
    const lever = { id: 'stop-new-pats', kind: 'langsmith.stop-new-pats' };
    const request = aloud(
      render(
        {
          kind: 'approval',
          approval: { ...approval, state: 'open', order: { ...approval.order, ...asked(''), lever } },
          approvers: [],
          mayBreakGlass: false,
        },
        { actor: operator, now: NOW },
      ).blocks,
    );
    expect(request).toMatch(
      /may <@U\w+> stop the creation of new personal access tokens in the whole LangSmith organisation\?/,
    );
    expect(request).toContain('To take it back, an admin allows new tokens again');
    expect(modal('a kind that no provider has')).toContain('more than this token');
  });

  it('a profile that does not work does not "work as" anybody', () => {
    const profiles = samples['doctor'] as OutcomeOf<'profiles'> | undefined;
    const [one] = profiles?.profiles ?? [];
    const broken = {
      kind: 'profiles',
      profiles: [
        {
          ...(one ?? { profile: 'dfns-demo', provider: 'dfns' }),
          secret: { readable: true },
          checkup: { works: false, identity: 'user us-1', can: [], cannot: [], advice: [] },
        },
      ],
      slack: { missingScopes: [] },
    } as OutcomeOf<'profiles'>;
    const words = aloud(render(broken, { actor: operator, now: NOW }).blocks);
    expect(words).toContain('does NOT work');
    expect(words).not.toContain('Works as');
  });

  it('a token that has expired is not promised back: nothing to press, and no page that could help', () => {
    const change = {
      kind: 'unconfirmed',
      verb: 'activate',
      token: { ...laptop, state: 'expired' },
      read: 'expired',
    } as const;
    const words = render(change, { actor: operator, now: NOW });
    expect(words.text).toMatch(/^NOT activated as far as can be proved: .*nothing brings back what has expired/);
    expect(aloud(words)).not.toMatch(/Check again|own console/);
    const bulk = {
      ...(samples['bulk done'] as OutcomeOf<'bulk'>),
      verb: 'activate',
      changes: [change],
      left: [],
      total: 1,
    } as const;
    expect(aloud(render(bulk, { actor: operator, now: NOW }))).not.toMatch(/again"/);
  });

  it('a dead letter is told after as many attempts as the queue makes', () => {
    const made = [...readFileSync('infra/queues.yml', 'utf8').matchAll(/maxReceiveCount: (\d+)/g)].map(
      ([, count]) => count,
    );
    const told = [...readFileSync('infra/alarms.yml', 'utf8').matchAll(/in (\d+) attempts/g)].map(([, count]) => count);
    expect([made.length, told.length]).toEqual([2, 2]);
    expect(new Set([...made, ...told]).size).toBe(1);
  });

  it('a dead letter is kept for as long as its queue has it, counted from when it was first sent, as SQS does', () => {
    const queues = readFileSync('infra/queues.yml', 'utf8').split('AWS::SQS::Queue\n');
    const kept = queues.flatMap((queue) => /-dead\n[^]*?RetentionPeriod: (\d+)/.exec(queue)?.[1] ?? []);
    expect(kept).toEqual(['1209600', '1209600']);
    const all = [
      renderDeadLetters({ leaks: 1, commands: 1 }, 'live'),
      renderDeadLetters({ leaks: 0, commands: 0 }, 'live'),
      renderGivenUp({ userId: 'U0OPERATOR1' }, 'live'),
      reporterNotice({ pasted: [{ isGivenUp: true }], unrecognised: 0 }),
    ].map(aloud);
    for (const words of all) {
      expect(words).toMatch(/14 days after/);
      expect(words).not.toMatch(/(?:for|after) 14 days/);
    }
  });

  it('a leak that could not be looked for says to treat it as working, what mends it, and can be searched again', () => {
    const troubles = [
      { kind: 'unread', profiles: [{ fault: 'provider_unauthorized', whose: 'dfns-demo', status: 401 }] },
    ] as const;
    const card = aloud(
      caseCard({ ...unmatched, state: 'unsearched', troubles } as never, { now: NOW, showWhere: true }),
    );
    expect(card).toContain('could NOT look for it. Treat it as working');
    expect(card).toContain('npm run setup -- --stage … --only profiles/dfns-demo');
    expect(card).toContain('Search again');
  });

  it.each(['dead', 'noted', 'restored', 'waiting'] as const)(
    'a report that could not be looked for says so on the card of a token that is %s, and when it is searched',
    (state) => {
      const profiles = [{ fault: 'provider_unauthorized', whose: 'dfns-demo', status: 401 }] as const;
      const deferred = { key: 'r', troubles: [{ kind: 'unread', profiles }] } as const;
      const search = { tries: 1, at: '2026-11-24T10:00:00.000Z' };
      const card = aloud(caseCard({ ...leak, state, deferred, search }, { now: NOW, showWhere: true }));
      expect(card).toContain('Reported once more, and Patrol could NOT look for it.');
      expect(card).toContain('The provider refused our credential (dfns-demo, HTTP 401)');
      expect(card).toMatch(/only profiles\/dfns-demo.*Patrol also searches by itself, next /s);
      expect(card).not.toMatch(/Then press/);
    },
  );

  it('what cannot be seen is counted, and told by a press', () => {
    expect(aloud(render(samples['list'] as OutcomeOf<'listed'>, { actor: operator, now: NOW }).blocks)).toMatch(
      /1 blind spot \(why\?\)/,
    );
  });

  it('a token that could not be looked for everywhere is not said to be none', () => {
    const unknown = render(samples['unknown token'] as OutcomeOf<'unknown_token'>, { actor: operator, now: NOW });
    expect(unknown.text).toMatch(/^NOT deactivated: `alcie laptop` could not be looked for everywhere: .*`dfns-eu`/);
    expect(aloud(unknown)).not.toContain('no token that you may see');
  });

  it('many tokens are said to stop at the first error, unless they were told to go on', () => {
    const bulk = samples['confirm bulk'] as OutcomeOf<'confirm'>;
    const of = (keepGoing: boolean) => aloud(render({ ...bulk, keepGoing }, { actor: operator, now: NOW }));
    expect(of(false)).toContain('It starts with one token and stops at the first error.');
    expect(of(true)).toContain('It starts with one token and keeps going when one fails.');
  });
});

describe('a claim of the list, by the facts that it is made of', () => {
  const said = (outcome: Outcome, more: Partial<RenderContext> = {}) =>
    render(outcome, { actor: operator, now: NOW, ...more });
  const card = (kase: Case) => caseCard(kase, { now: NOW, showWhere: true });
  const buttons = (message: { readonly blocks: readonly unknown[] }) => aloud(elementsOf(message.blocks, 'button'));

  it('what was so before was not done now, and has no way back', () => {
    const answer = said(samples['already inactive']!);
    const leaked = card({ ...leak, state: 'dead', already: true });
    for (const message of [answer, leaked]) {
      expect(message.text).toMatch(/already inactive/);
      expect(readAloud(message)).toContain('Nothing was changed');
      expect(`${message.text} ${readAloud(message)}`).not.toMatch(/Deactivated, confirmed|was undone/);
      expect(buttons(message)).not.toContain('Undo');
    }
    expect(buttons(card({ ...leak, state: 'dead' }))).toContain('Undo');
  });

  it('what brings tokens back is never said to be final, where it is asked and where it is done', () => {
    const asked = samples['confirm bulk'] as OutcomeOf<'confirm'>;
    const open = { ...approval, state: 'open', order: { ...approval.order, verb: 'activate' } } as Approval;
    for (const message of [
      said({ ...asked, verb: 'activate' }),
      said({ kind: 'approval', approval: open, approvers: [], mayBreakGlass: true }),
    ]) {
      expect(aloud(message)).not.toContain('cannot be undone');
      expect(readAloud(message)).toMatch(/works? again until it is deactivated/);
    }
    expect(aloud(said({ ...asked, verb: 'delete' }))).toContain('cannot be undone');
  });

  it('what can only be deleted is never told to be deactivated, on the card or in a dialog', () => {
    const token: Token = { ...pipeline, kind: 'service-key', state: 'active' };
    const message = card({ ...leak, state: 'asking', token });
    expect(message.text).toContain(
      'LangSmith can only delete service keys, which cannot be undone. Press Delete if it is this one',
    );
    expect(`${message.text} ${aloud(message.blocks)}`).not.toMatch(/Press Deactivate|Deactivate [`\w]|can be undone\./);
    expect(buttons(message)).toMatch(/Delete .* for good\? This cannot be undone/);
  });

  it('the time to death is that from the first report of the case, and not told after an undo', () => {
    const at = (seconds: number) => new Date(AT - 3_600_000 + seconds * 1000).toISOString();
    const [report] = leak.reports;
    const kase: Case = {
      ...leak,
      state: 'dead',
      openedAt: at(0),
      // The newest of them came a blink before the proof.
      reports: [0, 15.9].map((seconds, index) => ({ ...report!, key: `k${index}`, at: at(seconds) })),
      receipt: { ...leak.receipt!, confirmedAt: at(16) },
    };
    expect(readAloud(card(kase))).toContain('Confirmed 16.0 s after the first report');
    expect(readAloud(card({ ...kase, generation: 1 }))).not.toContain('after the first report');
  });

  it('a p95 is told from twenty on, and kills are counted as kills', () => {
    const stats = samples['stats'] as OutcomeOf<'stats'>;
    const of = (count: number) => said({ ...stats, revoked: 5, timeToRevoke: { p50: 400, p95: 371_000, count } }).text;
    expect(of(2)).toMatch(/^5 kills confirmed, .* half within .* \(of 2, too few for a p95\)\.$/);
    expect(of(2)).not.toContain('95 of 100');
    expect(of(19)).toContain('too few for a p95');
    expect(of(20)).toMatch(/95 of 100 within 6 min/);
  });

  it('a part of the record is not said to be all of it', () => {
    const audit = samples['audit'] as OutcomeOf<'audited'>;
    expect(said({ ...audit, more: true }).text).toMatch(/^The newest 3 entries on record since .*; there are more\./);
    expect(said({ ...audit, more: false }).text).toMatch(/^3 entries on record since .*, newest first\.$/);
  });

  it('a result on record is told in words, whatever it is', () => {
    const [entry] = (samples['audit'] as OutcomeOf<'audited'>).entries;
    const results = ['failed', 'pending', 'refused', 'unsupported', 'not_found', 'expired'] as const;
    for (const result of results) {
      const one: AuditEntry = { ...entry!, what: 'not_mine', result };
      const words = said({ kind: 'audited', entries: [one], more: false });
      for (const text of [auditLine(one, { discreet: false }), readAloud(words)]) {
        expect(text).toContain('NOT done');
        const ours = text.replace(/<!date[^>]*>|`[^`]*`|^.*UTC$/gm, '');
        expect(ours).not.toMatch(/\b[a-z]+_[a-z_]+\b/);
      }
    }
  });

  it('what cannot be seen is folded away, and named behind the press', () => {
    const list = samples['list'] as OutcomeOf<'listed'>;
    const message = said({ ...list, unseen: ['no service keys', 'no tokens of others'] });
    const [fold, ...more] = message.blocks.filter((block) => aloud(block).includes('2 blind spots (why?)'));
    expect(more).toEqual([]);
    expect(fold).toMatchObject({ type: 'container' });
    expect(aloud(fold)).toMatch(/no service keys.*no tokens of others/);
    const rest = message.blocks.filter((block) => block !== fold);
    expect(aloud(rest)).not.toContain('no tokens of others');
  });

  it('the form that takes a leak says what it does, and its answer how many it took', () => {
    expect(leakModal('C0GENERAL01')).toMatchObject({ submit: { text: 'Report' } });
    expect(said({ kind: 'leak_received', recognised: 1, unrecognised: 0 }).text).toMatch(/^1 leaked secret received\./);
    expect(said({ kind: 'leak_received', recognised: 0, unrecognised: 1 }).text).toMatch(/^No token was recognised/);
  });

  it('a guess is told as a leak that somebody reports, and never as one of this token, on its card and to its owner', () => {
    const guesses: readonly Partial<Case>[] = [
      { grade: 'weak' },
      { grade: 'exact', because: [{ kind: 'refused_by_issuer' }] },
      { candidates: unsure.candidates ?? [] },
    ];
    for (const state of ['asking', 'shadowed', 'not_revoked', 'waiting'] as const) {
      for (const guess of guesses) {
        const kase = { ...leak, state, ...guess };
        expect(card(kase).text).toMatch(/^Leak reported: /);
        expect(ownerNotice(kase, 30)?.text).toMatch(/^Your Dfns token .* was reported as leaked\./);
      }
      expect(card({ ...leak, state, grade: 'strong' }).text).toMatch(/^Leaked: /);
      expect(ownerNotice({ ...leak, state, grade: 'strong' }, 30)?.text).toContain('has leaked');
    }
  });

  it('what was read of a token says when, since it stays when that is not so any more', () => {
    expect(readAloud(said({ kind: 'shown', token: laptop, may: [] }))).toMatch(/Read <!date.*14:02:20 UTC>/);
  });
});
