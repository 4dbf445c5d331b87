import type { Lever } from '#shared/core/vocabulary.ts';
import { FACTS } from './facts.ts';
import type { LeverFacts } from './provider-facts.ts';

/** What is said of a lever of a kind that no provider has: only that it is one. */
const UNKNOWN: LeverFacts = {
  words: () => 'A bigger lever may act on more than this token.',
  wanted: () => 'pull a bigger lever',
  button: 'Bigger lever…',
  undo: "To take it back, use the provider's own page.",
};

function factsOf(lever: Lever): LeverFacts {
  const [facts] = Object.values(FACTS).flatMap(({ levers }) => levers[lever.kind] ?? []);
  return facts ?? UNKNOWN;
}

/** What a lever does and what stops with it, in its provider's words. */
export function leverWords(lever: Lever): string {
  const what = factsOf(lever).words(lever);
  return lever.stopsUs === true
    ? `${what} Patrol works as ${lever.target} itself here and will lose its own access.`
    : what;
}

/** What somebody is asked to agree to, behind "may I". */
export function leverWanted(lever: Lever): string {
  return factsOf(lever).wanted(lever);
}

/** What stands on the button of a lever. */
export function leverButton(lever: Lever): string {
  return factsOf(lever).button;
}

/** How a person takes a lever back. */
export function leverUndo(lever: Lever): string {
  return factsOf(lever).undo;
}
