import { asError } from '#shared/core/as-error.ts';
import { isFault } from '#shared/core/fault.ts';
import type { Case, Store } from '#shared/store/store.ts';
import { changeCase } from './keep-case.ts';

/** Tells one sender that its alert is dealt with. False when the sender does not know the alert (any more), or it is about another secret. */
export type Answerer = (ref: string, kase: Case) => Promise<boolean>;

interface AnswerDeps {
  readonly store: Store;
  readonly now: () => Date;
  readonly answerers: Readonly<Record<string, Answerer>>;
}

/**
 * Answers every alert that is owed one, once the token is dead. Safe to repeat; what has been answered is on the case. The
 * first retryable fault is thrown after all others were tried; a refusal for good counts as answered, since asking again
 * would not change it, and is thrown too, so that it is logged once.
 */
export function createAnswerBack({ store, now, answerers }: AnswerDeps): (id: string, seen?: Case) => Promise<void> {
  const owed = (kase: Case | undefined) =>
    // A report that could not be looked for may be of what somebody has brought back since.
    kase?.state !== 'dead' || kase.deferred !== undefined
      ? []
      : (kase.answers ?? []).filter(
          ({ source, answeredAt }) => answeredAt === undefined && Object.hasOwn(answerers, source),
        );

  return async (id, seen) => {
    if (owed(seen ?? (await store.cases.get(id))).length === 0) return;
    await store.hold(`answers:${id}`, async () => {
      const kase = await store.cases.get(id);
      const failures: Error[] = [];
      for (const { source, ref } of owed(kase)) {
        if (kase === undefined) return;
        try {
          await answerers[source]?.(ref, kase);
        } catch (error) {
          failures.push(asError(error));
          if (!isFault(error) || error.isRetryable) continue;
        }
        const answeredAt = now().toISOString();
        await changeCase(store, { id, now: now() }, (current) => ({
          ...current,
          answers: (current.answers ?? []).map((answer) =>
            answer.source === source && answer.ref === ref ? { ...answer, answeredAt } : answer,
          ),
        }));
      }
      const [first] = failures.toSorted((left, right) => Number(isRetryable(right)) - Number(isRetryable(left)));
      if (first !== undefined) throw first;
    });
  };
}

function isRetryable(error: Error): boolean {
  return !isFault(error) || error.isRetryable;
}
