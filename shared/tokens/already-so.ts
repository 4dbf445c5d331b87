import { allEnded } from '#shared/core/all-ended.ts';
import { defined } from '#shared/core/defined.ts';
import type { ChangeOrder, NamedRef, Token } from '#shared/core/vocabulary.ts';
import { isReached } from '#shared/providers/is-reached.ts';
import { freshRead, recordChange } from './change-token.ts';
import type { Context } from './context.ts';
import type { Change, OutcomeOf } from './outcome.ts';
import type { OrderRead } from './read-order.ts';
import type { Services } from './services.ts';
import type { Warrant } from './warrant.ts';

/** An order that waits for others, what would allow it, and its tokens as they were when it was asked for. */
interface Waiting {
  readonly order: ChangeOrder;
  readonly warrant: Warrant;
  readonly known?: readonly Token[];
}

/**
 * Tells of an order that would change nothing, as a fresh read has shown: each of its tokens is so already, or is gone. That
 * is put on record. `undefined` where something is left to be done, or could not be read.
 */
export async function alreadySo(
  { services, attempt }: Pick<Context, 'services' | 'attempt'>,
  waiting: Waiting,
  { found, gone, unread }: OrderRead,
): Promise<Change | OutcomeOf<'bulk'> | undefined> {
  const { order, warrant } = waiting;
  const { verb } = order;
  if (unread.length > 0 || !found.every((token) => isReached(verb, token))) return undefined;
  const noted = async (ref: NamedRef, change: Change): Promise<Change> => {
    await recordChange(services, { order, warrant, ref }, change);
    return change;
  };
  const changes = await allEnded([
    ...found.map(async (token) => noted(refOf(token), await asIs(services, order, { token, isGone: false }))),
    ...gone.map(async (ref) => noted(ref, await whatIsGone(services, waiting, ref))),
  ]);
  const [only, ...others] = changes;
  if (only === undefined || others.length === 0) return only;
  return {
    kind: 'bulk',
    verb,
    state: 'done',
    total: changes.length,
    changes,
    left: [],
    requester: order.requester,
    approvedBy: [],
    ...defined({ reason: order.reason }),
    startedAt: attempt.requestedAt,
    at: services.now().toISOString(),
  };
}

async function whatIsGone(services: Services, { order, known = [] }: Waiting, ref: NamedRef): Promise<Change> {
  const token = known.find(({ profile, id }) => profile === ref.profile && id === ref.id);
  if (token === undefined || order.verb !== 'delete') {
    return { kind: 'not_found', verb: order.verb, asked: `${ref.profile}:${ref.id}` };
  }
  return asIs(services, order, { token, isGone: true });
}

/** Tells of a token that a fresh read has shown to be as the verb asks for: nobody knows who did it, or when. */
export async function asIs(
  { now, providers }: Pick<Services, 'now' | 'providers'>,
  { verb, requestedAt }: Pick<ChangeOrder, 'verb' | 'requestedAt'>,
  { token, isGone }: { readonly token: Token; readonly isGone: boolean },
): Promise<OutcomeOf<'changed'>> {
  const at = now().toISOString();
  const { knows } = await providers.open(token.profile);
  const read = freshRead(isGone ? undefined : token);
  const receipt = { verb, requestedAt, actedAt: at, confirmedAt: at, read };
  return { kind: 'changed', verb, token, already: true, undo: verb !== 'delete' && knows.undo, receipt };
}

function refOf({ profile, id, name }: Token): NamedRef {
  return { profile, id, name };
}
