import { findOnce } from '#shared/providers/find-once.ts';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadPolicy } from '#infra/policy.ts';
import { createProfileItem } from '#infra/setup/profile-item.ts';
import type { Prompt } from '#infra/setup/prompt.ts';
import { findToken } from '#shared/alerts/find-token.ts';
import { hintedProvider } from '#shared/alerts/hinted-provider.ts';
import { sealDelivery } from '#shared/alerts/seal-delivery.ts';
import { Secret } from '#shared/core/secret.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import { caseCard } from '#shared/slack/blocks/case-card.ts';
import { digest } from '#shared/hygiene/assess.ts';
import { hindranceOf } from '#shared/tokens/hindrance-of.ts';
import { clueLines } from '#shared/slack/blocks/where-lines.ts';
import { renderProfiles } from '#shared/slack/blocks/render-profiles.ts';
import type { Case, Store } from '#shared/store/store.ts';
import { authorise } from '#shared/tokens/authorise.ts';
import type { ListQuery } from '#shared/tokens/command.ts';
import { examineProfiles } from '#shared/tokens/commands/examine-profiles.ts';
import { listTokens } from '#shared/tokens/commands/list-tokens.ts';
import { resolveToken } from '#shared/tokens/resolve-token.ts';
import type { Services } from '#shared/tokens/services.ts';
import { fingerprint } from '#test/support/leaks.ts';
import { openProvider } from '#test/support/open-provider.ts';
import { ACME, acmeKey, addAcme } from '#test/support/third-provider.ts';

const NOW = new Date('2026-11-22T00:00:00Z');
const YEAR_AGO = '2025-11-22T00:00:00.000Z';
const [acmeId, langsmithId, sharedId, nowhere] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];

let remove: () => void;
beforeAll(() => {
  remove = addAcme(acme);
});
afterAll(() => remove());

const acmeToken = (id: string, name: string): Token => ({
  provider: ACME,
  profile: 'acme-prod',
  id,
  name,
  kind: 'pat',
  state: 'active',
  permissions: [],
  createdAt: YEAR_AGO,
  own: false,
});
const acme = new Map([
  [acmeId, acmeToken(acmeId, 'robot')],
  [sharedId, acmeToken(sharedId, 'twin-at-acme')],
]);
const langsmithRows = [
  { id: langsmithId, description: 'tracing', created_at: YEAR_AGO, last_used_at: null, expires_at: null },
  {
    id: sharedId,
    description: 'twin-at-langsmith',
    created_at: YEAR_AGO,
    last_used_at: null,
    expires_at: '2027-01-01T00:00:00Z',
  },
];
const langsmith = openProvider(
  {
    provider: 'langsmith',
    baseUrl: 'https://langsmith.example',
    apiKey: `lsv2_pt_${'0'.repeat(32)}_${'0'.repeat(10)}`,
    organizationId: 'o-1',
  },
  { profile: 'langsmith-prod', fetch: async () => Response.json(langsmithRows), now: () => NOW },
);

const policy = {
  ...loadPolicy(),
  profiles: { 'langsmith-prod': { provider: 'langsmith' as const }, 'acme-prod': { provider: ACME } },
};
const services: Services = {
  policy,
  // Nothing here is written down: whoever touches the store fails.
  store: {} as Store,
  groups: { of: async () => new Set<string>(), members: async () => [] },
  now: () => NOW,
  sleep: async () => {},
  people: { byEmail: async () => undefined, nameOf: async () => undefined, emailOf: async () => undefined },
  channels: { isShared: async () => false, linkTo: async () => undefined },
  version: '0.0.0-test',
  slackCheck: async () => ({ missingScopes: [] }),
  sendLater: async () => {},
  newId: () => 'id',
  providers: {
    names: () => Object.keys(policy.profiles),
    kindOf: (profile) => policy.profiles[profile as keyof typeof policy.profiles]?.provider,
    open: async (profile) =>
      profile === 'acme-prod' ? openProvider({ provider: 'acme', secret: 'sesame-open-up' }, { profile }) : langsmith,
    worksWith: async (profile, token) => (await services.providers.open(profile)).worksWith(token),
  },
};
const asAdmin = () => authorise(services, { teamId: 'T0SANDBOX01', userId: 'U0ADMIN0001', channelId: 'C0SECURITY1' });

async function listed(query: Partial<ListQuery>) {
  const request = { query: { profiles: [], sort: 'age' as const, ...query }, offset: 0, private: false };
  const outcome = await listTokens(services, await asAdmin(), request);
  if (outcome.kind !== 'listed') return expect.fail(outcome.kind);
  return {
    names: outcome.tokens.map(({ name }) => name).toSorted(),
    unseen: outcome.unseen,
    unanswered: outcome.unanswered,
  };
}

describe('a third provider, in the maps and nowhere else', () => {
  it('is listed beside the others', async () => {
    expect((await listed({})).names).toEqual(['robot', 'tracing', 'twin-at-acme', 'twin-at-langsmith']);
  });

  it('is left out, and named, where a filter asks what it does not tell', async () => {
    const unused = await listed({ unusedDays: 30 });
    expect(unused.names).toEqual(['tracing', 'twin-at-langsmith']);
    expect(unused.unanswered).toContain('Acme does not tell when a token was last used: its tokens are left out.');
    const lasting = await listed({ noExpiry: true });
    expect(lasting.names).toEqual(['tracing']);
    expect(lasting.unanswered).toContain('Acme does not tell when a token expires: its tokens are left out.');
    expect((await listed({ expiresWithinDays: 60 })).names).toEqual(['twin-at-langsmith']);
  });

  const resolve = async (asked: string) => resolveToken(services, await asAdmin(), { verb: 'show', asked });

  it('has its ids looked up where another provider has ids of the same form', async () => {
    expect(await resolve(acmeId)).toMatchObject({ kind: 'resolved', token: { profile: 'acme-prod', id: acmeId } });
    expect(await resolve(langsmithId)).toMatchObject({ kind: 'resolved', token: { profile: 'langsmith-prod' } });
    expect(await resolve(`acme-prod:${acmeId}`)).toMatchObject({ kind: 'resolved', token: { id: acmeId } });
    expect(await resolve(nowhere)).toMatchObject({ kind: 'unknown_token', unread: [] });
  });

  it('gives a choice where two providers have the very same id', async () => {
    const answer = await resolve(sharedId);
    expect(answer).toMatchObject({ kind: 'ambiguous', candidates: [{ provider: 'langsmith' }, { provider: ACME }] });
  });

  it('is checked by the doctor under its own name, and a profile of nobody under none', async () => {
    const check = async (asked: Services) => {
      const outcome = await examineProfiles(asked, await asAdmin());
      return outcome.kind === 'profiles' ? outcome : expect.fail(outcome.kind);
    };
    const outcome = await check(services);
    expect(outcome.profiles.map(({ profile, provider }) => [profile, provider])).toEqual([
      ['langsmith-prod', 'langsmith'],
      ['acme-prod', ACME],
    ]);
    expect(JSON.stringify(renderProfiles(outcome, { now: new Date(), discreet: false }))).toContain(
      '*`acme-prod`* at Acme *works*',
    );
    const strangers = await check({ ...services, providers: { ...services.providers, kindOf: () => undefined } });
    expect(strangers.profiles.map(({ provider }) => provider)).toEqual([undefined, undefined]);
  });

  it('that can only delete is offered no deactivating: not on a card, not in a clean-up, and in the words for it', async () => {
    const token = acmeToken(acmeId, 'robot');
    const at = NOW.toISOString();
    const kase: Case = {
      id: 'C-1',
      key: `token:acme-prod:${acmeId}`,
      version: 1,
      count: 1,
      generation: 1,
      state: 'asking',
      openedAt: at,
      updatedAt: at,
      reports: [],
      token,
      grade: 'exact',
      decision: { action: 'ask', rule: 'resembles' },
    };
    const card = JSON.stringify(caseCard(kase, { now: NOW, showWhere: true, undo: false }));
    expect(card).toContain('Acme can only delete personal access tokens, which cannot be undone. Press Delete');
    expect(card).toContain('"Delete');
    expect(card).not.toContain('"Deactivate');
    expect(await hindranceOf(services, 'deactivate', token)).toEqual({ kind: 'only_deleted' });
    expect(await hindranceOf(services, 'deactivate', { ...token, provider: 'langsmith' })).toBeUndefined();
    const inventory = { profile: 'acme-prod', provider: ACME, knows: { lastUse: false, expiry: false, undo: false } };
    const { groups } = digest({
      inventories: [{ ...inventory, tokens: [token], unseen: [] }],
      unread: [],
      thresholds: policy.hygiene,
      now: NOW,
    });
    expect(groups).toContainEqual(expect.objectContaining({ kind: 'stale', count: 1, cleanableCount: 0 }));
  });

  it('has its leaked key sealed at the edge, told from others, and found', async () => {
    const key = acmeKey(acmeId);
    const delivery = {
      source: 'generic',
      content: Buffer.from('signed'),
      findings: [{ secret: new Secret(key), note: `see ${key}`, detector: 'acme_api_key' }],
      skipped: 0,
      receivedAt: NOW.toISOString(),
      fingerprint,
      find: findOnce(),
      profiles: [],
      validities: new Map(),
    };
    const { jobs, verdicts } = sealDelivery(delivery);
    expect(JSON.stringify(jobs)).not.toContain(key);
    expect(verdicts).toMatchObject([{ recognised: true }]);
    const [job] = jobs;
    const clue = job?.kind === 'report' ? job.report.clue : undefined;
    if (clue === undefined) return expect.fail('no clue');
    const { match } = await findToken({ services, watched: async () => undefined, issuerOf: () => undefined }, clue);
    expect(match).toMatchObject({ grade: 'exact', token: { provider: ACME, id: acmeId } });
    expect(clueLines({ clue } as Case)).toEqual(['The secret: an Acme key.']);
  });

  it('is looked for by the id that a trusted sender names, and hinted at by the name of a detector', async () => {
    const named = { form: 'named', provider: ACME, tokenId: acmeId } as const;
    const { match } = await findToken({ services, watched: async () => undefined, issuerOf: () => undefined }, named);
    expect(match).toMatchObject({ token: { provider: ACME, id: acmeId } });
    expect(hintedProvider('acme-api-key')).toBe(ACME);
    expect(hintedProvider('langchain_api_personal_key')).toBe('langsmith');
  });

  it('is asked for by setup with its own questions, and what may be empty is left out', async () => {
    const asked: string[] = [];
    const prompt: Prompt = {
      say: () => undefined,
      text: async (question, judge, initial = '') => {
        asked.push(question);
        expect(judge(initial)).toBeUndefined();
        return initial;
      },
      secret: async (question) => {
        asked.push(question);
        return new Secret('sesame-open-up');
      },
      pem: () => expect.fail('Acme has no key'),
      confirm: () => expect.fail('Acme asks nothing to be confirmed'),
      choose: () => expect.fail('Acme gives no choice'),
      close: () => undefined,
    };
    const item = createProfileItem({ profile: 'acme-prod', provider: ACME, validityCheck: true });
    const stored = await item.ask(prompt);
    expect(asked).toEqual(['Acme API', 'Acme secret', 'Team (Enter for the only one)']);
    expect(JSON.parse(stored?.expose() ?? '')).toEqual({
      provider: 'acme',
      baseUrl: 'https://api.acme.example',
      secret: 'sesame-open-up',
    });
  });
});
