/**
 * Shares one read among all who ask before it begins, one at a time: whoever asks while one runs gets the next, together
 * with all others. What anybody gets was begun after they asked, so that it may be proof; a failure is nobody's later.
 */
export function inTurn<T>(read: () => Promise<T>): () => Promise<T> {
  let running: Promise<void> | undefined;
  let next: Promise<T> | undefined;
  const begin = (): Promise<T> => {
    const reading = read();
    const end = () => {
      if (running === ended) running = undefined;
    };
    const ended = reading.then(end, end);
    running = ended;
    return reading;
  };
  return () => {
    if (running === undefined) return begin();
    next ??= running.then(() => {
      next = undefined;
      return begin();
    });
    return next;
  };
}
