/** Counts calls per key in fixed one-minute windows that open with the first call. Returns true while a call is allowed. */
export function createRateLimit(callsPerMinute: number, now: () => Date) {
  const windows = new Map<string, { readonly from: number; calls: number }>();
  return {
    allow: (key: string): boolean => {
      const at = now().getTime();
      const open = windows.get(key);
      const window = open !== undefined && at - open.from < 60_000 ? open : { from: at, calls: 0 };
      window.calls += 1;
      windows.set(key, window);
      return window.calls <= callsPerMinute;
    },
    /** Seconds until the key's window closes. */
    retryAfterSeconds: (key: string): number =>
      Math.max(1, Math.ceil(((windows.get(key)?.from ?? 0) + 60_000 - now().getTime()) / 1_000)),
    reset: (): void => windows.clear(),
  };
}
