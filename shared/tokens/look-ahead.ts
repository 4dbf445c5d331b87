import { allEnded } from '#shared/core/all-ended.ts';
import type { Actor, Mutation, TokenRef } from '#shared/core/vocabulary.ts';
import type { HeldAhead } from '#shared/store/hold-ahead.ts';
import { isReached } from '#shared/providers/is-reached.ts';
import { type Authority, isDenied } from './authorise.ts';
import type { Attempt } from './attempt.ts';
import { holdTokenAhead, type TokenAhead } from './begun-change.ts';
import { countAhead } from './count-together.ts';
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
  /** What is held while the orders of this person are counted, where it was taken. */
  readonly person: HeldAhead | undefined;
  /** The token, where it was taken. */
  token(): TokenAhead | undefined;
  /** Lets go of what was taken and is not in use. Never throws. */
  letGo(): Promise<void>;
  /** Ends when nothing of it is under way any more. Lets go of what was taken. */
  end(): Promise<void>;
}

/** How long a token is kept from others before Slack has told whether this person may change it, milliseconds. */
const KEPT_UNASKED_MS = 1000;

/**
 * Begins to look up the one token that a first attempt names; where the person is not asked first it has the provider prepare
 * its change, and takes what that is to hold, where nobody has it: the person's key, and the token's. Reads and takes only
 * what somebody with these rights may; `undefined` where nothing is looked up.
 */
export function lookAhead(
  { services, authority, attempt }: Asking,
  { verb, tokens: [asked, ...others] }: { readonly verb: Mutation; readonly tokens: readonly string[] },
): LookedAhead | undefined {
  const isFirst = attempt.journal.attempt === 1;
  if (!isFirst || asked === undefined || others.length > 0 || isDenied(authority.may(verb))) return undefined;
  const askedAt = services.now().getTime();
  const asksFirst = verb !== 'activate' && services.policy.limits.confirm.includes(verb);
  const keys = asksFirst ? undefined : takeKeys(services, authority.actor);
  const prepare = async (profile: string, id: string) => {
    if (keys === undefined || isDenied(authority.may(verb, profile))) return;
    keys.take({ profile, id });
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
  const { person, token = () => undefined, letGo = async () => {} } = keys ?? {};
  const end = async () => {
    await ended;
    await letGo();
  };
  const answers = looking.catch(() => undefined);
  return { asked, verb, authority, askedAt, list, answers, person, token, letGo, end };
}

/** The keys of a change that is not decided yet: the person's, and the token's once that is known. */
interface Keys extends Pick<LookedAhead, 'token' | 'letGo'> {
  readonly person: HeldAhead;
  take(ref: TokenRef): void;
}

function takeKeys(services: Services, who: Actor): Keys {
  let token: TokenAhead | undefined;
  let isOver = false;
  const letTokenGo = async () => {
    isOver = true;
    await token?.letGo();
  };
  // Others hold first the person's and then the token's: nobody waits for that one with this one in hand.
  const person = countAhead(services.store, who, letTokenGo);
  const letGo = async () => {
    await allEnded([person.letGo(), letTokenGo()]);
  };
  services
    .sleep(KEPT_UNASKED_MS)
    .then(letGo)
    .catch(() => undefined);
  return {
    person,
    token: () => token,
    take: (ref) => {
      if (!isOver) token = holdTokenAhead(services, ref);
    },
    letGo,
  };
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
