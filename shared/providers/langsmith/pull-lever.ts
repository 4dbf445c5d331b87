import * as z from 'zod';
import type { HttpReply } from '#shared/core/http.ts';
import type { Lever } from '#shared/core/vocabulary.ts';
import { comesTrue } from '../kit/comes-true.ts';
import { readLost } from '../kit/read-lost.ts';
import { refusalOf } from '../kit/refusal-of.ts';
import type { ProviderDeps, Pull } from '../provider.ts';
import { STOP_NEW_PATS } from './stop-new-pats.ts';
import { hasLostAnswer, type Wire } from './wire.ts';

const PATH = '/info';
const STOP: Lever = { id: 'stop-new-pats', kind: STOP_NEW_PATS };

const infoSchema = z.object({ pat_creation_disabled: z.boolean() });
const isStopped = (reply: HttpReply): boolean => infoSchema.safeParse(reply.json).data?.pat_creation_disabled === true;

/** Names the one lever of a LangSmith organisation. */
export function nameLevers(): readonly Lever[] {
  return [STOP];
}

/** Reads whether the lever is pulled; false, and no call, for an id that is none. */
export async function isLeverPulled(wire: Wire, leverId: string): Promise<boolean> {
  return leverId === STOP.id && isStopped(await wire.read(PATH, 'reading the organisation'));
}

/** Pulls the lever; `not_found`, and no call, for an id that is none. */
export async function pullLever(wire: Wire, deps: ProviderDeps, leverId: string): Promise<Pull> {
  if (leverId !== STOP.id) return { kind: 'not_found' };
  const what = 'stopping new tokens';
  const reply = await wire.call({ method: 'PATCH', path: PATH, body: '{"pat_creation_disabled":true}', what });
  const { status } = reply;
  const isReached = () => isLeverPulled(wire, leverId);
  if (reply.body !== 'other') {
    if (status === 202) return { kind: 'pending', answer: { status, fact: 'waits' } };
    if (status === 404 || status === 405) {
      return { kind: 'unsupported', answer: { status, fact: 'no_switch' } };
    }
    if (status < 300) {
      if (isStopped(reply)) return { kind: 'done', answer: { status, fact: 'stopped' } };
      return (await comesTrue(isReached, deps))
        ? { kind: 'done', answer: { status, fact: 'read_agrees' } }
        : { kind: 'unproved', answer: { status, fact: 'unproved' } };
    }
  }
  const label = `${deps.profile}: ${what}`;
  if (hasLostAnswer(reply) && (await readLost(isReached, label))) return { kind: 'done', answer: { fact: 'lost' } };
  throw refusalOf(reply, label);
}
