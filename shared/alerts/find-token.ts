import { isValid } from '#shared/core/is-valid.ts';
import { allEnded } from '#shared/core/all-ended.ts';
import { defined } from '#shared/core/defined.ts';
import { type Fault, isFault } from '#shared/core/fault.ts';
import { type CheckedValidity, GRADES, type Token } from '#shared/core/vocabulary.ts';
import type { Report } from '#shared/jobs/job.ts';
import type { Clue } from '#shared/providers/clue.ts';
import type { MatchReason } from '#shared/providers/match-reason.ts';
import type { Candidate } from '#shared/providers/provider.ts';
import type { ProfileTrouble } from '#shared/tokens/trouble.ts';
import type { Services, Urgency } from '#shared/tokens/services.ts';
import { profileTrouble } from '#shared/tokens/trouble-of.ts';

/** What the profiles know about a clue. */
export interface Search {
  /** The one token that it means, graded better than `weak`. */
  readonly match?: Candidate;
  /** When it was asked for, milliseconds since the epoch; absent where something was read anew since. */
  readonly askedAt?: number;
  /** Everything that it may mean, best first; the match alone where there is one. */
  readonly candidates: readonly Candidate[];
  /** Profiles that could not be searched. */
  readonly unread: readonly ProfileTrouble[];
  /** A fault after which another try may find more. */
  readonly retryable?: Fault;
  /** The clue of the watched secret that a hash or a token's text is, under which somebody else may have reported it. */
  readonly watched?: Clue;
}

interface FindDeps {
  readonly services: Services;
  /** Tells which token's text a watched secret with this hash or fingerprint holds. */
  readonly watched: (clue: Clue) => Promise<Clue | undefined>;
  /** The address of the issuer of a profile's tokens, where the policy names one. */
  readonly issuerOf: (profile: string) => string | undefined;
}

function profilesFor({ providers }: Services, clue: Clue): readonly string[] {
  if (clue.form === 'named' && clue.profile !== undefined)
    return providers.names().filter((name) => name === clue.profile);
  return providers.names().filter((name) => clue.provider === undefined || providers.kindOf(name) === clue.provider);
}

function rank({ grade }: Candidate): number {
  return GRADES.indexOf(grade);
}

/** Merges what several profiles saw: one token seen twice is one candidate, and two equally sure ones are both a guess. */
function merge(found: readonly Candidate[]): readonly Candidate[] {
  const byToken = new Map<string, Candidate>();
  for (const candidate of found.toSorted((left, right) => rank(left) - rank(right))) {
    const name = `${candidate.token.provider}:${candidate.token.id}`;
    if (!byToken.has(name)) byToken.set(name, candidate);
  }
  const merged = [...byToken.values()];
  const [best] = merged;
  if (best === undefined || best.grade === 'weak') return merged;
  const equals = merged.filter(({ grade }) => grade === best.grade);
  if (equals.length === 1) return [best];
  return equals.map(({ token }) => ({
    token,
    grade: 'weak',
    because: [{ kind: 'several_profiles' }],
  }));
}

/** What is known of whether a secret is genuine, and of whose tokens that can be said. */
interface Proofs {
  readonly validity: CheckedValidity | undefined;
  readonly isWatched: boolean;
  readonly issuerOf: FindDeps['issuerOf'];
}

/** What proves that the leaked secret is genuine and this token's; `undefined` where nothing does. */
function proofOf({ validity, isWatched, issuerOf }: Proofs, { profile }: Token): MatchReason | undefined {
  if (isWatched) return { kind: 'proved', by: 'watched' };
  if (validity?.validity !== 'valid') return undefined;
  const { by, acceptedBy } = validity;
  // What one server accepts says nothing of a token that is another's, whatever both call it.
  const isItsOwn = acceptedBy === undefined || acceptedBy.some((issuer) => issuer === issuerOf(profile));
  return isItsOwn ? { kind: 'proved', by } : undefined;
}

/**
 * Grades by possession: what resembles a token becomes proved when the secret itself is, and a token that works while its
 * issuer refuses the secret is not the one that leaked.
 */
function weigh(candidates: readonly Candidate[], proofs: Proofs): readonly Candidate[] {
  const [only] = candidates;
  if (only === undefined || candidates.length > 1) return candidates;
  const { validity } = proofs;
  const proof = proofOf(proofs, only.token);
  if (proof !== undefined) {
    if (only.grade === 'weak' || only.contradicts) return candidates;
    return [{ ...only, grade: 'proved', because: [proof, ...only.because] }];
  }
  if (validity?.validity !== 'invalid' || only.token.state !== 'active') return candidates;
  return [{ ...only, because: [{ kind: 'refused_by_issuer' }, ...only.because], contradicts: true }];
}

/** Somebody who pastes more than these at once waits like a scanner. */
const URGENT_PASTED = 25;

/** What one search over the profiles brought, failures beside it. */
interface SearchResults {
  readonly found: readonly Candidate[];
  readonly failures: readonly { readonly profile: string; readonly error: unknown }[];
}

interface Searching {
  readonly urgency: Urgency;
  readonly among?: ReadonlySet<string>;
}

async function searchProfiles(services: Services, clue: Clue, { urgency, among }: Searching): Promise<SearchResults> {
  if (clue.form === 'hashed') return { found: [], failures: [] };
  const profiles = profilesFor(services, clue);
  const settled = await Promise.allSettled(
    profiles.map(async (profile) => (await services.providers.open(profile, urgency)).find(clue, among)),
  );
  return {
    found: settled.flatMap((result) => (result.status === 'fulfilled' ? result.value : [])),
    failures: settled.flatMap((result, index) =>
      result.status === 'rejected' ? [{ profile: profiles[index] ?? '', error: result.reason as unknown }] : [],
    ),
  };
}

/**
 * Searches all profiles of the clue's provider at once and grades the result. A profile that fails hides no other; it is
 * told, and worth another try only where nothing better than a guess was found. A proved leak has more of the provider's limit
 * than other searches, and what a person pasted does not wait for it. Watched secrets that cannot be read make a
 * match no surer and no hash findable, and are tried again. `validity`: what is known of whether the
 * secret is genuine.
 */
export async function findToken(
  { services, watched, issuerOf }: FindDeps,
  clue: Clue,
  { validity, reporter, pasted = 1 }: Partial<Pick<Report, 'validity' | 'reporter' | 'pasted'>> = {},
): Promise<Search> {
  const isProved = isValid({ validity });
  const named = isProved ? validity?.tokenIds : undefined;
  const among = named && new Set(named);
  const isOfPerson = reporter !== undefined && pasted <= URGENT_PASTED;
  const urgency = isOfPerson ? 'person' : isProved ? 'proved' : 'search';
  const searching = { urgency, ...defined({ among }) } as const;
  const askedAt = services.now().getTime();
  let watchFailure: unknown;
  const looking = watched(clue).catch((error: unknown) => {
    watchFailure = error;
    return undefined;
  });
  // A hash has to be turned into a token first; a token is looked for at once, and only made surer.
  const [known, { found, failures }] =
    clue.form === 'hashed'
      ? await looking.then(async (held) => [held, await searchProfiles(services, held ?? clue, { urgency })] as const)
      : await allEnded([looking, searchProfiles(services, clue, searching)]);
  const candidates = weigh(merge(found), { validity, isWatched: known !== undefined, issuerOf });
  const unread = failures.map(({ profile, error }) => profileTrouble(services, profile, error));
  const results = { candidates, unread, ...defined({ watched: known }) };
  const [best] = candidates;
  if (best !== undefined && best.grade !== 'weak') return { match: best, askedAt, ...results };
  return { ...results, ...retryableOf([...failures.map(({ error }) => error), watchFailure]) };
}

function retryableOf(errors: readonly unknown[]): Pick<Search, 'retryable'> {
  const retryable = errors.filter((error) => isFault(error)).find((fault) => fault.isRetryable);
  return defined({ retryable });
}
