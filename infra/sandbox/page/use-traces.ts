import { useEffect, useState } from 'preact/hooks';
import { call } from './page-state.ts';
import type { Trace } from './trace.ts';

const POLL_MS = 500;

/** Gives the traces, newest first, fresh while they are looked at. */
export function useTraces(isWanted: boolean): readonly Trace[] {
  const [traces, setTraces] = useState<readonly Trace[]>([]);
  useEffect(() => {
    if (!isWanted) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOpen = true;
    const poll = async (): Promise<void> => {
      const next = await call<Trace[]>('traces').catch(() => undefined);
      if (!isOpen) return;
      if (next !== undefined) setTraces(next);
      timer = setTimeout(() => void poll(), POLL_MS);
    };
    void poll();
    return () => {
      isOpen = false;
      clearTimeout(timer);
    };
  }, [isWanted]);
  return traces;
}
