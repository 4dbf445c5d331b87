import { isFault } from '#shared/core/fault.ts';
import { without } from '#shared/core/without.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import type { LeakJob, SendLeaksLater } from '#shared/jobs/job.ts';
import { hasCome } from '#shared/jobs/has-come.ts';
import { sendPlanned } from '#shared/jobs/send-planned.ts';
import { isReached } from '#shared/providers/is-reached.ts';
import type { Case } from '#shared/store/store.ts';
import { type BegunChange, holdToken, isUnfinished, onRecord } from '#shared/tokens/begun-change.ts';
import { asIs } from '#shared/tokens/already-so.ts';
import { finishBegun, recordTried } from '#shared/tokens/change-token.ts';
import { PENDING_MS } from '#shared/tokens/pending-until.ts';
import { readAfresh } from '#shared/tokens/read-afresh.ts';
import type { Services } from '#shared/tokens/services.ts';
import { isAliveAgain } from './alive-again.ts';
import { awaitsKill } from './awaits-kill.ts';
import { chooseToken, isOwn } from './choose-token.ts';
import { findRevived } from './find-revived.ts';
import { type CaseEffects, followCases } from './follow-cases.ts';
import { changeCase } from './keep-case.ts';
import { isUnended, lookedAfter } from './looked-after.ts';
import { isToBeKilled, planAfterWaiting } from './search-again.ts';
import { proveReturn } from './prove-return.ts';
import { settle } from './settle.ts';

type ReadJob = Extract<LeakJob, { kind: 'read-again' }>;

interface ReadAgainDeps extends Omit<CaseEffects, 'planLook'> {
  readonly services: Services;
  readonly send: SendLeaksLater;
}

/** What a look at a token has shown; `returned`: Patrol itself brought it back; `waiting` while its provider still waits, `unread` where it refuses us. */
export type Look = 'dead' | 'alive' | 'alive_again' | 'returned' | 'waiting' | 'unread';

/**
 * Looks at tokens again: at dead ones, since whoever has a leaked one may bring it back outside of Patrol; at those whose
 * kill their provider has taken and not done yet; at those whose card says "NOT revoked" or "Active again", since somebody
 * may have stopped them at their provider; and at those whose case was closed over a kill that may have begun.
 */
export interface ReadAgain {
  /**
   * Plans the next look at a case's token, where there is to be one and none is planned. Whoever has just written the case
   * gives it as `seen`. Throws the store's and the queue's faults.
   */
  plan(caseId: string, seen?: Case): Promise<void>;
  /** Sends the first look at a token whose kill begins, and gives its time: it is planned once its case says so. Throws the queue's faults. */
  begin(caseId: string): Promise<string>;
  /**
   * Reads the token of a planned look. One that lives again reopens its case, which says so; one that has died since, by whoever, is told
   * as dead, with this read as its proof, and is on record; else the next look is planned. After the last one what was decided, taken and not done is waited for no more.
   * `undefined` where there is nothing (more) to look at, or its time has not come and it was put back. Throws what may pass.
   */
  read(job: ReadJob): Promise<Look | undefined>;
}

const DAY_SECONDS = 86_400;
/** How long after a proof, and after each look, the next one is: five minutes, an hour, a day. Then the weekly report looks. */
const PAUSES_SECONDS = [300, 3600, DAY_SECONDS] as const;
/** What waits at its provider is looked at each day until it may be asked for again. */
const WAITING_PAUSES_SECONDS = [
  300,
  3600,
  ...Array<number>(PENDING_MS / 1000 / DAY_SECONDS).fill(DAY_SECONDS),
] as const;

type SendAt = (caseId: string, at: string) => Promise<string>;

function createSendAt(sender: Pick<ReadAgainDeps, 'send'> & Pick<Services, 'now'>): SendAt {
  return async (caseId, at) => {
    await sendPlanned({ v: 1, kind: 'read-again', deliveryKey: `look:${caseId}:${at}`, caseId, at }, sender);
    return at;
  };
}

/** Makes what plans the look that comes next; false where there is to be none any more. */
function createPlanLook({ store, now, sendAt }: Pick<Services, 'store' | 'now'> & { readonly sendAt: SendAt }) {
  return async (kase: Case): Promise<boolean> => {
    const after = lookedAfter(kase);
    if (after === undefined) return false;
    const looks = kase.look?.after === after ? kase.look.looks : 0;
    const pause = (kase.state === 'waiting' ? WAITING_PAUSES_SECONDS : PAUSES_SECONDS)[looks];
    if (pause === undefined) return false;
    // Sent before it is written down: a crash between the two leaves a job that nobody planned, and never a plan without a job.
    const look = { after, looks: looks + 1, at: await sendAt(kase.id, later(now(), pause)) };
    await changeCase(store, { id: kase.id, now: now(), seen: kase }, (current) =>
      lookedAfter(current) === after ? { ...current, look } : undefined,
    );
    return true;
  };
}

/** Makes what looks at dead tokens again. A case's own `look` says which job is the planned one. */
export function createReadAgain({ services, send, show, answerBack }: ReadAgainDeps): ReadAgain {
  const { store, now } = services;
  const sendAt = createSendAt({ now, send });
  const planNext = createPlanLook({ store, now, sendAt });
  const plan = async (caseId: string, seen?: Case): Promise<void> => {
    const kase = seen ?? (await store.cases.get(caseId));
    if (kase !== undefined && kase.look?.after !== lookedAfter(kase)) await planNext(kase);
  };
  /** The next look is planned last: until then another attempt goes on with the telling. */
  const tellEnd = async (caseId: string): Promise<'dead'> => {
    await followCases({ show, answerBack, planLook: async () => {} }, [caseId]);
    await plan(caseId);
    return 'dead';
  };
  const tellReturn = async (caseId: string): Promise<void> => {
    await show(caseId);
    await plan(caseId);
  };
  /** Goes on with what an attempt before this one has found, and could not tell all of; `undefined` where that ended the looks. */
  const tellFound = async (kase: Case): Promise<Look | undefined> => {
    if (kase.state === 'dead') return tellEnd(kase.id);
    await tellReturn(kase.id);
    if (isAliveAgain(kase)) return 'alive_again';
    return kase.state === 'restored' ? 'returned' : undefined;
  };
  /** Forgets a look whose time comes while somebody is at work on the case: whatever they make of it, it is planned anew. */
  const forget = async (caseId: string, at: string): Promise<undefined> => {
    const kase = await changeCase(store, { id: caseId, now: now() }, (current) =>
      current.look?.at === at && lookedAfter(current) === undefined ? without(current, 'look') : undefined,
    );
    // They were quicker, and count on it.
    if (kase.look?.at === at) await sendAt(caseId, at);
  };
  const read = async (caseId: string, at: string): Promise<Look | undefined> => {
    const kase = await store.cases.get(caseId);
    if (kase?.token === undefined || kase.look?.at !== at) return undefined;
    if (awaitsKill(kase)) return forget(caseId, at);
    if (!isOwn(kase) && kase.state !== 'dismissed')
      return handOver({ store, now, show, answerBack, planLook: plan }, { ...kase, token: kase.token });
    if (kase.look.after !== lookedAfter(kase)) return tellFound(kase);
    const look = await lookAt(services, { ...kase, token: kase.token });
    if (look === 'proved') return tellEnd(caseId);
    if (look === 'alive_again' || look === 'returned') await tellReturn(caseId);
    else if (!(await planNext(kase)) && (await waitNoMore(services, kase, look))) await tellReturn(caseId);
    return look;
  };
  return {
    plan,
    begin: (caseId) => sendAt(caseId, later(now(), PAUSES_SECONDS[0])),
    read: async ({ caseId, at }) => {
      const plannedAt = async () => (await store.cases.get(caseId))?.look?.at;
      const isNow = await hasCome(at, { now, plannedAt, bringBack: () => sendAt(caseId, at) });
      // A job that is delivered twice at once looks once.
      return isNow ? store.hold(`look:${caseId}`, () => read(caseId, at)) : undefined;
    },
  };
}

/** Has a case on whose card a person has named its token, and in which nothing was done, go on in the token's own: it is looked at there. */
async function handOver(
  { store, now, ...effects }: CaseEffects & Pick<Services, 'store' | 'now'>,
  kase: Case & { readonly token: Token },
): Promise<undefined> {
  const own = await chooseToken(store, kase, { token: kase.token, now: now() });
  await followCases(effects, [kase.id, own]);
}

function later(now: Date, seconds: number): string {
  return new Date(now.getTime() + seconds * 1000).toISOString();
}

/** Reads a case's token and enters what that shows; `proved` where it ends what the case has waited for. Throws what may pass. */
async function lookAt(services: Services, kase: Case & { readonly token: Token }): Promise<Look | 'proved'> {
  try {
    const token = await readAfresh(services, kase.token);
    if (kase.state === 'waiting') {
      if ((await endWaiting(services, kase, token)) === 'proved') return 'proved';
      return (await endElsewhere(services, kase, token)) === 'proved' ? 'proved' : 'waiting';
    }
    if (kase.state === 'dismissed') return await endClosed(services, kase, token);
    if (isUnended(kase)) {
      // It was made, nobody could prove so, and nobody could prove either that it was brought back then.
      const isMade = kase.troubles?.some(({ kind }) => kind === 'unconfirmed') === true;
      if (isMade && token?.state === 'active' && (await proveReturn(services, kase, token))) return 'returned';
      return await endElsewhere(services, kase, token);
    }
    const { revived, returned } = await findRevived(services, token === undefined ? [] : [token]);
    if (returned.length > 0) return 'returned';
    return revived.length > 0 ? 'alive_again' : 'dead';
  } catch (error) {
    if (!isFault(error) || error.isRetryable) throw error;
    return 'unread';
  }
}

interface Proof {
  readonly begun: BegunChange;
  readonly read: Token | undefined;
  /** A case that hears of it though it is closed. */
  readonly from?: string;
}

/** Proves what had begun by what was read: in its cases and on record. Gives it as it is to be kept. */
async function prove(services: Services, { begun, read, from }: Proof): Promise<BegunChange> {
  const change = await finishBegun(services, begun, read);
  await settle(services, change, { from });
  return onRecord(begun, change);
}

/** Ends a case's waiting where its provider has done by now what it took: in the case and on record. */
async function endWaiting(services: Services, kase: Case, read: Token | undefined): Promise<'waiting' | 'proved'> {
  const token = read ?? kase.token;
  if (token === undefined) return 'waiting';
  return holdToken<'waiting' | 'proved'>(services, { ref: token }, async ({ keep }, begun) => {
    if (begun === undefined || !isReached(begun.verb, read)) return 'waiting';
    // A return that is on record has decided nothing here: another kill was decided since it was asked for.
    if (begun.verb === 'activate' && !isUnfinished(begun)) return 'waiting';
    keep(await prove(services, { begun, read }));
    const now = await services.store.cases.get(kase.id);
    return now?.state === 'waiting' ? 'waiting' : 'proved';
  });
}

/**
 * Ends a case's waiting for what its provider took and has not done at the last look: the kill that was decided has not been
 * made, and is asked for again by the case's own plan. Not where a person asked for it, who may press again.
 */
async function waitNoMore({ store, now }: Services, { id, generation, state }: Case, look: Look): Promise<boolean> {
  if (state !== 'waiting') return false;
  const troubles = [{ kind: 'unconfirmed', read: look === 'unread' ? 'partial' : 'active' }] as const;
  const kase = await changeCase(store, { id, now: now() }, (current) =>
    current.state === 'waiting' && current.generation === generation && isToBeKilled(current)
      ? { ...current, state: 'not_revoked', troubles, search: planAfterWaiting(current, now()) }
      : undefined,
  );
  return kase.state === 'not_revoked';
}

/** Ends a case whose token is read as stopped: somebody has done so elsewhere, or an attempt of ours that died. */
async function endElsewhere(
  services: Services,
  { token }: Case & { readonly token: Token },
  read: Token | undefined,
): Promise<'alive' | 'proved'> {
  const verb = read === undefined ? 'delete' : 'deactivate';
  if (!isReached(verb, read)) return 'alive';
  return holdToken<'proved'>(services, { ref: token }, async ({ keep }, begun) => {
    if (begun !== undefined && isUnfinished(begun) && isReached(begun.verb, read)) {
      keep(await prove(services, { begun, read }));
      return 'proved';
    }
    // Nobody can tell any more what came of it.
    if (begun !== undefined && begun.isOnRecord !== true) await recordTried(services, begun, read);
    const at = services.now().toISOString();
    const asked = { verb, requestedAt: at } as const;
    await settle(services, await asIs(services, asked, { token: read ?? token, isGone: read === undefined }));
    return 'proved';
  });
}

/**
 * Ends a kill that had begun before a person closed its case, and that its provider shows as done: told there and on record.
 * Where none had begun, what becomes of the token is nothing to a closed case.
 */
async function endClosed(
  services: Services,
  { id, token }: Case & { readonly token: Token },
  read: Token | undefined,
): Promise<'alive' | 'dead' | 'proved'> {
  return holdToken<'alive' | 'dead' | 'proved'>(services, { ref: token }, async ({ keep }, begun) => {
    const isOurs = begun?.order.caseId === id && isUnfinished(begun);
    if (!isOurs || !isReached(begun.verb, read)) return isReached('deactivate', read) ? 'dead' : 'alive';
    keep(await prove(services, { begun, read, from: id }));
    return 'proved';
  });
}
