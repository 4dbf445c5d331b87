import type { Actor, Mutation } from '#shared/core/vocabulary.ts';
import type { NamedRef } from './bulk.ts';

/** A change that a person asked for and has fully named. */
export interface Wish {
  readonly verb: Mutation;
  readonly tokens: readonly NamedRef[];
  readonly requester: Actor;
  readonly requestedAt: string;
  readonly keepGoing: boolean;
  readonly reason?: string;
  readonly caseId?: string;
}

/** The reason alone, for spreading into what else carries one. */
export function reasonOf({ reason }: { readonly reason?: string | undefined }): { readonly reason?: string } {
  return reason === undefined ? {} : { reason };
}
