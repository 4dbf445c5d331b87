import { defined } from '#shared/core/defined.ts';
import { isFault } from '#shared/core/fault.ts';
import { adviseOn, adviseOnExpiry, adviseOnSkew, readSkew } from '../kit/advise-on.ts';
import type { Checkup, ProviderDeps } from '../provider.ts';
import type { Credential } from './credential.ts';
import type { Lister } from './lister.ts';
import { PATHS } from './paths.ts';
import type { Wire } from './wire.ts';

const HINTS = {
  own: 'it has expired or was revoked, or it belongs to another region or organisation.',
  organization:
    "it has expired or was revoked, or it is not an Organization Admin's; with scope own any member's key will do.",
} as const;

interface Doctor {
  readonly wire: Wire;
  readonly deps: ProviderDeps;
  readonly credential: Credential;
  readonly lister: Lister;
}

/** Tries the credential by listing. Whether the server knows revocation can only be seen by using it. */
export async function checkCredential({ wire, deps, credential, lister }: Doctor): Promise<Checkup> {
  const { scope, organizationId } = credential;
  const cannot = ['deactivate service keys (LangSmith can only delete them)'];
  try {
    const skew = readSkew((await wire.read(PATHS[scope], 'listing')).headers, deps.now());
    const { tokens, unseen } = await lister.list(wire);
    const own = tokens.filter((token) => token.own);
    const owner = own.length === 1 ? own[0]?.owner?.id : undefined;
    const expiresAt = own.length === 1 ? own[0]?.expiresAt : undefined;
    return {
      works: true,
      identity: `key of ${owner ?? '(unknown)'} in organisation ${organizationId ?? '(its own)'}`,
      tokens: tokens.length,
      can: [
        scope === 'own' ? 'list the tokens of its own user' : "list every member's tokens",
        'deactivate and activate them (older self-hosted servers cannot); delete them',
      ],
      cannot: [...cannot, ...unseen.map(inOneClause)],
      ...defined({ clockSkewSeconds: skew }),
      advice: [
        ...adviseOnExpiry(expiresAt === undefined ? undefined : new Date(expiresAt), deps.now()),
        ...adviseOnSkew(skew),
        ...(own.length > 1 ? [`Any of ${own.length} tokens could be Patrol's own key: none of them is revoked.`] : []),
        ...(organizationId === undefined ? ['Set organizationId: LangSmith asks for it with every call.'] : []),
      ],
    };
  } catch (error) {
    if (!isFault(error)) throw error;
    return { works: false, can: [], cannot, advice: [adviseOn(error, HINTS[scope])] };
  }
}

function inOneClause(unseen: string): string {
  return `see everything: ${unseen.charAt(0).toLowerCase()}${unseen.slice(1).replace(/\.$/, '')}`;
}
