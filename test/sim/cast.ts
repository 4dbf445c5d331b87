import { generateKeyPairSync } from 'node:crypto';
import { loadPolicy } from '#infra/policy.ts';
import { checkPolicy } from '#shared/policy/check-policy.ts';
import type { Policy } from '#shared/policy/policy.ts';
import type { Chance } from './chance.ts';
import { ORGANISATION } from './dfns.ts';
import type { SimToken } from './providers.ts';

/** The people of every history, and what the policy lets them do. */
export const PEOPLE = {
  admin: 'U0ADMIN0001',
  chief: 'U0ADMIN0002',
  approver: 'U0APPROVER1',
  operator: 'U0OPERATOR1',
  oncall: 'U0ONCALL001',
  viewer: 'U0VIEWER001',
  stranger: 'U0STRANGER1',
  /** Owns tokens, and has no role. */
  owner: 'U0OWNER0001',
} as const;
export type Person = keyof typeof PEOPLE;

/** E-mail addresses that Slack knows. */
export const EMAILS: Readonly<Record<string, string>> = { 'olga@acme.example': PEOPLE.owner };

export const SECURITY = 'C0SECURITY1';
export const GENERAL = 'C0GENERAL01';
export const TEAM = 'T0SANDBOX01';
export const ONCALL_GROUP = 'S0ONCALL001';

/** The shipped policy with more profiles, a second admin and a small bulk limit. */
export const POLICY: Policy = (() => {
  const policy = structuredClone(loadPolicy()) as any;
  policy.profiles['dfns-demo'].issuer = 'https://dfns.sim';
  policy.profiles['langsmith-demo'].issuer = 'https://langsmith.sim';
  policy.profiles['dfns-ops'] = { provider: 'dfns', note: 'another Dfns user', issuer: 'https://dfns.sim' };
  policy.roles.admin.users.push(PEOPLE.chief);
  policy.approvals.find((rule: { name: string }) => rule.name === 'bulk').fromTokens = 3;
  // Short enough that requests lapse within a history.
  for (const rule of policy.approvals) rule.expiresMinutes = 10;
  policy.protected = [
    { profile: 'langsmith-demo', owner: 'member-1', name: 'break-glass-*', reason: 'emergency access' },
  ];
  // Few enough that cards run out.
  policy.alerts.flood = { cards: 1, minutes: 10 };
  policy.alerts.owner = { replaced: 'deactivate', waitMinutes: 10, afterWait: 'deactivate' };
  // So few kills of a profile that two leaks meet the brake.
  policy.alerts.brake = { kills: 1, minutes: 10 };
  policy.owners = { 'us-anna': PEOPLE.owner, 'member-1': PEOPLE.owner };
  return checkPolicy(policy);
})();

const DFNS_USERS: Readonly<Record<string, string>> = { 'dfns-demo': 'us-anna', 'dfns-ops': 'us-ben' };
/** The tokens of every history, by name. */
export const NAMES_OF_TOKENS = ['alpha', 'bravo', 'carol', 'delta', 'echo', 'break-glass-root'] as const;
const { privateKey } = generateKeyPairSync('ed25519');
export const PRIVATE_KEY = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

export const NAMES_OF_OWN = ['patrol-langsmith', 'patrol-dfns', 'patrol-dfns-ops'] as const;

/** Everybody and everything that a history begins with. */
export interface Cast {
  /** Tokens that may leak, in a fixed order. */
  readonly tokens: readonly SimToken[];
  /** Patrol's own, by profile. */
  readonly own: Readonly<Record<string, SimToken>>;
}

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Makes everything that can be told apart of one seed. */
export function createCast(chance: Chance, bornAt: number): Cast {
  const hex = (length: number) =>
    Array.from({ length }, () => Math.floor(chance.draw('hex') * 16).toString(16)).join('');
  const uuid = (digits: string) => digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
  let born = bornAt;
  const nextBirth = () => new Date((born += 86_400_000 + 1000 * chance.between('born', [0, 50_000]))).toISOString();

  const langsmith = (name: string, kind: SimToken['kind'], more: Partial<SimToken> = {}): SimToken => {
    const digits = hex(32);
    return {
      provider: 'langsmith',
      profiles: ['langsmith-demo'],
      id: uuid(chance.draw('row id') < 0.7 ? digits : hex(32)),
      name,
      secret: `lsv2_${kind === 'pat' ? 'pt' : 'sk'}_${digits}_${hex(10)}`,
      owner: 'member-1',
      kind,
      createdAt: nextBirth(),
      own: false,
      state: 'active',
      ...more,
    };
  };
  const dfns = (name: string, profile: string, own = false): SimToken => {
    const id = `to-${hex(5)}-${hex(5)}-${hex(16)}`;
    const owner = DFNS_USERS[profile]!;
    const createdAt = nextBirth();
    const claims = {
      iss: 'auth.dfns.io',
      aud: 'dfns:auth:user',
      sub: ORGANISATION,
      'https://custom/app_metadata': {
        userId: owner,
        orgId: ORGANISATION,
        tokenKind: 'Pat',
        ...(own ? { tokenId: id } : {}),
      },
      iat: Math.floor(Date.parse(createdAt) / 1000),
      exp: 1_943_072_000,
    };
    const signature = Buffer.from(hex(128), 'hex').toString('base64url');
    return {
      provider: 'dfns',
      profiles: [profile],
      id,
      name,
      secret: `${base64({ typ: 'JWT', alg: 'EdDSA' })}.${base64(claims)}.${signature}`,
      owner,
      kind: 'pat',
      createdAt,
      own,
      state: 'active',
    };
  };
  const [alpha, bravo, carol, delta, echo, root] = NAMES_OF_TOKENS;
  const tokens = [
    langsmith(alpha, 'pat'),
    dfns(bravo, 'dfns-demo'),
    langsmith(carol, 'pat', { owner: 'olga@acme.example' }),
    dfns(delta, 'dfns-ops'),
    langsmith(echo, 'service-key'),
    langsmith(root, 'pat'),
  ];
  return {
    tokens,
    own: {
      'langsmith-demo': langsmith(NAMES_OF_OWN[0], 'pat', { own: true }),
      'dfns-demo': dfns(NAMES_OF_OWN[1], 'dfns-demo', true),
      'dfns-ops': dfns(NAMES_OF_OWN[2], 'dfns-ops', true),
    },
  };
}

/** True for a token that a sure report of its leak must kill by itself. */
export function isKillable(token: SimToken): boolean {
  return !token.own && token.kind === 'pat' && !token.name.startsWith('break-glass-');
}

/** The credential that Patrol keeps of a profile. */
export function credentialOf({ provider, secret, owner }: SimToken): Readonly<Record<string, string>> {
  if (provider === 'langsmith') {
    return {
      provider,
      baseUrl: 'https://langsmith.sim',
      apiKey: secret,
      organizationId: 'org-sim',
      scope: 'organization',
    };
  }
  return {
    provider,
    baseUrl: 'https://dfns.sim',
    authToken: secret,
    privateKey: PRIVATE_KEY,
    orgId: ORGANISATION,
    userId: owner,
  };
}
