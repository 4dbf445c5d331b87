import type { Approval, Case, Records, Store } from '#shared/store/store.ts';

/** Calls whose answers are held back, so that those that are under way at one time are seen together. */
export interface Rounds {
  /** Waits for its round, while one is played. */
  pass(label: string): Promise<void>;
  /** The same fetch, each call in its round. */
  fetch(label: (url: URL, method: string) => string): typeof globalThis.fetch;
  /** Does the work, and gives what was called in each round: a round begins when nothing else can go on. */
  play(work: () => Promise<unknown>): Promise<readonly (readonly string[])[]>;
}

/** How often the event loop turns before nothing is expected any more. */
const TURNS = 25;

/** Creates rounds for work that waits for nothing but these calls: with a store in memory, and secrets that are kept. */
export function createRounds(): Rounds {
  let isPlaying = false;
  let running = 0;
  const waiting: { readonly label: string; readonly go: () => void }[] = [];
  const pass = async (label: string) => {
    if (isPlaying) await new Promise<void>((go) => waiting.push({ label, go }));
  };
  return {
    pass,
    fetch: (labelOf) => async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      await pass(labelOf(url, init?.method ?? 'GET'));
      running += 1;
      try {
        const reply = await globalThis.fetch(input, init);
        // The round is over when its bodies are.
        return new Response(await reply.arrayBuffer(), reply);
      } finally {
        running -= 1;
      }
    },
    play: async (work) => {
      const rounds: string[][] = [];
      isPlaying = true;
      let isOver = false;
      const working = work().finally(() => {
        isOver = true;
      });
      working.catch(() => undefined);
      for (let turns = 0; !isOver || waiting.length > 0; turns += 1) {
        await new Promise((resolve) => setImmediate(resolve));
        if (running > 0) turns = 0;
        if (turns < TURNS || waiting.length === 0) continue;
        const released = waiting.splice(0);
        rounds.push(released.map(({ label }) => label).toSorted());
        for (const { go } of released) go();
        turns = 0;
      }
      isPlaying = false;
      await working;
      return rounds;
    },
  };
}

/** A store whose calls are each in their round: what is done while a key is held, or a job runs, is in rounds of its own. */
export function inRounds(store: Store, { pass }: Pick<Rounds, 'pass'>): Store {
  const first = (key: string) => key.split(':')[0];
  const records = <R extends Approval | Case>(kind: string, all: Records<R>): Records<R> => ({
    open: async (...args) => (await pass(`table: open ${kind}`), all.open(...args)),
    get: async (id) => (await pass('table: read'), all.get(id)),
    change: async (id, next, how) => {
      // What was read already, and is left as it is, costs no call.
      if (how?.seen === undefined || next(how.seen) !== undefined) await pass(`table: change ${kind}`);
      return all.change(id, next, how);
    },
    changing: all.changing,
    list: async (query) => (await pass('table: list'), all.list(query)),
  });
  const { notes } = store;
  return {
    ...store,
    remember: async (key, work) => {
      await pass('table: begin');
      return store.remember(key, (journal) =>
        work({ ...journal, put: async (...args) => (await pass('table: note'), journal.put(...args)) }),
      );
    },
    hold: async (key, ...args) => (await pass(`table: hold ${first(key)}`), store.hold(key, ...args)),
    kept: async (key) => (await pass('table: read'), store.kept(key)),
    cases: records('case', store.cases),
    approvals: records('approval', store.approvals),
    notes: {
      ...notes,
      put: async (key, ...args) => (await pass(`table: put ${first(key)}`), notes.put(key, ...args)),
      get: async (key) => (await pass('table: read'), notes.get(key)),
      claim: async (key, ...args) => (await pass(`table: claim ${first(key)}`), notes.claim(key, ...args)),
      claimOneOf: async (keys, ...args) => (
        await pass(`table: claim ${first(keys[0] ?? '')}`), notes.claimOneOf(keys, ...args)
      ),
    },
  };
}
