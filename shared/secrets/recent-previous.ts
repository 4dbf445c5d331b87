import type { Secret } from '#shared/core/secret.ts';
import type { StoredSecret } from './secret-reader.ts';

/**
 * Gives the version before the current one while the rotation is recent: within `keepMs` after the current one was made.
 * A secret is often rotated because it leaked, so the old one must end by itself; where the time is unknown there is none.
 */
export function recentPrevious({ previous, madeAt }: StoredSecret, now: Date, keepMs: number): Secret | undefined {
  if (previous === undefined || madeAt === undefined) return undefined;
  return now.getTime() - madeAt.getTime() <= keepMs ? previous : undefined;
}
