import { defined } from '#shared/core/defined.ts';
import type { ChangeOrder } from '#shared/core/vocabulary.ts';
import { recordChange } from './change-token.ts';
import type { Hindered } from './hindrance.ts';
import type { Change, OutcomeOf } from './outcome.ts';
import type { Services } from './services.ts';
import type { Warrant } from './warrant.ts';

/** By what the tokens of an order were found. */
type Found = Pick<OutcomeOf<'hindered'>, 'filter' | 'unread' | 'unseen'>;

/**
 * Tells of an order of which nothing can be done, instead of asking for a yes that would come to nothing. What Patrol itself
 * refuses is on record, as it is when it is refused in the act.
 */
export async function tellHindered(
  services: Services,
  {
    order,
    warrant,
    hindered,
  }: { readonly order: ChangeOrder; readonly warrant: Warrant; readonly hindered: readonly Hindered[] },
  found: Found = {},
): Promise<Change | OutcomeOf<'hindered'>> {
  const { verb, requester, reason } = order;
  const refusals = hindered.flatMap((one) => refusalOf(verb, one) ?? []);
  for (const change of refusals) {
    const { profile, id, name } = change.token;
    await recordChange(services, { order, warrant, ref: { profile, id, name } }, change);
  }
  const [only, ...others] = refusals;
  if (only !== undefined && others.length === 0 && hindered.length === 1) return only;
  return { kind: 'hindered', verb, hindered, requester, ...found, ...defined({ reason }) };
}

/** The change that Patrol itself refuses to make; `undefined` for what comes to nothing by itself. */
function refusalOf(
  verb: ChangeOrder['verb'],
  { token, why }: Hindered,
): Extract<Change, { kind: 'refused' }> | undefined {
  switch (why.kind) {
    case 'own':
      return { kind: 'refused', verb, token: { ...token, own: true }, why: 'own', profile: why.profile };
    case 'protected':
      return { kind: 'refused', verb, token, why: 'protected', reason: why.reason };
    case 'already':
    case 'only_deleted':
    case 'expired':
      return undefined;
  }
}
