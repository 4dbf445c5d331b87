import type { Fault } from '#shared/core/fault.ts';
import type { Write } from '../store.ts';
import type { Items, ItemWrite } from './items.ts';

/** A write of the port as this store makes it. */
interface StoreWrite extends Write {
  readonly writes: readonly ItemWrite[];
  /** Called when it is done. */
  readonly done?: () => void;
  /** What is wrong where one of its conditions is not met. */
  readonly unmet?: () => Fault;
}

/** Makes a write of the port out of those of items. */
export function writeOf(write: Omit<StoreWrite, 'isWrite'>): Write {
  const made: StoreWrite = { isWrite: true, ...write };
  return made;
}

/**
 * Makes a write with others, all or none; false when its own condition is not met. Throws the fault of another one whose
 * condition is not.
 */
export async function putAlong(items: Items, own: ItemWrite, along: readonly Write[]): Promise<boolean> {
  const others = along as readonly StoreWrite[];
  const answer = await items.all([own, ...others.flatMap(({ writes }) => writes)]);
  if (answer === 'done') {
    for (const { done } of others) done?.();
    return true;
  }
  const owners = others.flatMap((other) => other.writes.map(() => other));
  for (const place of answer) {
    const fault = place === 0 ? undefined : owners[place - 1]?.unmet?.();
    if (fault !== undefined) throw fault;
  }
  return false;
}
