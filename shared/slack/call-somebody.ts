import type { CallSomebody } from '#shared/cases/wake.ts';
import { allEnded } from '#shared/core/all-ended.ts';
import { isFault } from '#shared/core/fault.ts';
import type { Services } from '#shared/tokens/services.ts';
import { adminsOf } from './admins-of.ts';
import { wakeWords } from './blocks/wake-words.ts';
import type { Reply } from './reply.ts';
import { createSayLoud, onlyIfClosed } from './say-loud.ts';

const KEPT_SECONDS = 30 * 86_400;

/**
 * Creates what calls somebody to a case that nobody has taken: in its thread and the channel; at the second step whoever
 * the policy names for that, in their channel where it names one, and every admin alone where it names nobody.
 */
export function createCallSomebody({
  services,
  reply,
}: {
  readonly services: Services;
  readonly reply: Reply;
}): CallSomebody {
  const { policy, store } = services;
  const { security, mention, escalate } = policy.channels;
  const sayLoud = createSayLoud({ services, reply });
  return async (kase, { step, key, others }) => {
    const isChannel = escalate !== undefined && /^[CG]/.test(escalate);
    const whom = step === 'remind' || escalate === undefined || isChannel ? mention : escalate;
    const words = wakeWords(kase, step, { now: services.now(), whom, minutes: policy.alerts.remindMinutes, others });
    const { channel = security, ts: threadTs } = kase.message ?? {};
    const isTold = await sayLoud({ channel, threadTs, message: words, key }).then(() => true, onlyIfClosed);
    if (step === 'remind') return;
    if (isChannel && escalate !== channel) {
      await sayLoud({ channel: escalate, message: words, key: `${key}:there` }).catch(onlyIfClosed);
    }
    if (escalate !== undefined || !isTold) return;
    const tell = async (userId: string): Promise<void> => {
      const note = `told:${key}:${userId}`;
      if ((await store.notes.get<boolean>(note)) === true) return;
      // One who takes no messages hides it from no other.
      await reply.tell(userId, words).catch((error: unknown) => {
        if (!isFault(error, 'slack_rejected')) throw error;
      });
      await store.notes.put(note, true, KEPT_SECONDS);
    };
    await allEnded((await adminsOf(services)).map(tell));
  };
}
