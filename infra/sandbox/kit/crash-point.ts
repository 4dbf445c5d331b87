import type { CrashPoint } from './stand-in.ts';

/** Creates the place where whoever calls can be killed, once. */
export function createCrashPoint() {
  let crash: { readonly at: CrashPoint; readonly kill: () => void } | undefined;
  return {
    /** Kills whoever called, if that was asked for at this point; tells whether it did. */
    strike: (at: CrashPoint): boolean => {
      if (crash?.at !== at) return false;
      const { kill } = crash;
      crash = undefined;
      kill();
      return true;
    },
    /** Asks for it; gives what calls it off. */
    crashNext: (at: CrashPoint, kill: () => void): (() => void) => {
      const armed = { at, kill };
      crash = armed;
      return () => {
        if (crash === armed) crash = undefined;
      };
    },
    forget: (): void => {
      crash = undefined;
    },
  };
}
