/** Calls `run` each `milliseconds` until it is told to stop; never keeps the process alive. */
export function every(milliseconds: number, run: () => void): () => void {
  const timer = setInterval(run, milliseconds);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}
