import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Token } from '#shared/core/vocabulary.ts';
import { readKey } from '#shared/providers/langsmith/read-key.ts';
import { caseCard } from '#shared/slack/blocks/case-card.ts';
import { homeView } from '#shared/slack/blocks/home-view.ts';
import { breakGlassModal } from '#shared/slack/blocks/modals.ts';
import { render } from '#shared/slack/blocks/render.ts';
import { whatNext } from '#shared/slack/blocks/render-trouble.ts';
import { expiryWords, lastUseWords } from '#shared/slack/blocks/token.ts';
import { filterTokens } from '#shared/tokens/filter-tokens.ts';
import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import { approval, laptop, NOW, operator, samples, unmatched } from '#test/fixtures/outcomes.ts';

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
