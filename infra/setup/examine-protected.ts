import type { Token } from '#shared/core/vocabulary.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { protectedBy } from '#shared/policy/protected-by.ts';
import { parseCredential } from '#shared/providers/clients.ts';
import type { Notes } from '#shared/store/store.ts';
import { newlyProtected, protectedAmong } from '#shared/tokens/newly-protected.ts';
import { type Examination, fine, odd } from './examination.ts';
import { openProfile } from './profile-item.ts';
import type { Vault } from './vault.ts';

const SHOWN = 20;
const ADVICE =
  'is each meant to be? whoever mints or renames a token names it; correct `protected` in the policy and deploy';

/**
 * Lists the tokens that the policy protects and no weekly report has told of yet, each with its owner: whoever named or
 * minted one has made it immune to alerts. Where the stage's notes cannot be read all protected ones are listed.
 */
export async function examineProtected(
  policy: Policy,
  vault: Vault,
  notes: Pick<Notes, 'get'>,
): Promise<readonly Examination[]> {
  if (policy.protected.length === 0) return [fine('protected', 'the policy protects no token')];
  const listed = await Promise.all(Object.keys(policy.profiles).map((profile) => listProfile(profile, vault)));
  const unread = Object.keys(policy.profiles).filter((_, index) => listed[index] === undefined);
  const tokens = protectedAmong(
    policy,
    listed.flatMap((one) => one ?? []),
  );
  const fresh = await newlyProtected({ notes }, tokens).catch(() => undefined);
  const beside = unread.length === 0 ? '' : `; not looked at, because they do not work: ${unread.join(', ')}`;
  if (fresh?.length === 0)
    return [fine('protected', `${tokens.length} tokens are protected, none of them newly${beside}`)];
  const [shown, which] =
    fresh === undefined ? [tokens, 'protected (which are new cannot be read)'] : [fresh, 'newly protected'];
  const lines = shown.slice(0, SHOWN).map((token) => describe(policy, token));
  const rest = shown.length - lines.length;
  return [
    odd(
      'protected',
      `${shown.length} ${which}: ${[...lines, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ')}${beside}`,
      ADVICE,
    ),
  ];
}

/** A profile that does not work is told of where its credential is examined. */
async function listProfile(profile: string, vault: Vault): Promise<readonly Token[] | undefined> {
  try {
    const value = await vault.read(`profiles/${profile}`);
    if (value === undefined) return undefined;
    return (await openProfile(profile, parseCredential(profile, value.expose())).list()).tokens;
  } catch {
    return undefined;
  }
}

/** Foreign text on one line of a terminal: without control characters, and not longer than a line. */
function plain(text: string): string {
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '').slice(0, 80);
}

function describe(policy: Policy, token: Token): string {
  const owner = token.owner === undefined ? 'of an unknown owner' : `of ${plain(token.owner.name ?? token.owner.id)}`;
  return `"${plain(token.name)}" (${token.profile}:${token.id}) ${owner}, because of "${protectedBy(policy, token) ?? ''}"`;
}
