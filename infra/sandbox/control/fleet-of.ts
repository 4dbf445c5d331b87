import type { Cloud } from '../lambda/cloud.ts';
import type { Fleet } from '../lambda/fleet.ts';
import { BadCall } from './call.ts';

/** Finds a function's processes. Throws a `BadCall` that names those there are. */
export function fleetOf({ fleets }: Cloud, name: string): Fleet {
  const found = fleets.get(name);
  if (found === undefined)
    throw new BadCall(`There is no function ${name}; there are ${[...fleets.keys()].join(', ')}.`);
  return found;
}
