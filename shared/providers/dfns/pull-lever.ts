import * as z from 'zod';
import type { Lever, Token } from '#shared/core/vocabulary.ts';
import { comesTrue } from '../kit/comes-true.ts';
import type { ProviderDeps, Pull } from '../provider.ts';
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

/** Where the account of a lever stands; `undefined` for an id that is none. */
function pathOf(leverId: string): string | undefined {
  const [, kind, id] = /^(deactivate-user|deactivate-service-account):(.*)$/s.exec(leverId) ?? [];
  if (kind === undefined || id === undefined || !PATH_SEGMENT.test(id)) return undefined;
  return `/auth/${AREAS[kind as LeverKind]}/${id}`;
}

/** Reads whether a lever is pulled; false, and no call, for an id that is none. */
export async function isLeverPulled(wire: Wire, leverId: string): Promise<boolean> {
  const path = pathOf(leverId);
  if (path === undefined) return false;
  const reply = await wire.read(path, 'reading an account');
  return reply.status === 200 && isInactive(reply.json);
}

/** Pulls a lever by its id; `not_found`, and no call, for an id that is none. Never forces past a policy of Dfns. */
export async function pullLever(wire: Wire, deps: ProviderDeps, leverId: string): Promise<Pull> {
  const path = pathOf(leverId);
  if (path === undefined) return { kind: 'not_found' };
  const isReached = () => isLeverPulled(wire, leverId);
  const effect = await makeChange(wire, deps, {
    what: 'deactivating an account',
    request: { method: 'PUT', path: `${path}/deactivate`, body: '{}' },
    says: (json) => (isInactive(json) ? 'inactive' : undefined),
    isReached,
  });
  if (effect.kind !== 'done' || effect.answer.fact !== undefined) return effect;
  return (await comesTrue(isReached, deps))
    ? { kind: 'done', answer: { ...effect.answer, fact: 'read_agrees' } }
    : { kind: 'unproved', answer: { ...effect.answer, fact: 'unproved' } };
}
