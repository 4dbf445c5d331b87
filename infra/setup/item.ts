import type { Secret } from '#shared/core/secret.ts';
import type { Prompt } from './prompt.ts';

/** What a harmless try of a credential showed. */
export interface Verdict {
  readonly works: boolean;
  /** What it is and can do, where it works; what is wrong and what to do about it, where it does not. */
  readonly notes: readonly string[];
  /** What would be better, where it works: a sentence with what to do. */
  readonly advice?: string;
}

/** One secret of a stage: how it is asked for, tried, and what remains to be done when it is stored. */
export interface Item {
  /** Its name under the stage's prefix. */
  readonly name: string;
  readonly title: string;
  /** Where its fields are kept, by the names of secrets, when not all in one under its own name. */
  readonly kept?: Readonly<Record<string, readonly string[]>>;
  /** False for what Patrol runs without. */
  readonly isNeeded: boolean;
  /** Asks a person for it; `undefined` when the person would rather not now. */
  ask(prompt: Prompt): Promise<Secret | undefined>;
  /** Takes its part of a given file; `undefined` when the file has none. Throws `Stop` for a part of the wrong form. */
  take(given: GivenSecrets): Secret | undefined;
  /** Tries it without changing anything at the other side. Never throws, never quotes a value. */
  check(value: Secret): Promise<Verdict>;
  /** What the person has to do at the other side, once it is stored. */
  afterwards(): readonly string[];
}

/** The file that `--from` names. */
export interface GivenSecrets {
  readonly slack?: { readonly signingSecret: string; readonly botToken: string };
  readonly github?: { readonly token: string };
  /** By source; "generate" makes a fresh one. */
  readonly alerts?: Readonly<Record<string, string>>;
  readonly profiles?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}
