import { type Instance, type InstanceOptions, startInstance } from './instance.ts';
import type { Invocation } from './invocation.ts';
import { createPool } from './pool.ts';

interface FleetOptions extends Omit<InstanceOptions, 'environment'> {
  readonly name: string;
  readonly environment: Readonly<Record<string, string>>;
  /** More events than this at a time wait for a free process. */
  readonly maxProcesses: number;
}

/** All processes of one function. */
export interface Fleet {
  readonly name: string;
  /** Has one process started ahead of the first event. Resolves with the error when the function does not load. */
  warm(): Promise<Invocation | undefined>;
  /** Gives the event to a free process, or to a new one. Never rejects. */
  invoke(event: string): Promise<Invocation>;
  /** Kills the processes that are at work now, as a crash would; tells how many. */
  crash(): number;
  /** Cold start: free processes end now, busy ones after their event. `environment` is laid over the function's own. */
  restart(environment?: Readonly<Record<string, string | null>>): Promise<Invocation | undefined>;
  /**
   * Puts the function back to its beginning: kills every process that was given an event or was restarted, forgets changes of
   * the environment, and waits until they are gone. Who has seen nothing is as it was started.
   */
  clear(): Promise<void>;
  /** Kills everything for good: no event is taken any more. */
  close(): Promise<void>;
}

const CLOSED: Invocation = {
  ok: false,
  payload: '{"errorType":"Sandbox.Closed","errorMessage":"the sandbox stops"}',
  died: true,
};

/** An environment with others laid over it; `null` takes a variable away. */
const laidOver = (
  environment: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string | null>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries({ ...environment, ...changes }).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );

/** Runs as many processes of a function as there are events at a time, up to a limit. */
export function createFleet(options: FleetOptions): Fleet {
  let environment = options.environment;
  let closed = false;
  let wasRestarted = false;
  const start = (): Instance => startInstance({ ...options, environment });
  const pool = createPool(options.maxProcesses, start);

  const warm = async (): Promise<Invocation | undefined> => {
    if (!pool.isEmpty()) return undefined;
    const instance = start();
    const failed = await instance.initialised;
    if (failed === undefined) pool.add(instance);
    else instance.kill();
    return failed;
  };
  const kill = async (keepsFresh: boolean): Promise<void> => {
    await Promise.all([pool.retire(keepsFresh), ...pool.busy().map((instance) => instance.close())]);
  };

  return {
    name: options.name,
    warm,
    clear: () => {
      const keepsFresh = !wasRestarted;
      environment = options.environment;
      wasRestarted = false;
      return kill(keepsFresh);
    },
    close: () => {
      closed = true;
      return kill(false);
    },
    invoke: async (event) => {
      const instance = await pool.take(() => closed);
      if (instance === undefined) return CLOSED;
      const invocation = await instance.invoke(event);
      pool.release(instance);
      return invocation;
    },
    crash: () => {
      const victims = pool.busy();
      for (const instance of victims) instance.kill();
      return victims.length;
    },
    restart: async (changes = {}) => {
      environment = laidOver(environment, changes);
      wasRestarted = true;
      await pool.retire();
      return warm();
    },
  };
}
