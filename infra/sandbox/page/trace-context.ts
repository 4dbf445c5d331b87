import { createContext } from 'preact';

/** Opens the trace of the request that a message, named by its time stamp, answers. */
export const TraceContext = createContext<(ts: string) => void>(() => undefined);
