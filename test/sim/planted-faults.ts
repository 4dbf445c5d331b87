import type { Policy } from '#shared/policy/policy.ts';
import type { Provider } from '#shared/providers/provider.ts';
import { Secret } from '#shared/core/secret.ts';
import { without } from '#shared/core/without.ts';
import type { Approval, Case, Journal, Store, Write } from '#shared/store/store.ts';
import { CARRYING } from '#shared/tokens/carry-out.ts';
import type { Services } from '#shared/tokens/services.ts';
import type { Wrap } from './bot.ts';
import { PEOPLE } from './cast.ts';
import { isUnknownHere } from './releases.ts';

/** A fault put into the bot from outside: one of the things that the world hands it is not what it should be. */
export interface PlantedFault {
  readonly words: string;
  readonly wrap: Wrap;
}

const withPolicy = (change: (policy: any) => void): Wrap => ({
  rim: (rim) => {
    const policy = structuredClone<Policy>(rim.policy);
    change(policy);
    return { ...rim, policy };
  },
});
const withStore = (change: (store: Store) => Partial<Store>): Wrap => ({
  services: (services) => ({ ...services, store: { ...services.store, ...change(services.store) } }),
});
const withProvider = (change: (provider: Provider) => Partial<Provider>): Wrap => ({
  services: (services) => ({
    ...services,
    providers: {
      ...services.providers,
      open: async (...asked) => {
        const provider = await services.providers.open(...asked);
        return { ...provider, ...change(provider) };
      },
      worksWith: async (profile, token) => {
        const { worksWith } = change(await services.providers.open(profile));
        return worksWith === undefined ? services.providers.worksWith(profile, token) : worksWith(token);
      },
    },
  }),
});

/** The provider's answer is believed: whatever was asked for is read back as done. */
function believing(provider: Provider): Partial<Provider> {
  const wished = new Map<string, 'active' | 'inactive' | 'deleted'>();
  const note = <T>(id: string, to: 'active' | 'inactive' | 'deleted', made: Promise<T>) => {
    wished.set(id, to);
    return made;
  };
  return {
    deactivate: (id) => note(id, 'inactive', provider.deactivate(id)),
    activate: (id) => note(id, 'active', provider.activate(id)),
    delete: (id) => note(id, 'deleted', provider.delete(id)),
    get: async (id) => {
      const token = await provider.get(id);
      const state = wished.get(id);
      if (state === undefined || token === undefined) return token;
      return state === 'deleted' ? undefined : { ...token, state };
    },
  };
}

/** Approvals as they were when this process first read them. */
function stale(store: Store): Partial<Store> {
  const first = new Map<string, Approval>();
  const { approvals } = store;
  return {
    approvals: {
      ...approvals,
      get: async (id) => {
        const read = await approvals.get(id);
        if (read?.state === 'open') first.set(id, first.get(id) ?? read);
        return first.get(id) ?? read;
      },
      change: (id, next) => approvals.change(id, (record) => next(first.get(id) ?? record)),
    },
  };
}

const FAR = '2099-01-01T00:00:00.000Z';

function everlasting({ approvals }: Store): Partial<Store> {
  const keep = <T extends Omit<Approval, 'version'>>(record: T): T => ({ ...record, expiresAt: FAR });
  return {
    approvals: {
      ...approvals,
      get: async (id) => {
        const record = await approvals.get(id);
        return record && keep(record);
      },
      change: (id, next) =>
        approvals.change(id, (record) => {
          const changed = next(keep(record));
          return changed && { ...changed, expiresAt: record.expiresAt };
        }),
    },
  };
}

/** A kill whose next try its card promises, and whose job finds that another one is the planned one. */
const misplanned = (kase: Omit<Case, 'version'> | undefined) => {
  const { token, search } = kase ?? {};
  if (kase === undefined || token === undefined || search === undefined || search.at.endsWith('.001Z')) return kase;
  return { ...kase, search: { ...search, at: search.at.replace(/\.\d{3}Z$/, '.001Z') } };
};

const unlooked = (kase: Omit<Case, 'version'> | undefined) => kase && without(kase, 'look');

/** A write to the table: alone, or one of a transaction. */
interface Conditional {
  readonly Key?: { readonly pk: string };
  readonly Item?: { readonly pk: string };
  ConditionExpression?: unknown;
}

/** The table looks at no conditions of what is written under some keys. */
const withoutConditions = (isMeant: (key: string) => boolean): Wrap => ({
  rim: (rim) => ({
    ...rim,
    client: {
      send: (command: { input: Conditional & { TransactItems?: readonly Record<string, Conditional>[] } }) => {
        const { TransactItems: together = [] } = command.input;
        for (const one of [command.input, ...together.flatMap((write) => Object.values(write))]) {
          if (isMeant((one.Key ?? one.Item)?.pk ?? '')) delete one.ConditionExpression;
        }
        return rim.client.send(command as never);
      },
    } as never,
  }),
});

const NOTHING = { isWrite: true, writes: [] } as Write;
const forgetful: Journal = {
  attempt: 1,
  get: () => undefined,
  put: async () => undefined,
  writing: () => NOTHING,
  ending: () => NOTHING,
  ended: () => undefined,
};

const keptGroups = (services: Services): Services => {
  const known = new Map<string, ReturnType<Services['groups']['of']>>();
  return {
    ...services,
    groups: {
      ...services.groups,
      of: (userId) => {
        const groups = known.get(userId) ?? services.groups.of(userId);
        known.set(userId, groups);
        return groups;
      },
    },
  };
};

/** Every planted fault, by the name that `--plant` takes. */
export const PLANTED_FAULTS: Readonly<Record<string, PlantedFault>> = {
  'conditions-off': {
    words: "the table's conditions are not looked at",
    wrap: withoutConditions(() => true),
  },
  'journal-off': {
    words: 'a job does not remember what it has tried before a crash',
    wrap: withStore(({ remember }) => ({
      remember: (key, work, tell) => remember(key, (journal) => work({ ...journal, get: () => undefined }), tell),
    })),
  },
  'order-forgotten': {
    words: 'a job does not remember which order it had begun to carry out',
    wrap: withStore(({ remember }) => ({
      remember: (key, work, tell) => {
        const forgetting: typeof work = (journal) =>
          work({ ...journal, get: (name) => (name === CARRYING ? undefined : journal.get(name)) });
        return remember(key, forgetting, tell);
      },
    })),
  },
  'begun-forgotten': {
    words: 'nobody knows what another request has begun with a token',
    wrap: withStore(({ hold }) => ({
      hold: (key, work, waitMs) =>
        hold(key, (held) => work(key.startsWith('token:') ? { ...held, kept: () => undefined } : held), waitMs),
    })),
  },
  'posts-not-looked-for': {
    words: 'a message whose address was lost is not looked for',
    wrap: { reply: (reply) => ({ ...reply, find: async () => undefined }) },
  },
  'remember-off': {
    words: 'a job is done again each time that it is delivered',
    wrap: withStore(() => ({
      remember: async (_, work, tell) => {
        const value = await work(forgetful);
        await tell?.(value);
        return { value, replayed: false };
      },
    })),
  },
  'hold-off': {
    words: 'two may work on one token or case at once',
    // Whoever wants a key has it, and what is kept and left with it is written all the same.
    wrap: withoutConditions((key) => key.startsWith('lock#')),
  },
  'lease-never-renewed': {
    words: 'a lease is never renewed',
    wrap: { rim: (rim) => ({ ...rim, every: () => () => {} }) },
  },
  'approval-not-re-read': { words: 'an approval is taken as it was when first read', wrap: withStore(stale) },
  'approval-never-lapses': { words: 'a request that has lapsed can still be approved', wrap: withStore(everlasting) },
  'receipt-before-read-back': { words: 'what a provider accepted counts as read back', wrap: withProvider(believing) },
  'sealed-text-stored': {
    words: 'a fingerprint is the secret itself',
    wrap: { rim: (rim) => ({ ...rim, fingerprint: (text) => text }) },
  },
  'early-acknowledgement': {
    words: 'a job leaves the queue whether it was done or not',
    wrap: {
      handler: (handler) => async (event, context) => handler(event, context).then(() => ({ batchItemFailures: [] })),
    },
  },
  'groups-kept': { words: 'who once was on call stays so', wrap: { services: keptGroups } },
  'audit-lost': {
    words: 'what was done is not written into the record',
    wrap: withStore(({ audit }) => ({
      audit: {
        ...audit,
        append: async (entry) => (entry.result === 'done' ? undefined : audit.append(entry)),
        writing: (entry) => (entry.result === 'done' ? NOTHING : audit.writing(entry)),
      },
    })),
  },
  'notes-forgotten': {
    words: 'where a message stands is forgotten',
    wrap: withStore(({ notes }) => ({ notes: { ...notes, get: async () => undefined } })),
  },
  'paste-given-up-untold': {
    words: 'whoever pasted a secret is not told that Patrol gave up on it',
    wrap: withStore(({ notes }) => ({
      notes: {
        ...notes,
        put: async (key, ...rest) => (/^given-up-(report|paste):/.test(key) ? undefined : notes.put(key, ...rest)),
      },
    })),
  },
  'protection-off': {
    words: 'protected tokens are not protected',
    wrap: withPolicy((policy) => (policy.protected = [])),
  },
  'approvals-off': { words: 'nobody else has to agree', wrap: withPolicy((policy) => (policy.approvals = [])) },
  'rights-off': {
    words: 'whoever may look may also change',
    wrap: withPolicy((policy) => policy.roles.viewer.may.push({ verbs: '*', profiles: '*' })),
  },
  'workspace-unchecked': {
    words: 'people of another workspace count as ours',
    wrap: withPolicy((policy) => {
      policy.teams.push('T0STRANGER1');
      policy.roles.operator.users.push(PEOPLE.stranger);
    }),
  },
  'weak-match-kills': {
    words: 'a resemblance is enough to kill',
    wrap: withProvider((provider) => ({
      find: async (clue) =>
        (await provider.find(clue)).map((candidate) => ({ ...candidate, grade: 'proved' as const })),
    })),
  },
  'own-token-unknown': {
    words: 'Patrol does not know the token it works with',
    wrap: withProvider((provider) => ({
      worksWith: () => false,
      get: async (id) => {
        const token = await provider.get(id);
        return token && { ...token, own: false };
      },
    })),
  },
  'edits-dropped': {
    words: 'a message that was posted is never brought up to date',
    wrap: { reply: (reply) => ({ ...reply, edit: async () => undefined }) },
  },
  'profiles-mixed': {
    words: 'one profile is opened with the credential of another',
    wrap: {
      services: (services) => ({
        ...services,
        providers: {
          ...services.providers,
          open: (profile) => services.providers.open(profile === 'dfns-ops' ? 'dfns-demo' : profile),
        },
      }),
    },
  },
  'secret-never-re-read': {
    words: 'a rotated secret is never read again',
    wrap: {
      rim: (rim) => {
        const known = new Map<string, ReturnType<typeof rim.fetchSecret>>();
        return {
          ...rim,
          fetchSecret: (name) => {
            const secret = known.get(name) ?? rim.fetchSecret(name);
            known.set(name, secret);
            secret.catch(() => known.delete(name));
            return secret;
          },
        };
      },
    },
  },
  'never-looks-again': {
    words: 'a dead token is never looked at again',
    wrap: withStore(({ cases }) => ({
      cases: { ...cases, change: (id, next) => cases.change(id, (record) => unlooked(next(record))) },
    })),
  },
  'kill-not-planned': {
    words: 'a kill that was decided, and that has failed, is not tried again later',
    wrap: withStore(({ cases }) => ({
      cases: {
        ...cases,
        change: (id, next, how) => cases.change(id, (record) => misplanned(next(record)), how),
      },
    })),
  },
  'undo-unnoticed': {
    words: 'a case does not notice that its kill was undone',
    wrap: withStore(({ cases }) => ({
      cases: {
        ...cases,
        change: (id, next, how) =>
          cases.change(
            id,
            (record) => {
              const changed = next(record);
              return changed?.state === 'restored' ? undefined : changed;
            },
            how,
          ),
      },
    })),
  },
  'newer-job-dropped': {
    words: 'a job that only the next release knows is taken from the queue and forgotten',
    wrap: {
      handler: (handler) => async (event, context) => {
        const { batchItemFailures } = await handler(event, context);
        const ofNext = new Set(
          event.Records.filter(({ body }) => isUnknownHere(body)).map(({ messageId }) => messageId),
        );
        return { batchItemFailures: batchItemFailures.filter(({ itemIdentifier }) => !ofNext.has(itemIdentifier)) };
      },
    },
  },
  'dead-letters-unread': {
    words: 'nobody looks which words promise another try of a dead letter',
    wrap: {
      rim: (rim) => ({
        ...rim,
        call: async (request) =>
          'target' in request && request.target === 'AmazonSQS.ReceiveMessage'
            ? { ok: true, body: new Secret('{}') }
            : rim.call(request),
      }),
    },
  },
};
