import { loadPolicy } from '#infra/policy.ts';
import type { RollUps } from '#shared/cases/roll-ups.ts';
import type { Actor, Token } from '#shared/core/vocabulary.ts';
import type { LeakJob } from '#shared/jobs/job.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { checkPolicy } from '#shared/policy/check-policy.ts';
import type { Effect, Provider } from '#shared/providers/provider.ts';
import type { Case, Write } from '#shared/store/store.ts';
import { authorise } from '#shared/tokens/authorise.ts';
import type { Context } from '#shared/tokens/context.ts';
import type { Services } from '#shared/tokens/services.ts';
import { createMemoryStore, doAll, doing, type MemoryStore } from './memory-store.ts';

export const NOW = new Date('2026-11-22T12:00:00.000Z');
const TEAM = 'T0SANDBOX01';
const person = (userId: string): Actor => ({ teamId: TEAM, userId, channelId: 'C0SECURITY1' });
export const PEOPLE = {
  admin: person('U0ADMIN0001'),
  operator: person('U0OPERATOR1'),
  approver: person('U0APPROVER1'),
  viewer: person('U0VIEWER001'),
  stranger: { ...person('U0STRANGER1'), teamId: 'T0ELSEWHERE' },
} as const;

/** Use cases over a store, a provider and a policy that are kept in memory: no socket, no clock, no pause. */
export interface Room {
  readonly services: Services;
  readonly store: MemoryStore;
  /** The provider's tokens by their ids. */
  readonly tokens: Map<string, Token>;
  /** What is planned for later. */
  readonly planned: readonly LeakJob[];
  /** One delivery of a request of this person. */
  context(who: Actor, key?: string): Promise<Context>;
}

/** Enough room in the channel for every card. */
export const ALWAYS_A_CARD: RollUps = {
  hasCard: async () => true,
  tell: async () => {},
  isBehind: async () => false,
};

/** Besides its card nothing is told of a case, and nothing is planned. */
export const CARD_ALONE = {
  plan: async () => undefined,
  note: async () => {},
  announceHeld: async () => undefined,
  findCard: async () => undefined,
  tellReporters: async () => {},
  callOwner: async () => undefined,
  tellOwner: async () => undefined,
};

const PROFILES = ['dfns-demo', 'langsmith-demo'] as const;

export function createRoom(change: (policy: Policy) => unknown = () => undefined): Room {
  const policy = structuredClone(loadPolicy());
  change(policy);
  const store = createMemoryStore();
  const tokens = new Map<string, Token>();
  const planned: LeakJob[] = [];
  let ids = 0;
  const services: Services = {
    policy: checkPolicy(policy),
    store,
    providers: {
      names: () => PROFILES,
      kindOf: (profile) => policy.profiles[profile]?.provider,
      open: async (profile) => openProvider(profile, tokens),
      worksWith: async (profile, token) => (await services.providers.open(profile)).worksWith(token),
    },
    people: { byEmail: async () => undefined, nameOf: async () => undefined, emailOf: async () => undefined },
    channels: { isShared: async () => false, linkTo: async () => undefined },
    groups: { of: async () => new Set<string>(), members: async () => [] },
    version: '0.0.0-test',
    slackCheck: async () => ({ missingScopes: ['files:write'] }),
    sendLater: async (jobs) => void planned.push(...jobs),
    now: () => NOW,
    // After whatever is there at once, as every wait is.
    sleep: () => new Promise((resolve) => setImmediate(resolve)),
    newId: () => `id-${(ids += 1)}`,
  };
  let jobs = 0;
  return {
    services,
    store,
    tokens,
    planned,
    context: async (who, key = `job-${(jobs += 1)}`) => {
      const notes = new Map<string, unknown>();
      const journal = {
        attempt: 1,
        get: <T>(name: string) => notes.get(name) as T | undefined,
        put: async (name: string, value: unknown, along: readonly Write[] = []) =>
          doAll([doing(() => notes.set(name, value)), ...along]),
        writing: (name: string, value: unknown) => doing(() => notes.set(name, value)),
        ending: () => doing(() => {}),
        ended: () => undefined,
      };
      const requestedAt = new Date(NOW.getTime() + jobs).toISOString();
      return {
        services,
        authority: await authorise(services, who),
        attempt: { journal, requestedAt, progress: async () => {} },
        key,
      };
    },
  };
}

/** Puts a token of a profile into the room. */
export function addToken(room: Room, id: string, more: Partial<Token> = {}): Token {
  const token: Token = {
    provider: 'langsmith',
    profile: 'langsmith-demo',
    id,
    name: `name of ${id}`,
    kind: 'pat',
    state: 'active',
    permissions: [],
    createdAt: '2026-01-01T00:00:00.000Z',
    own: false,
    ...more,
  };
  room.tokens.set(id, token);
  return token;
}

/** Opens a case that asks about a token. */
export async function openCase(room: Room, token: Token, more: Partial<Case> & Pick<Case, 'id'>): Promise<Case> {
  const { record } = await room.store.cases.open({
    key: `token:${token.profile}:${token.id}`,
    state: 'asking',
    openedAt: NOW.toISOString(),
    updatedAt: NOW.toISOString(),
    token,
    reports: [],
    count: 1,
    generation: 1,
    ...more,
  });
  return record;
}

function openProvider(profile: string, tokens: Map<string, Token>): Provider {
  const to = async (id: string, state: Token['state']): Promise<Effect> => {
    const token = tokens.get(id);
    if (token === undefined) return { kind: 'not_found' };
    tokens.set(id, { ...token, state });
    return { kind: 'done', answer: { status: 200, ...(state === 'expired' ? {} : { fact: state }) } };
  };
  const mine = () => [...tokens.values()].filter((token) => token.profile === profile);
  return {
    name: profile === 'dfns-demo' ? 'dfns' : 'langsmith',
    profile,
    knows: { lastUse: true, expiry: true, undo: true },
    list: async () => ({ tokens: mine(), unseen: [`what ${profile} hides`] }),
    get: async (id) => mine().find((token) => token.id === id),
    prepare: () => undefined,
    deactivate: (id) => to(id, 'inactive'),
    activate: (id) => to(id, 'active'),
    delete: async (id) => (tokens.delete(id) ? { kind: 'done', answer: { status: 204 } } : { kind: 'not_found' }),
    find: async () => [],
    worksWith: () => false,
    check: async () => ({ works: true, tokens: mine().length, can: ['list'], cannot: [], advice: [] }),
    levers: () => [{ id: 'stop-all', kind: 'langsmith.stop-new-pats', stops: 'owner' }],
    pull: async () => ({ kind: 'done', answer: { status: 200, fact: 'stopped' } }),
    isPulled: async () => false,
  };
}
