import type { Lever } from '#shared/core/vocabulary.ts';
import { FACTS } from './facts.ts';

/** What the button of a lever says; of a kind that no provider has, only that it is one. */
export function leverButton(lever: Lever): string {
  return factsOf(lever)?.button ?? 'Bigger lever…';
}

/** What a lever does and what stops with it, in its provider's words; of a kind that no provider has, only that it is one. */
export function leverWords(lever: Lever): string {
  const what = factsOf(lever)?.words(lever) ?? 'A bigger lever may act on more than this token.';
  if (lever.stopsUs !== true) return what;
  return `${what} Patrol works as ${lever.target} itself here and will lose its own access.`;
}

function factsOf({ kind }: Lever) {
  const [found] = Object.values(FACTS).flatMap(({ levers }) => levers[kind] ?? []);
  return found;
}
