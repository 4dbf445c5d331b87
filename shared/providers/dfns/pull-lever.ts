import * as z from 'zod';
import { Fault } from '#shared/core/fault.ts';
import type { Lever, Token } from '#shared/core/vocabulary.ts';
import type { Effect, ProviderDeps } from '../provider.ts';
import { makeChange } from './make-change.ts';
import { LEVER_KINDS } from './lever-kinds.ts';
import { PATH_SEGMENT } from './pat.ts';
import type { Wire } from './wire.ts';

type LeverKind = keyof typeof LEVER_KINDS;
const AREAS: Readonly<Record<LeverKind, string>> = {
  'deactivate-user': 'users',
  'deactivate-service-account': 'service-accounts',
};

const activity = z.object({ isActive: z.boolean() });
/** Users tell it at the top, service accounts in `userInfo`. */
const accountSchema = z.union([activity, z.object({ userInfo: activity }).transform(({ userInfo }) => userInfo)]);

function isInactive(json: unknown): boolean {
  return accountSchema.safeParse(json).data?.isActive === false;
}

/** Names the levers that stop a token's owner. Which of the two fits, Dfns tells by refusing the other. */
export function nameLevers(token: Token, ownUserId: string | undefined): readonly Lever[] {
  const userId = token.owner?.id ?? '';
  if (!PATH_SEGMENT.test(userId)) return [];
  const stopsUs = token.own || userId === ownUserId;
  return Object.entries(LEVER_KINDS).map(([name, kind]) => ({
    id: `${name}:${userId}`,
    kind,
    target: userId,
    stops: 'owner',
    ...(stopsUs && { stopsUs }),
  }));
}

/** Pulls a lever by its id; `not_found`, and no call, for an id that is none. Never forces past a policy of Dfns. */
export async function pullLever(wire: Wire, deps: ProviderDeps, leverId: string): Promise<Effect> {
  const [, kind, id] = /^(deactivate-user|deactivate-service-account):(.*)$/s.exec(leverId) ?? [];
  if (kind === undefined || id === undefined || !PATH_SEGMENT.test(id)) return { kind: 'not_found' };
  const path = `/auth/${AREAS[kind as LeverKind]}/${id}`;
  const isReached = async () => {
    const reply = await wire.read(path, 'reading an account');
    return reply.status === 200 && isInactive(reply.json);
  };
  const effect = await makeChange(wire, deps, {
    what: 'deactivating an account',
    request: { method: 'PUT', path: `${path}/deactivate`, body: '{}' },
    says: (json) => (isInactive(json) ? 'inactive' : undefined),
    isReached,
  });
  if (effect.kind !== 'done' || effect.answer.fact === 'inactive') return effect;
  const { status } = effect.answer;
  if (await isReached())
    return { kind: 'done', answer: { ...effect.answer, fact: status === undefined ? 'lost' : 'read_agrees' } };
  throw new Fault(
    'provider_unexpected',
    `${deps.profile}: the account is still active after HTTP ${status ?? 'nothing'}`,
  );
}
