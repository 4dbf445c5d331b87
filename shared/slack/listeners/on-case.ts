import { changeCase } from '#shared/cases/keep-case.ts';
import { askForLever } from '#shared/cases/levers.ts';
import { lookAgainJob } from '#shared/cases/look-again.ts';
import { readCase } from '#shared/cases/read-cases.ts';
import { afterChange, followChange } from '#shared/cases/settle.ts';
import type { Actor, Mutation } from '#shared/core/vocabulary.ts';
import { without } from '#shared/core/without.ts';
import type { Case } from '#shared/store/store.ts';
import { isDenied } from '#shared/tokens/authorise.ts';
import type { Context } from '#shared/tokens/context.ts';
import { isChange, type Outcome } from '#shared/tokens/outcome.ts';
import { requestChange } from '#shared/tokens/request-change.ts';
import { type CasePress, decodeCase, refOf } from '../blocks/press.ts';
import type { Answer } from './answer.ts';
import type { Press } from './press.ts';
import { contextOf, type SlackContext } from './slack-context.ts';

/** Answers a press on a case card; the card itself shows what came of it. */
export async function onCase(slack: SlackContext, press: Press): Promise<readonly Answer[]> {
  const { services, acts } = slack;
  const wanted = decodeCase(press.value);
  const kase = wanted === undefined ? undefined : await services.store.cases.get(wanted.case);
  if (wanted === undefined || kase === undefined) {
    return [{ outcome: { kind: 'denied', verb: 'cases', why: 'lapsed', roles: [] }, to: 'me' }];
  }
  const context = await contextOf(slack, true);
  const isUnknown = wanted.act === 'retry' && kase.token === undefined && wanted.token === undefined;
  const outcome = isUnknown ? await lookAgain(context, acts, kase) : await act(context, kase, wanted);
  if (outcome === undefined) {
    await acts.show(kase.id);
    return [];
  }
  return settleCase(slack, kase.id, outcome);
}

/**
 * Writes into a case what became of a change of its token, brings its card up to date and answers its alerts; what the
 * card does not show is said apart.
 */
export async function settleCase(
  { services, acts }: Pick<SlackContext, 'services' | 'acts'>,
  caseId: string,
  outcome: Outcome,
): Promise<readonly Answer[]> {
  if (!isChange(outcome)) return [{ outcome, to: outcome.kind === 'denied' ? 'me' : 'channel' }];
  await changeCase(services.store, { id: caseId, now: services.now() }, (kase) => afterChange(kase, outcome));
  // A candidate that was chosen on a card may have a case of its own.
  const own = await followChange(services.store, outcome, services.now());
  for (const id of new Set([caseId, ...(own === undefined ? [] : [own.id])])) {
    await acts.show(id);
    await acts.answerBack(id);
  }
  return outcome.kind === 'changed' ? [] : [{ outcome, to: 'me' }];
}

/** Has a case without a token looked into again, as if it had just been reported. */
async function lookAgain(context: Context, acts: SlackContext['acts'], kase: Case): Promise<Outcome | undefined> {
  const { services, authority, attempt } = context;
  const allowed = authority.may('leak');
  if (isDenied(allowed)) return allowed;
  const job = lookAgainJob(kase, attempt.requestedAt);
  if (job === undefined) {
    return { kind: 'unknown_token', verb: 'deactivate', asked: kase.id, suggestions: [], unread: [] };
  }
  // Answer before it is sent: the worker may be done before we could say so. A press sent twice is one job, by its key.
  await changeCase(services.store, { id: kase.id, now: services.now() }, (current) =>
    current.state === 'unmatched' || current.state === 'not_revoked'
      ? { ...without(current, 'trouble'), state: 'received' }
      : undefined,
  );
  await acts.lookAgain(job);
  return undefined;
}

/** Does what was pressed; `undefined` when only the case itself has changed. */
async function act(context: Context, kase: Case, wanted: CasePress): Promise<Outcome | undefined> {
  switch (wanted.act) {
    case 'open':
      return readCase(context.services, context.authority, kase.id);
    case 'take':
      return mark(context, kase, 'take');
    case 'dismiss':
      return mark(context, kase, 'dismiss');
    case 'lever':
      return askForLever(context, kase, wanted.lever ?? '');
    case 'deactivate':
    case 'retry':
    case 'delete':
    case 'undo':
      return changeOf(context, kase, { verb: VERB[wanted.act], token: wanted.token });
  }
}

const VERB = { deactivate: 'deactivate', retry: 'deactivate', delete: 'delete', undo: 'activate' } as const;

function changeOf(
  context: Context,
  kase: Case,
  { verb, token }: { readonly verb: Mutation; readonly token: string | undefined },
): Promise<Outcome> {
  const named = token ?? (kase.token === undefined ? undefined : refOf(kase.token));
  if (named === undefined) {
    return Promise.resolve({ kind: 'unknown_token', verb, asked: kase.id, suggestions: [], unread: [] });
  }
  // The card's buttons ask by Slack's own dialog before the press is sent.
  return requestChange(context, {
    verb,
    tokens: [named],
    keepGoing: false,
    ask: 'never',
    caseId: kase.id,
    reason: `case ${kase.id}`,
  });
}

async function mark(
  { services, authority, attempt }: Context,
  kase: Case,
  what: 'take' | 'dismiss',
): Promise<Outcome | undefined> {
  const { actor } = authority;
  const allowed = authority.may(what === 'take' ? 'cases' : 'leak', kase.token?.profile);
  if (isDenied(allowed)) return allowed;
  const { state } = await changeCase(services.store, { id: kase.id, now: services.now() }, (current) =>
    what === 'take' ? { ...current, takenBy: actor } : afterDismissal(current, actor),
  );
  // The press came from a card that was older than what has become of the token.
  if (what === 'dismiss' && state !== 'dismissed') return { kind: 'denied', verb: 'leak', why: 'settled', roles: [] };
  await services.store.audit.append({
    at: services.now().toISOString(),
    id: `${what}-${kase.id}-${actor.userId}-${attempt.requestedAt}`,
    actor,
    what,
    caseId: kase.id,
    rule: `role:${allowed.role}`,
    result: 'done',
  });
  return undefined;
}

/** What "Not ours" may close: nothing that is dead, at work or brought back. */
const DISMISSABLE: ReadonlySet<Case['state']> = new Set([
  'unmatched',
  'asking',
  'noted',
  'shadowed',
  'not_revoked',
  'dismissed',
]);

/** The generation goes up, so that a job which is between two tries kills nothing after a person has said "Not ours". */
function afterDismissal(kase: Case, actor: Actor): Case | undefined {
  if (!DISMISSABLE.has(kase.state)) return undefined;
  return { ...kase, state: 'dismissed', dismissedBy: actor, generation: kase.generation + 1 };
}
