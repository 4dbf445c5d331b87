import type { Actor } from '#shared/core/vocabulary.ts';
import type { Denied } from './authorise.ts';
import type { Services } from './services.ts';

/** Puts a refusal on record: who asked for what, and why not. Under the same `id` it is recorded once. */
export async function recordDenial(
  { store, now }: Pick<Services, 'store' | 'now'>,
  { verb, why, profile }: Denied,
  { actor, id }: { readonly actor: Actor; readonly id: string },
): Promise<void> {
  await store.audit.append({
    at: now().toISOString(),
    id: `denied-${id}`,
    actor,
    what: 'denied',
    verb,
    result: 'refused',
    detail: { kind: 'denied', why },
    ...(profile === undefined ? {} : { profiles: [profile] }),
  });
}
