import { allEnded } from '#shared/core/all-ended.ts';
import { createFresh } from '#shared/core/fresh.ts';
import { createMeeting, type Meeting } from '#shared/core/meeting.ts';
import type { ChangeOrder, NamedRef } from '#shared/core/vocabulary.ts';
import { isReached } from '#shared/providers/is-reached.ts';
import type { Listing } from '#shared/providers/provider.ts';
import type { Attempt, EarlierRead } from './attempt.ts';
import type { Context } from './context.ts';
import type { Services } from './services.ts';

/** How many tokens are changed at once, after the first one went well. */
const AT_ONCE = 4;
/** How old a listing may be that the next tokens of its profile are looked up in, milliseconds. */
const LISTING_STANDS_MS = 1000;
/** How long who has changed a token waits for the others of its profile before it is read back, milliseconds. */
const PATIENCE_MS = 1000;

/** How one token of a run is read: what a listing has shown of it before, and a read after its change that others share. */
export type Reads = Pick<Attempt, 'read' | 'readBack'>;

interface BatchWork {
  /** Asked before each batch: what it needs of the next is asked ahead only while the run goes on. */
  readonly goesOn: () => boolean;
  readonly work: (ref: NamedRef, reads: Reads) => Promise<void>;
}

/**
 * Does work for the first token alone, and then for the others a few at a time, those of a profile together: they share one
 * listing before their changes and one after. The next are looked up while these are changed. Where one fails, all that
 * were begun with it come to their end first.
 */
export async function inBatches(
  { services, attempt }: Pick<Context, 'services' | 'attempt'>,
  { verb, tokens }: Pick<ChangeOrder, 'verb' | 'tokens'>,
  { goesOn, work }: BatchWork,
): Promise<void> {
  const lookUp = createLookUp(services, { verb, tokens });
  // A replay reads each under its lock: what its earlier attempts did is found there.
  const ahead = (batch: readonly NamedRef[] = []) =>
    attempt.journal.attempt === 1 && goesOn() ? batch.map(lookUp) : [];
  const batches = toBatches(tokens);
  let next = ahead(batches[0]);
  for (const [index, batch] of batches.entries()) {
    const reads = next;
    next = ahead(batches[index + 1]);
    const meet = createMeetings(services, batch);
    const ended = await Promise.allSettled(
      batch.map(async (ref, place) => meet(ref, async (more) => work(ref, { ...more, ...(await reads[place]) }))),
    );
    const failed = ended.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') {
      await allEnded(next);
      throw failed.reason;
    }
  }
}

/** The first token alone, then at most a few at a time; those of one profile are parted only where they are too many. */
export function toBatches<T extends Pick<NamedRef, 'profile'>>([first, ...others]: readonly T[]): readonly T[][] {
  const batches: T[][] = first === undefined ? [] : [[first]];
  const groups = Map.groupBy(others, ({ profile }) => profile).values();
  for (const group of groups) {
    for (let at = 0; at < group.length; at += AT_ONCE) {
      const part = group.slice(at, at + AT_ONCE);
      const last = batches.at(-1);
      if (batches.length > 1 && last !== undefined && last.length + part.length <= AT_ONCE) last.push(...part);
      else batches.push(part);
    }
  }
  return batches;
}

/** Looks tokens up ahead, in a listing of their profile where there are several, and has the provider prepare their change. */
function createLookUp(
  { providers, now }: Services,
  { verb, tokens }: Pick<ChangeOrder, 'verb' | 'tokens'>,
): (ref: NamedRef) => Promise<Pick<Reads, 'read'>> {
  const inProfile = Map.groupBy(tokens, ({ profile }) => profile);
  const list = createFresh({
    load: async (profile) => ({ askedAt: now().getTime(), ...(await (await providers.open(profile)).list()) }),
    now,
  });
  const readOne = async ({ profile, id }: NamedRef): Promise<EarlierRead | undefined> => {
    const isAlone = inProfile.get(profile)?.length === 1;
    const askedAt = now().getTime();
    const listed = isAlone ? undefined : await list(profile, LISTING_STANDS_MS);
    const token = isAlone ? await (await providers.open(profile)).get(id) : listed?.tokens.find((one) => one.id === id);
    return token && { token, askedAt: listed?.askedAt ?? askedAt };
  };
  const prepared = async (ref: NamedRef): Promise<Pick<Reads, 'read'>> => {
    const read = await readOne(ref);
    if (read === undefined) return {};
    if (!isReached(verb, read.token) && !read.token.own) {
      (await providers.open(ref.profile)).prepare(verb, ref.id);
    }
    return { read };
  };
  // What cannot be looked up ahead is read under its lock, and its trouble told then.
  return (ref) => prepared(ref).catch(() => ({}));
}

/** Has the tokens of a batch that are of one profile read back together; a work that ends otherwise is waited for no more. */
function createMeetings(
  { providers, sleep }: Services,
  batch: readonly NamedRef[],
): (ref: NamedRef, work: (reads: Pick<Reads, 'readBack'>) => Promise<void>) => Promise<void> {
  const meetings = new Map<string, Meeting<Listing>>();
  for (const [profile, { length: members }] of Map.groupBy(batch, (ref) => ref.profile)) {
    const read = async () => (await providers.open(profile)).list();
    if (members > 1) meetings.set(profile, createMeeting({ members, read, patience: () => sleep(PATIENCE_MS) }));
  }
  return async ({ profile }, work) => {
    const meeting = meetings.get(profile);
    if (meeting === undefined) return work({});
    const met = { hasCome: false };
    const readBack: Reads['readBack'] = async (id, known) => {
      met.hasCome = true;
      const { tokens } = await meeting.come();
      // A listing never proves that a token is gone.
      return tokens.find((one) => one.id === id) ?? (await providers.open(profile)).get(id, known);
    };
    try {
      await work({ readBack });
    } finally {
      if (!met.hasCome) meeting.leave();
    }
  };
}
