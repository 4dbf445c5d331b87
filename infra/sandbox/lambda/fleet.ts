import { type Instance, type InstanceOptions, type Invocation, startInstance } from './instance.ts';

interface FleetOptions extends Omit<InstanceOptions, 'environment'> {
  readonly name: string;
  readonly environment: Readonly<Record<string, string>>;
  /** More events than this at a time wait for a free process. */
  readonly maxProcesses: number;
}

/** All processes of one function. */
export interface Fleet {
  readonly name: string;
  /** Starts one process ahead of the first event. Resolves with the error when the function does not load. */
  warm(): Promise<Invocation | undefined>;
  /** Gives the event to a free process, or to a new one. Never rejects. */
  invoke(event: string): Promise<Invocation>;
  /** Kills the processes that are at work now, as a crash would; tells how many. */
  crash(): number;
  /** Cold start: free processes end now, busy ones after their event. `environment` is laid over the function's own. */
  restart(environment?: Readonly<Record<string, string | null>>): Promise<Invocation | undefined>;
  /** Kills everything, forgets changes of the environment, and waits until all processes are gone. */
  clear(): Promise<void>;
  /** The same for good: no event is taken any more. */
  close(): Promise<void>;
}

const CLOSED: Invocation = {
  ok: false,
  payload: '{"errorType":"Sandbox.Closed","errorMessage":"the sandbox stops"}',
  died: true,
};

/** Runs as many processes of a function as there are events at a time, up to a limit. */
export function createFleet(options: FleetOptions): Fleet {
  const free: Instance[] = [];
  const busy = new Set<Instance>();
  const queue: (() => void)[] = [];
  let environment = options.environment;
  let generation = 0;
  let closed = false;
  const born = new WeakMap<Instance, number>();

  const start = (): Instance => {
    const instance = startInstance({ ...options, environment });
    born.set(instance, generation);
    return instance;
  };

  /** Waits its turn, then takes the process that was used last, as Lambda tends to. */
  const take = async (): Promise<Instance | undefined> => {
    while (busy.size >= options.maxProcesses) await new Promise<void>((resolve) => queue.push(resolve));
    if (closed) return undefined;
    let instance = free.pop();
    while (instance !== undefined && !instance.alive) instance = free.pop();
    instance ??= start();
    busy.add(instance);
    return instance;
  };

  const release = (instance: Instance): void => {
    busy.delete(instance);
    if (instance.alive && born.get(instance) === generation) free.push(instance);
    else instance.kill();
    queue.shift()?.();
  };

  const warm = async (): Promise<Invocation | undefined> => {
    const instance = start();
    const failed = await instance.initialised;
    if (failed === undefined) free.push(instance);
    else instance.kill();
    return failed;
  };

  const retire = (): Promise<unknown> => {
    generation += 1;
    return Promise.all(free.splice(0).map((instance) => instance.close()));
  };

  const clear = async (): Promise<void> => {
    environment = options.environment;
    const working = [...busy];
    await Promise.all([retire(), ...working.map((instance) => instance.close())]);
  };

  return {
    name: options.name,
    warm,
    clear,
    close: () => {
      closed = true;
      return clear();
    },
    invoke: async (event) => {
      const instance = await take();
      if (instance === undefined) return CLOSED;
      const invocation = await instance.invoke(event);
      release(instance);
      return invocation;
    },
    crash: () => {
      const victims = [...busy];
      for (const instance of victims) instance.kill();
      return victims.length;
    },
    restart: async (changes = {}) => {
      environment = Object.fromEntries(
        Object.entries({ ...environment, ...changes }).flatMap(([name, value]) =>
          value === null ? [] : [[name, value]],
        ),
      );
      await retire();
      return warm();
    },
  };
}
