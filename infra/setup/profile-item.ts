import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { defined } from '#shared/core/defined.ts';
import { isFault } from '#shared/core/fault.ts';
import { Secret } from '#shared/core/secret.ts';
import type { ProviderName } from '#shared/core/vocabulary.ts';
import { FACTS } from '#shared/providers/facts.ts';
import type { Question } from '#shared/providers/provider-facts.ts';
import type { Checkup, Provider } from '#shared/providers/provider.ts';
import { createProvider, parseCredential } from '#shared/providers/clients.ts';
import type { Item, Verdict } from './item.ts';
import type { Judge, Prompt } from './prompt.ts';

interface ProfileItemDeps {
  readonly profile: string;
  /** As the policy states it. */
  readonly provider: ProviderName;
  /** As the policy states it, and whether the policy has leaked secrets shown to issuers at all. */
  readonly issuer?: string | undefined;
  readonly validityCheck: boolean;
}

/** One profile's credential; tried by listing its tokens, which changes nothing. */
export function createProfileItem(deps: ProfileItemDeps): Item {
  const { profile, provider } = deps;
  return {
    name: `profiles/${profile}`,
    title: `Profile ${profile} (${provider})`,
    isNeeded: true,
    ask: (prompt) => askCredential(prompt, provider),
    take: ({ profiles }) => {
      const given = profiles?.[profile];
      return given === undefined ? undefined : new Secret(JSON.stringify(given));
    },
    check: async (value) => {
      try {
        const credential = parseCredential(profile, value.expose());
        if (credential.provider !== provider) {
          return {
            works: false,
            notes: [`profile ${profile}: the policy says ${provider}, the credential is for ${credential.provider}.`],
          };
        }
        const verdict = toVerdict(await openProfile(profile, credential).check());
        return {
          ...verdict,
          ...defined({ advice: verdict.works ? adviseIssuer(deps, credential.baseUrl) : undefined }),
        };
      } catch (error) {
        return { works: false, notes: [isFault(error) ? `${error.detail}.` : 'The credential could not be tried.'] };
      }
    },
    afterwards: () => [],
  };
}

/** Opens a profile with a credential that is at hand, from this machine. */
export function openProfile(profile: string, credential: ReturnType<typeof parseCredential>): Provider {
  const key = randomBytes(32);
  return createProvider(credential, {
    profile,
    fetch,
    now: () => new Date(),
    sleep: (milliseconds: number) => sleep(milliseconds),
    random: Math.random,
    fingerprint: (text: string) => createHmac('sha256', key).update(text).digest('hex'),
  });
}

/** A leaked secret can be proved only by the server that issued it: mostly the one that the profile itself calls. */
export function adviseIssuer(
  { profile, issuer, validityCheck }: Pick<ProfileItemDeps, 'profile' | 'issuer' | 'validityCheck'>,
  baseUrl: URL,
): string | undefined {
  const own = baseUrl.href.replace(/\/+$/, '');
  if (!validityCheck || issuer?.replace(/\/+$/, '') === own) return undefined;
  const line = `issuer: '${own}'`;
  return issuer === undefined
    ? `no leak of ${profile} can be proved by use: write ${line} into the profile in the policy`
    : `leaks of ${profile} are shown to ${issuer}, and its credential is for another server: is it ${line}?`;
}

function toVerdict({ works, identity, tokens, can, cannot, advice }: Checkup): Verdict {
  if (!works) return { works, notes: advice.length > 0 ? advice : ['The provider does not accept the credential.'] };
  return {
    works,
    notes: [
      `${identity ?? 'accepted'}${tokens === undefined ? '' : `, sees ${tokens} tokens`}`,
      ...(can.length > 0 ? [`can: ${can.join(', ')}`] : []),
      ...(cannot.length > 0 ? [`cannot: ${cannot.join(', ')}`] : []),
      ...advice,
    ],
  };
}

const isAddress: Judge = (answer) =>
  URL.canParse(answer) && /^https?:$/.test(new URL(answer).protocol) ? undefined : 'That is no https address.';
const isToken: Judge = (answer) =>
  /^[\x21-\x7e]{8,8192}$/.test(answer) ? undefined : 'That is empty, too short, or holds characters that no token has.';
const isId: Judge = (answer) => (/^[\x21-\x7e]{0,256}$/.test(answer) ? undefined : 'That is no identifier.');

type Ask = (prompt: Prompt) => Promise<string>;

function asking(question: Question): Ask {
  const { ask } = question;
  switch (question.kind) {
    case 'address':
      return (prompt) => prompt.text(ask, isAddress, question.initial);
    case 'identifier':
      return (prompt) => prompt.text(ask, isId, '');
    case 'choice':
      return (prompt) => prompt.choose(ask, question.options);
    case 'secret':
      return async (prompt) => (await prompt.secret(ask, isToken)).expose();
    case 'private-key':
      return async (prompt) => (await askKey(prompt, question)).expose();
  }
}

/** Asks what the provider's facts name, in their order; an empty answer leaves its field out. */
async function askCredential(prompt: Prompt, provider: ProviderName): Promise<Secret> {
  const fields: Record<string, string> = { provider };
  for (const question of FACTS[provider].credential) {
    const answer = await asking(question)(prompt);
    if (answer !== '') fields[question.field] = answer;
  }
  return new Secret(JSON.stringify(fields));
}

/** A key that is pasted, read from a file, or made here; of one made here only the public half is ever shown. */
async function askKey(prompt: Prompt, { ask, told }: Extract<Question, { kind: 'private-key' }>): Promise<Secret> {
  const how = await prompt.choose(ask, {
    make: 'make a new key pair (Ed25519)',
    paste: 'paste a PEM',
    file: 'read a PEM file',
  });
  if (how === 'paste') return prompt.pem('Private key');
  if (how === 'file') return readKeyFile(prompt);
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  prompt.say('');
  prompt.say(publicKey.export({ type: 'spki', format: 'pem' }).toString().trim());
  prompt.say('');
  prompt.say(told);
  prompt.say(
    'The private key is kept in memory until everything is stored: if you stop here, start again with a new pair.',
  );
  return new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
}

async function readKeyFile(prompt: Prompt): Promise<Secret> {
  let found: Secret | undefined;
  await prompt.text('Path of the PEM file', (path) => {
    try {
      found = new Secret(readFileSync(path, 'utf8'));
      return found.expose().includes('PRIVATE KEY-----') ? undefined : 'That file holds no private key in PEM.';
    } catch {
      return 'That file cannot be read.';
    }
  });
  return found ?? new Secret('');
}
