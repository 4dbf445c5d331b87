import type { Policy } from './policy.ts';

/** The channels in which leaks are told: the security channel, the weekly report's and those of single profiles; each once. */
export function leakChannels({ channels, hygiene, profiles }: Policy): readonly string[] {
  const own = Object.values(profiles).flatMap(({ channel }) => channel ?? []);
  return [...new Set([channels.security, ...(hygiene.channel === undefined ? [] : [hygiene.channel]), ...own])];
}
