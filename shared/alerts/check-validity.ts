import { allEnded } from '#shared/core/all-ended.ts';
import { defined } from '#shared/core/defined.ts';
import type { Fingerprint } from '#shared/core/fingerprint.ts';
import type { Secret } from '#shared/core/secret.ts';
import type { Get, GetReply } from '#shared/core/get.ts';
import type { CheckedValidity, ProviderName, ShownHost } from '#shared/core/vocabulary.ts';
import type { Issuers } from '#shared/policy/issuers.ts';
import { RECOGNISERS } from '#shared/providers/recognisers.ts';
import type { FindSecrets } from '#shared/providers/find-once.ts';
import { type FoundSecret, toClue } from '#shared/providers/recognise.ts';
import { MANY_TOKENS } from '#shared/providers/validity-check.ts';

/** What came of showing one secret to its issuer. Holds nothing of the secret. */
export type ValidityAnswer = Omit<CheckedValidity, 'by'>;

export interface ValidityDeps {
  /** Addresses of our own profiles, by provider: nobody else is ever shown a secret. */
  readonly issuers: Issuers;
  readonly get: Get;
  readonly fingerprint: Fingerprint;
  readonly now: () => Date;
  /** For all secrets of a delivery together. */
  readonly budgetMs: number;
}

/** Shows every secret of ours in some texts to its issuer, once, and tells by fingerprint what came of it. Never throws. */
export type CheckValidity = (
  texts: readonly Secret[],
  find: FindSecrets,
) => Promise<ReadonlyMap<string, ValidityAnswer>>;

/** More secrets of one delivery are not tried: they only resemble, and ask. */
const MOST_CHECKED = 16;
const MOST_ISSUERS = 4;
const MOST_BYTES = 256 * 1024;

interface Ours {
  readonly secret: Secret;
  readonly provider: ProviderName;
  readonly fingerprint: string;
}

/**
 * Creates the validity check: possession is what proves a leak, since all that a secret says of itself can be made up. One
 * attempt within the budget, no redirect; whatever is not a clear answer of the issuer is `unknown`.
 */
export function createCheckValidity(deps: ValidityDeps): CheckValidity {
  return async (texts, find) => {
    const ours = recogniseAll(
      texts.flatMap((text) => find(text.expose())),
      deps,
    ).slice(0, MOST_CHECKED);
    if (ours.length === 0) return new Map();
    const signal = AbortSignal.timeout(deps.budgetMs);
    const checkedAt = deps.now().toISOString();
    const answers = ours.map(async (one): Promise<[string, ValidityAnswer]> => {
      const { told, hosts } = await askIssuers(deps, one, signal);
      return [one.fingerprint, { ...told, checkedAt, ...(hosts.length > 0 && { shown: { at: checkedAt, hosts } }) }];
    });
    return new Map(await allEnded(answers));
  };
}

function recogniseAll(all: readonly FoundSecret[], { fingerprint, issuers }: ValidityDeps): readonly Ours[] {
  const ours = new Map<string, Ours>();
  for (const found of all) {
    const clue = toClue(found, fingerprint);
    if (clue?.provider === undefined || !('fingerprint' in clue)) continue;
    if (issuers[clue.provider] === undefined) continue;
    ours.set(clue.fingerprint, { secret: found.secret, provider: clue.provider, fingerprint: clue.fingerprint });
  }
  return [...ours.values()];
}

type Told = Omit<ValidityAnswer, 'checkedAt' | 'shown'>;

interface Asked extends Omit<Told, 'acceptedBy'> {
  /** The address that was asked, as the policy names it. */
  readonly issuer: string;
  readonly host: string;
  readonly answered: boolean;
}

async function askIssuers(
  { issuers, get }: ValidityDeps,
  one: Ours,
  signal: AbortSignal,
): Promise<{ readonly told: Told; readonly hosts: readonly ShownHost[] }> {
  const addresses = [...new Set(issuers[one.provider])].slice(0, MOST_ISSUERS);
  const asked = await allEnded(addresses.flatMap((issuer) => askIssuer(get, { ...one, issuer, signal }) ?? []));
  return {
    told: tell(asked),
    hosts: asked.map(({ host, answered }) => ({ host, answered })),
  };
}

/**
 * What several issuers together say: one acceptance is enough, and speaks for tokens of that issuer alone; a refusal only where
 * all refuse.
 */
function tell(asked: readonly Asked[]): Told {
  const accepted = asked.filter(({ validity }) => validity === 'valid');
  if (accepted.length > 0) {
    const tokenIds = [...new Set(accepted.flatMap((one) => one.tokenIds ?? []))].slice(0, MANY_TOKENS);
    const { likely } = (accepted.length === 1 && accepted[0]) || {};
    return { validity: 'valid', tokenIds, ...defined({ likely }), acceptedBy: accepted.map(({ issuer }) => issuer) };
  }
  const isRefused = asked.length > 0 && asked.every(({ validity }) => validity === 'invalid');
  return { validity: isRefused ? 'invalid' : 'unknown' };
}

/** Shows one secret to one issuer; `undefined` where its provider knows no harmless way. */
function askIssuer(
  get: Get,
  { secret, provider, issuer, signal }: Ours & { readonly issuer: string; readonly signal: AbortSignal },
): Promise<Asked> | undefined {
  const check = RECOGNISERS[provider].validity;
  if (check === undefined) return undefined;
  const address = new URL(issuer);
  const { host } = address;
  const ask = async (): Promise<Asked> => {
    const { url, headers } = check.request(secret, address);
    const response = await get(url, { headers, redirect: 'manual', signal });
    const said = { issuer, host, answered: true } as const;
    if (response.status !== 200) {
      await response.body?.cancel();
      return { ...said, validity: response.status === 401 ? 'invalid' : 'unknown' };
    }
    // From here on it has the secret, whatever comes of its answer.
    const named = check.named(await readJson(response).catch(() => undefined), secret);
    const tokenIds = named?.tokenIds;
    // Which of so many it is nobody has said: it could be taken for somebody else's.
    if (tokenIds === undefined || tokenIds.length > MANY_TOKENS) return { ...said, validity: 'unknown' };
    return { ...said, validity: 'valid', ...named };
  };
  // What failed may quote the request, and with it the secret: it is forgotten here.
  return ask().catch(() => ({ issuer, host, answered: false, validity: 'unknown' }));
}

/** Reads a bounded JSON body; `undefined` for anything else. */
async function readJson({ body }: GetReply): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  if (body === null) return undefined;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
