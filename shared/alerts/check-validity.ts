import type { Secret } from '#shared/core/secret.ts';
import type { CheckedValidity, ProviderName } from '#shared/core/vocabulary.ts';
import type { Issuers } from '#shared/policy/issuers.ts';
import { RECOGNISERS } from '#shared/providers/recognisers.ts';
import { findSecrets, toClue } from '#shared/providers/recognise.ts';

/** What came of showing one secret to its issuer. Holds nothing of the secret. */
export type ValidityAnswer = Omit<CheckedValidity, 'by'>;

export interface ValidityDeps {
  /** Addresses of our own profiles, by provider: nobody else is ever shown a secret. */
  readonly issuers: Issuers;
  readonly fetch: typeof fetch;
  readonly fingerprint: (text: string) => string;
  readonly now: () => Date;
  /** For all secrets of a delivery together. */
  readonly budgetMs: number;
}

/** Shows every secret of ours in some texts to its issuer, once, and tells by fingerprint what came of it. Never throws. */
export type CheckValidity = (texts: readonly Secret[]) => Promise<ReadonlyMap<string, ValidityAnswer>>;

/** More secrets of one delivery are not tried: they only resemble, and ask. */
const MOST_CHECKED = 16;
const MOST_ISSUERS = 4;
const MOST_IDS = 100;
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
  return async (texts) => {
    const ours = recogniseAll(texts, deps).slice(0, MOST_CHECKED);
    if (ours.length === 0) return new Map();
    const signal = AbortSignal.timeout(deps.budgetMs);
    const checkedAt = deps.now().toISOString();
    const answers = ours.map(async (one): Promise<[string, ValidityAnswer]> => {
      return [one.fingerprint, { ...(await askIssuers(deps, one, signal)), checkedAt }];
    });
    return new Map(await Promise.all(answers));
  };
}

function recogniseAll(texts: readonly Secret[], { fingerprint, issuers }: ValidityDeps): readonly Ours[] {
  const ours = new Map<string, Ours>();
  for (const found of texts.flatMap((text) => findSecrets(text.expose()))) {
    const clue = toClue(found, fingerprint);
    if (clue?.provider === undefined || !('fingerprint' in clue)) continue;
    if (issuers[clue.provider] === undefined) continue;
    ours.set(clue.fingerprint, { secret: found.secret, provider: clue.provider, fingerprint: clue.fingerprint });
  }
  return [...ours.values()];
}

type Told = Omit<ValidityAnswer, 'checkedAt'>;

async function askIssuers(
  { issuers, fetch }: ValidityDeps,
  { secret, provider }: Ours,
  signal: AbortSignal,
): Promise<Told> {
  const check = RECOGNISERS[provider].validity;
  if (check === undefined) return { validity: 'unknown' };
  const told = await Promise.all(
    [...new Set(issuers[provider])].slice(0, MOST_ISSUERS).map(async (issuer): Promise<Told> => {
      try {
        const { url, headers } = check.request(secret, new URL(issuer));
        const response = await fetch(url, { headers, redirect: 'manual', signal });
        if (response.status !== 200) {
          await response.body?.cancel();
          return { validity: response.status === 401 ? 'invalid' : 'unknown' };
        }
        const tokenIds = check.tokenIds(await readJson(response));
        if (tokenIds === undefined) return { validity: 'unknown' };
        return { validity: 'valid', ...(tokenIds.length <= MOST_IDS && { tokenIds }) };
      } catch {
        // What failed may quote the request, and with it the secret: it is forgotten here.
        return { validity: 'unknown' };
      }
    }),
  );
  const accepted = told.find(({ validity }) => validity === 'valid');
  if (accepted !== undefined) return accepted;
  return { validity: told.length > 0 && told.every(({ validity }) => validity === 'invalid') ? 'invalid' : 'unknown' };
}

/** Reads a bounded JSON body; `undefined` for anything else. */
async function readJson(response: Response): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const body: AsyncIterable<Uint8Array> | null = response.body;
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
