import type { Exchange, Reply } from './exchange.ts';
import type { CrashPoint, FaultMode, FaultSwitch } from './stand-in.ts';

/** The fault modes that are answered in the vendor's own error shape. */
export type RefusalMode = Exclude<FaultMode, 'down' | 'slow' | 'hang' | 'html' | 'none'>;
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

/** Says how a call ends under a fault; `undefined` when the fault does not concern it, `slow` when it is only late. */
export function endUnder(fault: FaultSwitch, exchange: Exchange, refuse: Refuse): BadEnd | 'slow' | undefined {
  switch (fault.mode) {
    case 'none':
      return undefined;
    case 'slow':
      return 'slow';
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
  let crash: { readonly at: CrashPoint; readonly kill: () => void } | undefined;
  return {
    /** Lets a call through, late if it has to be, or says how it ends instead. */
    meet: async (exchange: Exchange): Promise<BadEnd | undefined> => {
      const active = fault;
      const end = endUnder(active, exchange, refuse);
      if (end !== undefined) fault = spent(active);
      if (end !== 'slow') return end;
      await sleep(active.ms ?? SLOW_MILLISECONDS);
      return undefined;
    },
    /** Kills whoever called, once, if that was asked for at this point; tells whether it did. */
    strike: (at: CrashPoint): boolean => {
      if (crash?.at !== at) return false;
      const { kill } = crash;
      crash = undefined;
      kill();
      return true;
    },
    setFault: (next: FaultSwitch): void => {
      fault = next;
    },
    crashNext: (at: CrashPoint, kill: () => void): (() => void) => {
      const armed = { at, kill };
      crash = armed;
      return () => {
        if (crash === armed) crash = undefined;
      };
    },
    reset: (): void => {
      fault = { mode: 'none' };
      crash = undefined;
    },
  };
}
