import type { Actor, Mutation } from '#shared/core/vocabulary.ts';
import { type Authority, isDenied } from './authorise.ts';
import type { Context } from './context.ts';
import type { OutcomeOf } from './outcome.ts';
import { isSameActor } from './is-same-actor.ts';
import type { Services } from './services.ts';

/** A change that goes on by itself, as whoever wants to end it finds it. */
export interface StoppableRun {
  readonly requester: Actor;
  readonly verb: Mutation;
  readonly profiles: readonly string[];
}

/** As long as a job is remembered: a run may be given up, and be brought back from the dead letters. */
const KEPT_SECONDS = 30 * 86_400;
const runKey = (id: string): string => `run:${id}`;
const stopKey = (id: string): string => `stop:${id}`;

/** Makes it known that a run goes on, so that it can be stopped. */
export function openRun({ store }: Pick<Services, 'store'>, id: string, run: StoppableRun): Promise<void> {
  return store.notes.put(runKey(id), run, KEPT_SECONDS);
}

/** Who has stopped a run; `undefined` while nobody has. */
export function stopperOf({ store }: Pick<Services, 'store'>, id: string): Promise<Actor | undefined> {
  return store.notes.get<Actor>(stopKey(id));
}

/**
 * Has a run end before its next token; what is under way comes to its end. Whoever asked for it may stop it, and whoever may
 * make the same change themselves. Gives the refusal where there is one; what the run then says is said by the run.
 */
export async function stopRun({ services, authority }: Context, id: string): Promise<OutcomeOf<'denied'> | undefined> {
  const { notes } = services.store;
  const run = await notes.get<StoppableRun>(runKey(id));
  if (run === undefined) return { kind: 'denied', verb: 'deactivate', why: 'lapsed', roles: [] };
  const denied = refuseEnd(authority, run);
  if (denied !== undefined) return denied;
  await notes.put(stopKey(id), authority.actor, KEPT_SECONDS);
  return undefined;
}

/** Refuses whoever neither asked for a change nor may make it themselves: they are not to end it, nor to hurry it. */
export function refuseEnd(
  authority: Authority,
  { requester, verb, profiles }: StoppableRun,
): OutcomeOf<'denied'> | undefined {
  const { actor } = authority;
  if (isSameActor(requester, actor)) return undefined;
  return profiles.map((profile) => authority.may(verb, profile)).find(isDenied);
}
