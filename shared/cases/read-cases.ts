import { allEnded } from '#shared/core/all-ended.ts';
import { defined } from '#shared/core/defined.ts';
import { caseProfiles } from '#shared/store/case-profiles.ts';
import type { AuditEntry, Case } from '#shared/store/store.ts';
import { type Authority, isDenied } from '#shared/tokens/authorise.ts';
import { maySee } from '#shared/tokens/may-see.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import type { Services } from '#shared/tokens/services.ts';
import { withPeople } from '#shared/tokens/with-people.ts';

/** Most lines of its record that are shown with a case. */
const KEPT_ENTRIES = 20;

/** Keeps the cases whose tokens are all in profiles that the actor may see cases of; one without a token is everybody's. */
export function visibleCases(services: Services, authority: Authority, cases: readonly Case[]): readonly Case[] {
  const mayBeSeen = maySee(services, authority, 'cases');
  return cases.filter((kase) => mayBeSeen(caseProfiles(kase)));
}

/** Lists the leak cases, newest first. */
export async function readCases(services: Services, authority: Authority, open: boolean): Promise<Outcome> {
  const allowed = authority.may('cases');
  if (isDenied(allowed)) return allowed;
  const cases = visibleCases(services, authority, await services.store.cases.list({ open, limit: 100 }));
  return { kind: 'cases', cases: cases.slice(0, 20), open };
}

/** Shows one case with its record. */
export async function readCase(services: Services, authority: Authority, id: string): Promise<Outcome> {
  const allowed = authority.may('cases');
  if (isDenied(allowed)) return allowed;
  const wanted = id.toUpperCase();
  const found = await services.store.cases.get(wanted);
  // A hidden one is answered as one that is not there: even its profile's name would tell something.
  if (found === undefined || visibleCases(services, authority, [found]).length === 0) {
    const recent = visibleCases(services, authority, await services.store.cases.list({ limit: 50 }));
    const suggestions = recent.map((one) => one.id).filter((one) => one.startsWith(wanted.slice(0, 4)));
    return { kind: 'unknown_case', asked: id, suggestions: suggestions.slice(0, 3) };
  }
  const [token] = await withPeople(services, found.token === undefined ? [] : [found.token]);
  const shown = { ...found, ...defined({ token }) };
  const [entries, link] = await allEnded([
    linesAbout(services, found),
    found.message === undefined ? undefined : services.channels.linkTo(found.message),
  ]);
  return { kind: 'case', case: shown, entries, ...defined({ link }) };
}

/** The newest lines about a case, and about those that go on in it where they tell of no other token. */
async function linesAbout({ store }: Services, { id, token, mergedFrom = [] }: Case): Promise<readonly AuditEntry[]> {
  const linesOf = (caseId: string) => store.audit.query({ caseId, limit: KEPT_ENTRIES });
  const isOther = (entry: AuditEntry) => entry.token !== undefined && entry.token.id !== token?.id;
  const [own, ...earlier] = await allEnded([id, ...mergedFrom].map(linesOf));
  const lines = [...(own ?? []), ...earlier.flat().filter((entry) => !isOther(entry))];
  return lines.toSorted((one, other) => other.at.localeCompare(one.at)).slice(0, KEPT_ENTRIES);
}
