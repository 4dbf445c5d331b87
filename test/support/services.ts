import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { every } from '#functions/runtime/every.ts';
import { loadPolicy } from '#infra/policy.ts';
import { type SecretsManagerStandIn, startSecretsManager } from '#infra/sandbox/secrets/secrets-manager.ts';
import { type DfnsStandIn, startDfns } from '#infra/sandbox/providers/dfns/dfns.ts';
import { type LangSmithStandIn, startLangSmith } from '#infra/sandbox/providers/langsmith/langsmith.ts';
import { hmacSha256 } from '#shared/core/hmac-sha256.ts';
import type { Actor } from '#shared/core/vocabulary.ts';
import { checkPolicy } from '#shared/policy/check-policy.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { createSdkFetchSecret } from '#shared/secrets/sdk-fetch-secret.ts';
import { createSecretReader } from '#shared/secrets/secret-reader.ts';
import { createDynamoStore } from '#shared/store/dynamo/dynamo-store.ts';
import { createProviders } from '#shared/tokens/providers.ts';
import type { GroupDirectory, Services } from '#shared/tokens/services.ts';
import { startTable } from './dynalite.ts';

export const TEAM = 'T0SANDBOX01';
export const actor = (userId: string, more: Partial<Actor> = {}): Actor => ({
  teamId: TEAM,
  userId,
  channelId: 'C0SECURITY1',
  ...more,
});
export const ADMIN = actor('U0ADMIN0001');
export const OPERATOR = actor('U0OPERATOR1');
export const APPROVER = actor('U0APPROVER1');
export const VIEWER = actor('U0VIEWER001');

/** The whole system below Slack: a real store, real clients, real secrets, and providers that speak the wire protocol. */
export interface Bench {
  readonly services: Services;
  readonly dfns: DfnsStandIn;
  readonly langsmith: LangSmithStandIn;
  readonly secrets: SecretsManagerStandIn;
  /** User group id → members; a group that is absent cannot be read. */
  readonly groups: Map<string, string[]>;
  withPolicy(change: (policy: Policy) => unknown): Services;
  /** Mutating calls that a stand-in has received and carried out. */
  mutations(): number;
  /** Calls to the table so far. */
  tableCalls(): number;
  /** What its writes so far would cost. */
  writeUnits(): number;
  close(): Promise<void>;
}

/** The policy with another brake. */
export function withBrake(policy: Policy, brake: Policy['alerts']['brake']): Policy {
  return { ...policy, alerts: { ...policy.alerts, brake } };
}

const KEY = 'fingerprint-key-of-the-test-bench-0123456789';
/** The keyed fingerprint that the bench's providers compare row ids with. */
export const benchFingerprint = (text: string): string => hmacSha256(KEY, text).toString('hex');

/** `fetch`: how providers are called; `now`: the clock of everything but the stand-ins. */
export async function startBench({
  fetch = globalThis.fetch,
  now = () => new Date(),
}: {
  readonly fetch?: typeof globalThis.fetch;
  readonly now?: () => Date;
} = {}): Promise<Bench> {
  const [table, dfns, langsmith, secrets] = await Promise.all([
    startTable(),
    startDfns(),
    startLangSmith(),
    startSecretsManager(),
  ]);
  secrets.put('patrol/test/profiles/dfns-demo', JSON.stringify(dfns.profileSecret('dfns-demo')));
  secrets.put('patrol/test/profiles/langsmith-demo', JSON.stringify(langsmith.profileSecret('langsmith-demo')));
  const client = new SecretsManagerClient({
    endpoint: secrets.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const sleep = async (milliseconds: number) => void (await pause(milliseconds));
  const newId = () => randomBytes(9).toString('base64url');
  const store = createDynamoStore({
    client: table.client,
    table: table.table,
    now,
    sleep,
    newId,
    every,
  });
  const groups = new Map<string, string[]>([['S0ONCALL001', []]]);
  const membership: GroupDirectory = {
    of: async (userId) =>
      groups.size === 0
        ? 'unavailable'
        : new Set([...groups].flatMap(([id, users]) => (users.includes(userId) ? [id] : []))),
    members: async (id) => groups.get(id),
  };
  const build = (policy: Policy): Services => ({
    policy,
    store,
    groups: membership,
    people: { byEmail: async () => undefined, nameOf: async () => undefined, emailOf: async () => undefined },
    channels: { isShared: async () => false, linkTo: async () => undefined },
    version: '0.0.0-test',
    slackCheck: () => Promise.resolve({ missingScopes: [] }),
    sendLater: async () => {},
    now,
    sleep,
    newId,
    providers: createProviders({
      policy,
      secrets: createSecretReader({ fetchSecret: createSdkFetchSecret(client), now }),
      secretName: (profile) => `patrol/test/profiles/${profile}`,
      allowsLoopback: true,
      fetch,
      now,
      sleep,
      random: Math.random,
      fingerprint: benchFingerprint,
    }),
  });
  // A test of its own holds the brake; here more than three kills in ten minutes are the rule.
  const shipped = loadPolicy();
  const flood = { cards: 1000, minutes: 10 };
  const policy = withBrake({ ...shipped, alerts: { ...shipped.alerts, flood } }, { kills: 1000, minutes: 10 });
  return {
    services: build(policy),
    dfns,
    langsmith,
    secrets,
    groups,
    withPolicy: (change) => {
      const copy = structuredClone(policy);
      change(copy);
      return build(checkPolicy(copy));
    },
    tableCalls: table.calls,
    writeUnits: table.writeUnits,
    mutations: () =>
      [...dfns.calls, ...langsmith.calls].filter(({ mutation, status }) => mutation && status < 300).length,
    close: async () => {
      client.destroy();
      await Promise.all([table.close(), dfns.close(), langsmith.close(), secrets.close()]);
    },
  };
}
