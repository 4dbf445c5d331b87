import { inspect } from 'node:util';

const MASK = '[secret]';

/**
 * Wraps a raw confidential string so that printing, serialising or interpolating it shows `[secret]`.
 * `.expose()` is the only way out; a lint rule lists the files that may call it.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Returns the raw text. */
  expose(): string {
    return this.#text;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
