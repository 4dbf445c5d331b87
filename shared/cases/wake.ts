import { hasCome } from '#shared/jobs/has-come.ts';
import type { LeakJob, SendLeaksLater } from '#shared/jobs/job.ts';
import { sendPlanned } from '#shared/jobs/send-planned.ts';
import type { Case, Store, Need } from '#shared/store/store.ts';
import { without } from '#shared/core/without.ts';
import { countCases } from './count-cases.ts';
import { isAtWork, needsPerson } from './needs-person.ts';

export type WakeJob = Extract<LeakJob, { kind: 'wake' }>;
/** First a reminder; when that is not heard, an escalation. Apart from both: an owner says that a token is not theirs. */
export type WakeStep = WakeJob['step'];

/** Calls somebody to a case, and says how many others wait. Under the same key it is said once. Throws Slack's faults. */
export type CallSomebody = (
  kase: Case,
  call: { readonly step: WakeStep; readonly key: string; readonly others: number },
) => Promise<void>;

interface WakeDeps {
  readonly store: Store;
  readonly now: () => Date;
  /** Minutes without anybody before each step; 0: nobody is reminded. */
  readonly minutes: number;
  readonly send: SendLeaksLater;
  readonly say: CallSomebody;
}

/** Sees to it that a case which needs a person gets one. */
export interface Wake {
  /**
   * Notes since when a case needs a person and plans the reminder, once for each need; ends both when nobody is needed. Whoever
   * has just read the case gives it, and is given it as it was written where it was.
   */
  plan(kase: Case): Promise<Case | undefined>;
  /**
   * Does what a planned job is for and plans the next step; puts the job back where its time has not come. Nothing is said
   * of a case that somebody has taken, that is over, or for which another call is planned. Of many that come due at once
   * only the first are called out, and say how many others wait. False when nothing was said.
   */
  due(job: WakeJob): Promise<boolean>;
}

type PlannedCall = WakeJob & { readonly step: NonNullable<Need['next']>['step'] };

/** So many calls of a step are said in so many minutes: after a storm nobody reads a hundred. */
const TOGETHER = { calls: 3, minutes: 5 } as const;

/** A try that goes on, and may fail like the last one, does not end the need that there was before it. */
function stillNeeds(kase: Case): boolean {
  return needsPerson(kase) || isAtWork(kase);
}

/** Creates the reminder. The case itself says which call is the planned one, so that a job of an earlier plan says nothing. */
export function createWake({ store, now, minutes, send, say }: WakeDeps): Wake {
  const sendAt = (caseId: string, { step, at }: NonNullable<Need['next']>): Promise<void> =>
    sendPlanned({ v: 1, kind: 'wake', deliveryKey: `wake:${caseId}:${at}`, caseId, step, at }, { send, now });
  const later = () => new Date(now().getTime() + minutes * 60_000).toISOString();
  const note = (id: string, change: ChangeNeed, seen?: Case) => noteNeed(store, { id, seen }, change);

  const call = async ({ caseId, at, step, deliveryKey }: PlannedCall): Promise<boolean> => {
    const kase = await store.cases.get(caseId);
    if (kase?.need?.next?.at !== at) return false;
    if (!stillNeeds(kase)) {
      // Whoever settled it may have died before it was shown: a later need begins anew.
      await note(caseId, (need) => (need?.next?.at === at ? undefined : need));
      return false;
    }
    const isCalled = await mayCall({ store, now }, step, deliveryKey);
    if (isCalled) {
      const { waiting } = await countCases(store, now());
      await say(kase, { step, key: deliveryKey, others: Math.max(0, waiting - 1) });
    }
    const next = step === 'remind' ? ({ step: 'escalate', at: later() } as const) : undefined;
    // Sent before it is noted, as in `plan`.
    if (next !== undefined) await sendAt(caseId, next);
    await note(caseId, (need) => (need?.next?.at === at ? { since: need.since, ...(next && { next }) } : need));
    return isCalled;
  };

  return {
    plan: async (kase) => {
      const isNeeded = needsPerson(kase);
      if (kase.need !== undefined && !stillNeeds(kase)) {
        // Decided by the case as it is: somebody may have made it need a person since it was read.
        return note(kase.id, (need, current) => (stillNeeds(current) ? need : undefined), kase);
      }
      if (kase.need !== undefined || !isNeeded) return undefined;
      const since = now().toISOString();
      const next = minutes === 0 ? undefined : ({ step: 'remind', at: later() } as const);
      // Sent before it is noted: a crash between the two leaves a job that nobody planned, and never a plan without a job.
      if (next !== undefined) await sendAt(kase.id, next);
      const planned = { since, ...(next && { next }) };
      return note(kase.id, (need, current) => need ?? (needsPerson(current) ? planned : undefined), kase);
    },
    due: async ({ step, ...rest }) => {
      if (step === 'disowned')
        return store.hold(`wake:${rest.caseId}`, () => tellDisowned({ store, say }, { step, ...rest }));
      const job: PlannedCall = { step, ...rest };
      const plannedAt = async () => (await store.cases.get(job.caseId))?.need?.next?.at;
      const isNow = await hasCome(job.at, { now, plannedAt, bringBack: () => sendAt(job.caseId, job) });
      // A job that is delivered twice at once calls once.
      return isNow && store.hold(`wake:${job.caseId}`, () => call(job));
    },
  };
}

type ChangeNeed = (need: Need | undefined, kase: Case) => Need | undefined;

/** Bookkeeping, and no change of the case: its time stays. Gives the case as it then is. */
async function noteNeed(
  { cases }: Pick<Store, 'cases'>,
  { id, seen }: { readonly id: string; readonly seen: Case | undefined },
  change: ChangeNeed,
): Promise<Case | undefined> {
  const next = (kase: Case) => {
    const need = change(kase.need, kase);
    if (need === kase.need) return undefined;
    return need === undefined ? without(kase, 'need') : { ...kase, need };
  };
  return (await cases.change(id, next, { seen }))?.record;
}

/** One of the few places that there are in some minutes; whoever asks again has the place that it had. */
async function mayCall({ store, now }: Pick<WakeDeps, 'store' | 'now'>, step: WakeStep, by: string): Promise<boolean> {
  const minutesNow = Math.floor(now().getTime() / 60_000 / TOGETHER.minutes);
  const places = Array.from({ length: TOGETHER.calls }, (_, place) => `called:${step}:${minutesNow}:${place + 1}`);
  return store.notes.claimOneOf(places, TOGETHER.minutes * 120, { by });
}

/** Calls somebody because a token is not its owner's, also whoever has taken the case. A word that another one has followed calls nobody. */
async function tellDisowned(
  { store, say }: Pick<WakeDeps, 'store' | 'say'>,
  { caseId, at, deliveryKey }: WakeJob,
): Promise<boolean> {
  const kase = await store.cases.get(caseId);
  if (kase?.ownerWord?.said !== 'not_mine' || kase.ownerWord.at !== at) return false;
  await say(kase, { step: 'disowned', key: deliveryKey, others: 0 });
  return true;
}
