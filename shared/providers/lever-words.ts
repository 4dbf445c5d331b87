import type { Lever } from '#shared/core/vocabulary.ts';
import { FACTS } from './facts.ts';

/** What a lever does and what stops with it, in its provider's words; of a kind that no provider has, only that it is one. */
export function leverWords(lever: Lever): string {
  const [words] = Object.values(FACTS).flatMap(({ levers }) => levers[lever.kind] ?? []);
  const what = words?.(lever) ?? 'A bigger lever may act on more than this token.';
  if (lever.stopsUs !== true) return what;
  return `${what} Patrol works as ${lever.target} itself here and will lose its own access.`;
}
