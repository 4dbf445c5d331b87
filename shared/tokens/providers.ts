import { Fault, isFault } from '#shared/core/fault.ts';
import { createFresh } from '#shared/core/fresh.ts';
import type { Policy } from '#shared/policy/policy.ts';
import type { Provider, ProviderDeps } from '#shared/providers/provider.ts';
import type { Credential } from '#shared/providers/client.ts';
import { createProvider, parseCredential } from '#shared/providers/clients.ts';
import { FACTS } from '#shared/providers/facts.ts';
import { isLoopback } from '#shared/providers/kit/parse-fields.ts';
import type { SecretReader } from '#shared/secrets/secret-reader.ts';
import type { Beginning, CallBudget, CallLimit } from './call-budget.ts';
import type { Providers, Urgency } from './services.ts';

interface OpenProvidersDeps extends Omit<ProviderDeps, 'profile'> {
  readonly policy: Policy;
  readonly secrets: SecretReader;
  /** Full name of the secret that holds a profile's credential. */
  readonly secretName: (profile: string) => string;
  /** Whether a provider may be on this very machine: in Lambda that would be the runtime's own API. */
  readonly allowsLoopback: boolean;
  /** What is left of each published limit; absent where too few calls are made to be counted. */
  readonly budget?: CallBudget;
}

/** Opens the policy's profiles with the credentials kept in Secrets Manager. */
export function createProviders({
  policy,
  secrets,
  secretName,
  allowsLoopback,
  budget,
  ...deps
}: OpenProvidersDeps): Providers {
  const build = (profile: string, json: string): Opened => {
    const credential = parseCredential(profile, json);
    if (!allowsLoopback && isLoopback(credential.baseUrl.hostname)) {
      throw new Fault('config_invalid', `profile ${profile}: baseUrl is on this machine`);
    }
    if (budget !== undefined) return { json, by: createLimited(credential, { ...deps, profile }, budget) };
    const provider = createProvider(credential, { ...deps, profile });
    return { json, by: { search: provider, proved: provider, many: provider, person: provider } };
  };

  /** The provider of each profile with the credential that it was opened with: who asks it at once shares its listings. */
  const opened = new Map<string, Opened>();
  const openOnce = (profile: string, json: string, urgency: Urgency): Provider => {
    const known = opened.get(profile);
    const one = known?.json === json ? known : build(profile, json);
    opened.set(profile, one);
    return one.by[urgency];
  };

  // Who asks about very many tokens reads once.
  const credentials = createFresh({ load: (name) => lastAndStored({ ...deps, secrets }, name), now: deps.now });
  const storedName = (profile: string): string => {
    if (Object.hasOwn(policy.profiles, profile)) return secretName(profile);
    throw new Fault('config_invalid', `profile ${profile} is not in the policy`);
  };

  return {
    names: () => Object.keys(policy.profiles),
    kindOf: (profile) => (Object.hasOwn(policy.profiles, profile) ? policy.profiles[profile]?.provider : undefined),
    open: async (profile, urgency = 'person') => {
      const name = storedName(profile);
      const json = (await secrets.read(name)).current.expose();
      const provider = openOnce(profile, json, urgency);
      if (provider.name !== policy.profiles[profile]?.provider) {
        throw new Fault(
          'config_invalid',
          `profile ${profile}: its secret is for ${provider.name}, the policy says otherwise`,
        );
      }
      return withRotation(provider, async () => {
        const fresh = (await secrets.refresh(name)).current.expose();
        return fresh === json ? undefined : openOnce(profile, fresh, urgency);
      });
    },
    worksWith: async (profile, token) => {
      const name = storedName(profile);
      return (await credentials(name, STORED_WITHIN_MS)).some((json) =>
        openOnce(profile, json, 'person').worksWith(token),
      );
    },
  };
}

/** So long a kill waits for what is stored of a credential that was read minutes ago, and so long that serves others. */
const STORED_WITHIN_MS = 1000;

/** A credential as it was read last and, where that is another and can be read at once, as it is stored now. */
async function lastAndStored(
  { secrets, sleep }: Pick<OpenProvidersDeps, 'secrets' | 'sleep'>,
  name: string,
): Promise<readonly string[]> {
  const last = (await secrets.read(name)).current.expose();
  const late = sleep(STORED_WITHIN_MS).then(() => undefined);
  const stored = await Promise.race([secrets.refresh(name), late]).catch(() => undefined);
  return [...new Set([last, stored?.current.expose() ?? last])];
}

/** A provider with the credential that it was opened with: one, by what of it is held back for a limit's sake. */
interface Opened {
  readonly json: string;
  readonly by: Readonly<Record<Urgency, Provider>>;
}

/** Counts every call. What waits for its share is what begins: of people's a change, of alerts' a search; never the way on from it. */
function createLimited(credential: Credential, deps: ProviderDeps, budget: CallBudget): Opened['by'] {
  const limit = limitOf(credential, deps.profile);
  const fetch: ProviderDeps['fetch'] = async (...request) => {
    budget.count(limit);
    const response = await deps.fetch(...request);
    if (response.status === 429) budget.refused(limit);
    return response;
  };
  const counted = createProvider(credential, { ...deps, fetch });
  const after =
    <A extends readonly unknown[], T>(beginning: Beginning, call: (...given: A) => Promise<T>) =>
    async (...given: A): Promise<T> => {
      await budget.begin(limit, beginning);
      return call(...given);
    };
  const { callsPerKill } = FACTS[credential.provider];
  const change: Beginning = { what: 'change', calls: callsPerKill - 1 };
  return {
    search: { ...counted, find: after({ what: 'search', calls: 1 }, counted.find) },
    proved: { ...counted, find: after({ what: 'change', calls: callsPerKill }, counted.find) },
    many: {
      ...counted,
      deactivate: after(change, counted.deactivate),
      activate: after(change, counted.activate),
      delete: after(change, counted.delete),
    },
    person: counted,
  };
}

/** What a credential's calls are counted with. Where it does not say which organisation it is of, all of its server are one. */
function limitOf({ provider, organizationId, baseUrl }: Credential, profile: string): CallLimit {
  const { limitedBy, callsPerMinute } = FACTS[provider];
  const name = limitedBy === 'organisation' ? `${provider}:${organizationId ?? baseUrl.host}` : profile;
  return { name, profile, callsPerMinute };
}

/**
 * Repeats a call once with a freshly read credential when the provider answers 401: the secret may have been rotated
 * since it was cached. A 401 is given before anything is done, so that repeating a change is safe.
 */
function withRotation(provider: Provider, reopen: () => Promise<Provider | undefined>): Provider {
  let current = provider;
  const again = async <T>(call: (using: Provider) => Promise<T>): Promise<T> => {
    try {
      return await call(current);
    } catch (error) {
      if (!isFault(error, 'provider_unauthorized') || error.status !== 401) throw error;
      const fresh = await reopen();
      if (fresh === undefined) throw error;
      current = fresh;
      return call(current);
    }
  };
  return {
    name: provider.name,
    profile: provider.profile,
    knows: provider.knows,
    list: () => again((using) => using.list()),
    get: (id, known) => again((using) => using.get(id, known)),
    prepare: (verb, id) => current.prepare(verb, id),
    deactivate: (id) => again((using) => using.deactivate(id)),
    activate: (id) => again((using) => using.activate(id)),
    delete: (id) => again((using) => using.delete(id)),
    find: (clue, among) => again((using) => using.find(clue, among)),
    worksWith: (token) => current.worksWith(token),
    check: async () => {
      const checkup = await current.check();
      if (checkup.works) return checkup;
      const fresh = await reopen();
      if (fresh === undefined) return checkup;
      current = fresh;
      return current.check();
    },
    levers: (token) => current.levers(token),
    pull: (leverId) => again((using) => using.pull(leverId)),
    isPulled: (leverId) => again((using) => using.isPulled(leverId)),
  };
}
