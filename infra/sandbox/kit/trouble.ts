import type { Exchange, Reply } from './exchange.ts';
import { createCrashPoint } from './crash-point.ts';
import type { FaultMode, FaultSwitch } from './stand-in.ts';

/** The fault modes that are answered in the vendor's own error shape. */
export type RefusalMode = Exclude<FaultMode, 'down' | 'slow' | 'hang' | 'half' | 'html' | 'none'>;
/** The vendor's refusal for a fault, or `undefined` when that fault does not concern this call. */
export type Refuse = (mode: RefusalMode, exchange: Exchange, fault: FaultSwitch) => Reply | undefined;

/** How a call ends without being handled: answered so, or dropped, or never answered. */
export type BadEnd = Reply | 'drop' | 'hang';

const SLOW_MILLISECONDS = 3_000;
const HTML: Reply = {
  status: 502,
  headers: { 'content-type': 'text/html' },
  body: '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>',
};

/**
 * Says how a call ends under a fault; `undefined` when the fault does not concern it, `slow` when it is only late, `half` when
 * it is done and its answer breaks off.
 */
export function endUnder(fault: FaultSwitch, exchange: Exchange, refuse: Refuse): BadEnd | 'slow' | 'half' | undefined {
  switch (fault.mode) {
    case 'none':
      return undefined;
    case 'slow':
    case 'half':
      return fault.mode;
    case 'down':
      return 'drop';
    case 'hang':
      return 'hang';
    case 'html':
      return HTML;
    default:
      return refuse(fault.mode, exchange, fault);
  }
}

/** What is left of a fault after one call misbehaved. */
export function spent(fault: FaultSwitch): FaultSwitch {
  if (fault.count === undefined) return fault;
  return fault.count > 1 ? { ...fault, count: fault.count - 1 } : { mode: 'none' };
}

/** Creates what can be made to go wrong at a stand-in: its fault switch, and the crash points of whoever calls it. */
export function createTrouble(refuse: Refuse, sleep: (milliseconds: number) => Promise<unknown>) {
  let fault: FaultSwitch = { mode: 'none' };
  const crash = createCrashPoint();
  return {
    /** Lets a call through, late or only to half of its answer if it has to be, or says how it ends instead. */
    meet: async (exchange: Exchange): Promise<BadEnd | 'half' | undefined> => {
      const active = fault;
      const end = endUnder(active, exchange, refuse);
      if (end !== undefined) fault = spent(active);
      if (end !== 'slow') return end;
      await sleep(active.ms ?? SLOW_MILLISECONDS);
      return undefined;
    },
    strike: crash.strike,
    crashNext: crash.crashNext,
    setFault: (next: FaultSwitch): void => {
      fault = next;
    },
    reset: (): void => {
      fault = { mode: 'none' };
      crash.forget();
    },
  };
}
