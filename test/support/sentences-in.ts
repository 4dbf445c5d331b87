import type { Case } from '#shared/store/store.ts';

/** Where a case keeps what others have written: names, places, the policy's own reasons. */
const FOREIGN =
  /\.(name|owner\.\w+|permissions\.\d+|where\.\w+|detector|note|reason|shortKey|scopes\.\d+|workspaces?\.\d+)$/;

/**
 * The sentences of ours that a stored case holds, by their places: it has to keep facts, whose words are chosen when they are
 * shown.
 */
export function sentencesIn(kase: Case): readonly string[] {
  const found: string[] = [];
  const visit = (value: unknown, at: string): void => {
    if (typeof value === 'string') {
      if (/\s/.test(value) && !FOREIGN.test(at)) found.push(`${at}: ${value}`);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, part] of Object.entries(value)) visit(part, `${at}.${key}`);
    }
  };
  visit(kase, '');
  return found;
}
