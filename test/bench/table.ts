import type { Ebb, Flood } from './flood.ts';

const time = (seconds: number): string => {
  if (seconds < 100) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  return seconds < 6000 ? `${(seconds / 60).toFixed(seconds < 600 ? 1 : 0)} min` : `${(seconds / 3600).toFixed(1)} h`;
};

/** One row of the table in docs/scale.md. */
export function toRow(name: string, { reports }: Flood, { killP50, killP95, lastKill, lastWord, dead }: Ebb): string {
  return `| ${name} | ${reports} | ${time(killP50)} | ${time(killP95)} | ${time(lastKill)} | ${time(lastWord)} | ${dead} |`;
}

if (import.meta.main) {
  const { play } = await import('./flood.ts');
  const { SITUATIONS } = await import('./situations.ts');
  for (const [name, flood] of Object.entries(SITUATIONS)) console.log(toRow(name, flood, play(flood)));
}
