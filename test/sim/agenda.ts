/** Something that will happen. */
export interface Due {
  readonly at: number;
  /** In which order it was entered: of two at the same time the earlier entry comes first. */
  readonly order: number;
  readonly isWanted: () => boolean;
  readonly go: () => void;
}

/** What will happen, soonest first (a binary heap). */
export interface Agenda {
  add(due: Omit<Due, 'order'>): void;
  next(): Due | undefined;
}

const isBefore = (left: Due, right: Due) => left.at < right.at || (left.at === right.at && left.order < right.order);

/** Makes an empty agenda. */
export function createAgenda(): Agenda {
  const heap: Due[] = [];
  let entries = 0;
  const swap = (one: number, other: number) => {
    [heap[one], heap[other]] = [heap[other]!, heap[one]!];
  };
  const sink = (from: number): void => {
    const children = [2 * from + 1, 2 * from + 2].filter((child) => child < heap.length);
    const least = children.reduce((best, child) => (isBefore(heap[child]!, heap[best]!) ? child : best), from);
    if (least === from) return;
    swap(least, from);
    sink(least);
  };
  const rise = (from: number): void => {
    const parent = (from - 1) >> 1;
    if (from === 0 || !isBefore(heap[from]!, heap[parent]!)) return;
    swap(from, parent);
    rise(parent);
  };
  return {
    add: (due) => {
      heap.push({ ...due, order: (entries += 1) });
      rise(heap.length - 1);
    },
    next: () => {
      const [first] = heap;
      const last = heap.pop();
      if (first !== last && last !== undefined) {
        heap[0] = last;
        sink(0);
      }
      return first;
    },
  };
}
