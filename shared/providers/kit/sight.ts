import { Fault } from '#shared/core/fault.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import type { KnownToken } from '../provider.ts';

/** What one credential is able to see: only what it could show is gone when it is not there. */
export interface Sight {
  /** Notes that this credential has shown these tokens. */
  show(tokens: readonly Token[]): void;
  /**
   * Throws `provider_unexpected` where a known token may be there although this credential does not show it: it is of
   * another organisation, or of none of the users, where the credential sees only theirs. What it has shown before it sees.
   */
  require(id: string, known: KnownToken | undefined, users?: readonly (string | undefined)[]): void;
}

/** Makes the sight of one credential, for as long as it is used. */
export function createSight(profile: string, organizationId: string | undefined): Sight {
  const shown = new Set<string>();
  return {
    show: (tokens) => tokens.forEach(({ id }) => shown.add(id)),
    require: (id, known, users) => {
      if (known === undefined || shown.has(id)) return;
      const { owner, organizationId: home = organizationId } = known;
      const isAbroad = organizationId !== undefined && home !== organizationId;
      const isAnothers = users !== undefined && (owner === undefined || !users.includes(owner.id));
      if (isAbroad || isAnothers) {
        throw new Fault('provider_unexpected', `${profile}: this credential may not see a token that it does not show`);
      }
    },
  };
}
