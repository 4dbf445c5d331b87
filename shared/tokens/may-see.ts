import { allEnded } from '#shared/core/all-ended.ts';
import type { Verb } from '#shared/core/vocabulary.ts';
import { caseProfiles } from '#shared/store/case-profiles.ts';
import type { AuditEntry, Case } from '#shared/store/store.ts';
import type { Authority } from './authorise.ts';
import { hiddenProfiles } from './hidden-profiles.ts';
import type { Services } from './services.ts';

/** True where none of these profiles is hidden from an actor. */
type MaySee = (profiles: readonly string[]) => boolean;

/** Tells what an actor may see who may do this on some profiles. */
export function maySee(services: Services, authority: Authority, verb: Verb): MaySee {
  const hidden = hiddenProfiles(services, authority, verb);
  return (profiles) => !profiles.some((profile) => hidden.has(profile));
}

/**
 * Keeps the entries of the record that touch no hidden profile: by their token, by the profiles that they name, or by their
 * case.
 */
export async function visibleEntries(
  { store }: Services,
  entries: readonly AuditEntry[],
  mayBeSeen: MaySee,
): Promise<readonly AuditEntry[]> {
  const caseIds = new Set(entries.flatMap(({ token, caseId }) => (token === undefined ? (caseId ?? []) : [])));
  const cases = new Map<string, Case | undefined>(
    await allEnded([...caseIds].map(async (id) => [id, await store.cases.get(id)] as const)),
  );
  return entries.filter(({ token, profiles = [], caseId }) => {
    if (token !== undefined) return mayBeSeen([token.profile]);
    const kase = caseId === undefined ? undefined : cases.get(caseId);
    return mayBeSeen([...profiles, ...(kase === undefined ? [] : caseProfiles(kase))]);
  });
}
