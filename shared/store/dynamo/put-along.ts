import type { Fault } from '#shared/core/fault.ts';
import type { Write } from '../store.ts';
import type { WriteAnswer, Items, ItemWrite } from './items.ts';

/** A write of the port as this store makes it. */
interface StoreWrite extends Write {
  readonly writes: readonly ItemWrite[];
  /** What several writes may bring, the same in each, and is written once. */
  readonly once?: readonly ItemWrite[];
  /** Called when it is done. */
  readonly done?: () => void;
  /** What is wrong where one of its conditions is not met. */
  readonly unmet?: () => Fault;
  /** Where one of its conditions is not met it is left out, and this is called when the others are done. */
  readonly leftOut?: () => Promise<void>;
}

/** Makes a write of the port out of those of items. */
export function writeOf(write: Omit<StoreWrite, 'isWrite'>): Write {
  const made: StoreWrite = { isWrite: true, ...write };
  return made;
}

/**
 * Makes a write with others, all or none, and tells what its own condition has met where that is not met. Throws the fault of
 * another one whose condition is not. What may be left out is, where it is there already.
 */
export async function putAlong(items: Items, own: ItemWrite, along: readonly Write[]): Promise<WriteAnswer> {
  let others = along as readonly StoreWrite[];
  const left: StoreWrite[] = [];
  for (;;) {
    const places = [
      ...others.flatMap((other) => other.writes.map((write) => ({ other, write }))),
      ...onceOf(own, others),
    ];
    const answer = await items.all([own, ...places.map(({ write }) => write)]);
    if (answer === 'done') {
      for (const { done } of others) done?.();
      for (const { leftOut } of left) await leftOut?.();
      return { isMet: true, item: undefined };
    }
    const unmet = new Set(answer.flatMap(({ place }) => places[place - 1]?.other ?? []));
    for (const other of unmet) {
      const fault = other.unmet?.();
      if (fault !== undefined) throw fault;
    }
    const mine = answer.find(({ place }) => place === 0);
    if (mine !== undefined || ![...unmet].every(({ leftOut }) => leftOut !== undefined)) {
      return { isMet: false, item: mine?.item };
    }
    left.push(...unmet);
    others = others.filter((other) => !unmet.has(other));
  }
}

function onceOf(own: ItemWrite, others: readonly StoreWrite[]) {
  const places = others.flatMap((other) => (other.once ?? []).map((write) => ({ other, write })));
  const byItem = new Map(places.map((place) => [nameOf(place.write), place]));
  byItem.delete(nameOf(own));
  return byItem.values();
}

function nameOf(write: ItemWrite): string {
  const { pk, sk } = 'put' in write ? write.put : 'remove' in write ? write.remove : write.update;
  return JSON.stringify([pk, sk]);
}
