import { isFault } from '#shared/core/fault.ts';
import type { LeakJob } from '#shared/jobs/job.ts';
import { LONGEST_DELAY_SECONDS } from '#shared/jobs/send-jobs.ts';
import type { Case } from '#shared/store/store.ts';
import type { Services } from '#shared/tokens/services.ts';
import { findRevived, isAliveAgain } from './find-revived.ts';
import { changeCase } from './keep-case.ts';

type ReadJob = Extract<LeakJob, { kind: 'read-again' }>;

interface ReadAgainDeps extends Pick<Services, 'store' | 'providers' | 'now'> {
  /** Queues jobs for the leaks' worker, after a delay of at most a quarter of an hour. */
  readonly send: (jobs: readonly LeakJob[], delaySeconds: number) => Promise<void>;
  /** Brings a case's card up to date. */
  readonly show: (caseId: string) => Promise<void>;
}

/** What a look at a token that was believed dead has shown; `unread` where its provider refuses us. */
export type Look = 'dead' | 'alive_again' | 'unread';

/** Looks at dead tokens again: whoever has a leaked one may bring it back outside of Patrol. */
export interface ReadAgain {
  /** Plans the next look at a case's token, where it is dead and none is planned. Throws the store's and the queue's faults. */
  plan(caseId: string): Promise<void>;
  /**
   * Reads the token of a planned look. One that lives reopens its case, which says so; else the next look is planned.
   * `undefined` where there is nothing (more) to look at, or its time has not come and it was put back. Throws what may pass.
   */
  read(job: ReadJob): Promise<Look | undefined>;
}

/** How long after a proof, and after each look, the next one is: five minutes, an hour, a day. Then the weekly report looks. */
const PAUSES_SECONDS = [300, 3600, 86_400] as const;
/** Clocks of two containers may differ by so much. */
const EARLY_MS = 1000;

/** Makes what looks at dead tokens again. A case's own `look` says which job is the planned one. */
export function createReadAgain({ store, providers, now, send, show }: ReadAgainDeps): ReadAgain {
  const sendAt = (caseId: string, at: string): Promise<void> => {
    const seconds = Math.max(0, (Date.parse(at) - now().getTime()) / 1000);
    const job = { v: 1, kind: 'read-again', receivedAt: now().toISOString(), caseId, at } as const;
    return send([{ ...job, deliveryKey: `look:${caseId}:${at}` }], Math.min(LONGEST_DELAY_SECONDS, seconds));
  };
  const planNext = async (kase: Case): Promise<void> => {
    const after = provenAt(kase);
    if (after === undefined) return;
    const looks = kase.look?.after === after ? kase.look.looks : 0;
    const pause = PAUSES_SECONDS[looks];
    if (pause === undefined) return;
    const at = new Date(now().getTime() + pause * 1000).toISOString();
    // Sent before it is written down: a crash between the two leaves a job that nobody planned, and never a plan without a job.
    await sendAt(kase.id, at);
    await changeCase(store, { id: kase.id, now: now() }, (current) =>
      provenAt(current) === after ? { ...current, look: { after, looks: looks + 1, at } } : undefined,
    );
  };
  return {
    plan: async (caseId) => {
      const kase = await store.cases.get(caseId);
      if (kase !== undefined && kase.look?.after !== provenAt(kase)) await planNext(kase);
    },
    read: async ({ caseId, at }) => {
      const kase = await store.cases.get(caseId);
      if (kase?.token === undefined || kase.look?.at !== at) return undefined;
      if (isAliveAgain(kase)) {
        // An attempt before this one found it and could not tell all of it.
        await show(caseId);
        return 'alive_again';
      }
      if (provenAt(kase) === undefined) return undefined;
      if (Date.parse(at) > now().getTime() + EARLY_MS) {
        await sendAt(caseId, at);
        return undefined;
      }
      const { profile, id, kind } = kase.token;
      try {
        const token = await (await providers.open(profile)).get(id, kind);
        if (token !== undefined && (await findRevived({ store, now }, [token])).length > 0) {
          await show(caseId);
          return 'alive_again';
        }
      } catch (error) {
        if (!isFault(error) || error.isRetryable) throw error;
        await planNext(kase);
        return 'unread';
      }
      await planNext(kase);
      return 'dead';
    },
  };
}

/** When a case's token was proved dead; `undefined` where it is not believed dead. */
function provenAt({ state, token, receipt }: Case): string | undefined {
  return state === 'dead' && token !== undefined ? receipt?.confirmedAt : undefined;
}
