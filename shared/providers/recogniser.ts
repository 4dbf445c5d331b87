import type { Fingerprint } from '#shared/core/fingerprint.ts';
import type { Clue } from './clue.ts';
import type { Shape } from './text/shape.ts';
import type { ValidityCheck } from './validity-check.ts';

/** A secret as a shape found it, in its one canonical spelling. */
export interface Found {
  readonly text: string;
  /** Name of the shape. */
  readonly shape: string;
}

/** What an edge runs of a provider: it turns a leaked secret into a clue before anything is queued. Pure, linear, small. */
export interface Recogniser {
  /** The provider's own secrets; what many issue (a JWT) is looked for anyway. */
  readonly shapes: readonly Shape[];
  /** Keeps of a secret what is needed to find the token; `undefined` for what this provider did not issue. */
  readonly read: (found: Found, fingerprint: Fingerprint) => Clue | undefined;
  /** What the id of its tokens looks like: whatever else a sender calls an id may be the secret itself. */
  readonly tokenId: RegExp;
  /** How scanners call its secrets, in small letters and digits. Only a hint for the words on a card. */
  readonly scannersCallIt: readonly RegExp[];
  /** How a leaked secret is tried at its issuer; absent where the provider has no harmless read. */
  readonly validity?: ValidityCheck;
}
