import * as z from 'zod';
import type { FaultSwitch } from '../../kit/stand-in.ts';
import { BadCall } from '../call.ts';
import type { ControlParts, Routes } from '../control-parts.ts';
import { FAULT_TARGETS, type FaultTarget, MODES, modesOf } from '../fault-targets.ts';
import { fleetOf } from '../fleet-of.ts';

const faultSchema = z.object({
  target: z.enum(FAULT_TARGETS),
  mode: z.enum(MODES),
  count: z.int().positive().optional(),
  ms: z.int().nonnegative().optional(),
  retryAfterSeconds: z.int().nonnegative().optional(),
});
const CRASH_POINTS = ['before-effect', 'after-effect', 'before-reply', 'during-reply'] as const;
const crashSchema = z.object({ function: z.string(), at: z.enum(CRASH_POINTS) });
const restartSchema = z.object({ function: z.string(), env: z.record(z.string(), z.string().nullable()).default({}) });

/** What goes wrong on demand, and the way back to the beginning. */
export const troubleRoutes = (parts: ControlParts): Routes => ({
  'POST fault': ({ body }) => setFault(parts, body(faultSchema)),
  'POST crash': ({ body }) => armCrash(parts, body(crashSchema)),
  'GET crashes': () => parts.crashes,
  'POST restart': ({ body }) => restart(parts, body(restartSchema)),
  'POST reset': async () => {
    await parts.reset();
    return { reset: true };
  },
});

async function setFault(parts: ControlParts, { target, ...given }: z.infer<typeof faultSchema>) {
  if (!modesOf(target).includes(given.mode))
    throw new BadCall(`${target} knows no fault ${given.mode}; it knows ${modesOf(target).join(', ')}.`);
  const fault = given as FaultSwitch;
  await standInsOf(parts)[target].setFault(fault);
  // A counted one ends by itself and nobody is told, so it is not shown as set.
  parts.faults.set(target, fault.count === undefined ? fault : { mode: 'none' });
  return { target, ...given };
}

const standInsOf = ({
  providers,
  slack,
  github,
  secrets,
  queues,
  table,
}: ControlParts): Readonly<Record<FaultTarget, { setFault(fault: FaultSwitch): void | Promise<void> }>> => ({
  ...providers,
  slack,
  github,
  secrets,
  sqs: queues,
  dynamodb: table,
});

/**
 * Lets the next call of the kind kill the function: whichever stand-in it reaches first. The effect of a function that
 * nothing but HTTP calls is what it queues.
 */
function armCrash(parts: ControlParts, { function: name, at }: z.infer<typeof crashSchema>) {
  const { cloud, slack, providers, queues, deployment, crashes } = parts;
  const victim = fleetOf(cloud, name);
  const deployed = deployment.functions.find((each) => each.name === name);
  const isEdge = deployed?.queue === undefined && (deployed?.schedules ?? []).length === 0;
  const effects = isEdge ? [queues] : Object.values(providers);
  const when = at === 'after-effect' || at === 'during-reply' ? 'after-effect' : 'before-effect';
  const armed = (at.endsWith('-reply') ? [slack] : effects).map((standIn) =>
    standIn.crashNext(when, () => {
      for (const callOff of armed) callOff();
      crashes.push({ function: name, at });
      victim.crash();
    }),
  );
  return { function: name, at };
}

async function restart(
  { cloud, deployment, queues }: ControlParts,
  { function: name, env }: z.infer<typeof restartSchema>,
) {
  const queue = deployment.functions.find((each) => each.name === name)?.queue;
  const most = env['MAX_RECEIVES'];
  // On AWS the two are one figure, so they stay one here.
  if (queue !== undefined && most !== undefined)
    await queues.setMaxReceives(queue.logicalId, most === null ? undefined : Number(most));
  const failed = await fleetOf(cloud, name).restart(env);
  return {
    function: name,
    initialised: failed === undefined,
    ...(failed === undefined ? {} : { error: JSON.parse(failed.payload) as unknown }),
  };
}
