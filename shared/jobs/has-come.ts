import { isDue } from './is-due.ts';

interface Planned {
  readonly now: () => Date;
  /** The time for which a job is planned now, ISO 8601. */
  readonly plannedAt: () => Promise<string | undefined> | string | undefined;
  readonly bringBack: () => Promise<unknown>;
}

/**
 * True where the time of a planned job has come. One that comes early, by our clock or since no queue keeps it back for so long,
 * is brought back for as long as it is the planned one, whatever else is so at that moment: whoever planned it counts on it.
 */
export async function hasCome(at: string, { now, plannedAt, bringBack }: Planned): Promise<boolean> {
  if (isDue(at, now())) return true;
  if ((await plannedAt()) === at) await bringBack();
  return false;
}
