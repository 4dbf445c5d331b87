import type { DeadLetters } from '#shared/jobs/count-dead-letters.ts';
import type { Services } from '#shared/tokens/services.ts';
import { goesOn, renderDeadLetters } from './blocks/render-dead-letters.ts';
import type { Posted, Reply } from './reply.ts';
import { createSayLoud } from './say-loud.ts';
import { onlyIfRefused } from './only-if-refused.ts';

/** What was told last, and where. */
interface Told extends DeadLetters {
  /** Names the message: one for each time that something was given up after nothing was. */
  readonly since: string;
  readonly at?: Posted;
}

const NOTE = 'dead-letters';
const KEPT_SECONDS = 30 * 86_400;

/**
 * Tells in the security channel what was given up, in one message that is brought up to date until all of it is back; more
 * of it is said anew, since an edit calls nobody. Told again with the same figures it says nothing. Throws Slack's and the
 * store's faults; asked again it goes on where it stopped.
 */
export async function tellDeadLetters(
  { services, reply, stage }: { readonly services: Services; readonly reply: Reply; readonly stage: string },
  dead: DeadLetters,
): Promise<void> {
  const { store, policy, now } = services;
  const told = await store.notes.get<Told>(NOTE);
  const before: Told = told ?? { leaks: 0, commands: 0, since: '' };
  if (before.leaks === dead.leaks && before.commands === dead.commands) return;
  const words = renderDeadLetters(dead, stage);
  const isMore = dead.leaks > before.leaks || dead.commands > before.commands;
  if (!isMore && told?.at?.ts !== undefined) {
    await reply.edit(told.at, words).catch(onlyIfRefused);
    const isOver = dead.leaks + dead.commands === 0;
    await store.notes.put(NOTE, { ...told, ...dead, ...(isOver ? { since: '' } : {}) }, KEPT_SECONDS);
    return;
  }
  // Kept before it is said, so that a second attempt after a crash finds the message by its name.
  const since = before.since === '' ? now().toISOString() : before.since;
  if (before.since === '') await store.notes.put(NOTE, { ...before, since } satisfies Told, KEPT_SECONDS);
  const key = `dead-letters:${since}:${dead.leaks}:${dead.commands}`;
  const at = await createSayLoud({ services, reply })({ channel: policy.channels.security, message: words, key });
  // The one before says no figures any more, which nobody would bring up to date.
  if (told?.at?.ts !== undefined && told.at.ts !== at.ts) await reply.edit(told.at, goesOn()).catch(onlyIfRefused);
  await store.notes.put(NOTE, { ...dead, since, at } satisfies Told, KEPT_SECONDS);
}
