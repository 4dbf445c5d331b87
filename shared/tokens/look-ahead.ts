import type { Mutation } from '#shared/core/vocabulary.ts';
import { isReached } from '#shared/providers/is-reached.ts';
import { type Authority, isDenied } from './authorise.ts';
import type { Attempt } from './attempt.ts';
import { createLister, type Lister } from './read-profiles.ts';
import type { Services } from './services.ts';
import { idNamedIn, type Resolved, resolveTokens, type Unresolved } from './resolve-token.ts';

interface Asking {
  readonly services: Services;
  readonly authority: Authority;
  readonly attempt: Pick<Attempt, 'journal'>;
}

/** What a name means, looked up while the rights of whoever asks are still being asked for. */
export interface LookedAhead {
  readonly asked: string;
  readonly verb: Mutation;
  /** By whose rights, as they were known then: for others its answer is worth nothing. */
  readonly authority: Authority;
  /** When it was asked for, milliseconds since the epoch. */
  readonly askedAt: number;
  /** What lists for this request, each profile once. */
  readonly list: Lister;
  /** Ends without an answer where the look failed: then it is made again, and its trouble told. */
  readonly answers: Promise<readonly (Resolved | Unresolved)[] | undefined>;
  /** Ends when nothing of it is under way any more. */
  readonly ended: Promise<unknown>;
}

/**
 * Begins to look up the one token that a first attempt names, and has the provider prepare its change where the person is not
 * asked first. Reads only what somebody with these rights may read; `undefined` where nothing is looked up.
 */
export function lookAhead(
  { services, authority, attempt }: Asking,
  { verb, tokens: [asked, ...others] }: { readonly verb: Mutation; readonly tokens: readonly string[] },
): LookedAhead | undefined {
  const isFirst = attempt.journal.attempt === 1;
  if (!isFirst || asked === undefined || others.length > 0 || isDenied(authority.may(verb))) return undefined;
  const askedAt = services.now().getTime();
  const prepare = async (profile: string, id: string) => {
    const asksFirst = verb !== 'activate' && services.policy.limits.confirm.includes(verb);
    if (asksFirst || isDenied(authority.may(verb, profile))) return;
    (await services.providers.open(profile)).prepare(verb, id);
  };
  const named = idNamedIn(services, asked);
  const list = createLister(services);
  const looking = resolveTokens(services, authority, { verb, asked: [asked], list });
  const preparing = named === undefined ? looking.then(afterwards) : prepare(named.profile, named.id);
  async function afterwards([answer]: readonly (Resolved | Unresolved)[]) {
    if (answer?.kind === 'resolved' && !isReached(verb, answer.token) && !answer.token.own)
      await prepare(answer.token.profile, answer.token.id);
  }
  const ended = Promise.allSettled([looking, preparing]);
  return { asked, verb, authority, askedAt, list, answers: looking.catch(() => undefined), ended };
}

/** What a look has found, and when it was begun, milliseconds since the epoch. */
interface Answered extends Pick<LookedAhead, 'askedAt'> {
  readonly answers: readonly (Resolved | Unresolved)[];
}

/** What was looked up ahead, where it is what is asked now and its rights still hold. */
export async function foundAhead(
  ahead: LookedAhead | undefined,
  authority: Authority,
  { verb, asked }: { readonly verb: Mutation; readonly asked: readonly string[] },
): Promise<Answered | undefined> {
  const isSame = ahead?.verb === verb && asked.length === 1 && asked[0] === ahead.asked;
  const answers = isSame && hasSameRights(ahead.authority, authority) ? await ahead.answers : undefined;
  return answers && ahead && { askedAt: ahead.askedAt, answers };
}

/** True where both say the same of everything: of one person, in one place, in the same groups. */
function hasSameRights(one: Authority, other: Authority): boolean {
  if (one.actor !== other.actor) return false;
  const [before, after] = [one.groups, other.groups];
  if (before === 'unavailable' || after === 'unavailable') return false;
  return before.size === after.size && [...before].every((group) => after.has(group));
}
