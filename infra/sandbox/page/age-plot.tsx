import type { VNode } from 'preact';
import type { PageState, Token } from './state.ts';

const DAY_MS = 86_400_000;
const WIDTH = 300;
const HEIGHT = 170;
const LEFT = 36;
const BOTTOM = 26;
/** Above the scale: tokens that were never used, or of which the provider does not tell. */
const UNTOLD = 12;

/** Draws the living tokens by age and by the days since they were used, with the policy's two thresholds. */
export function AgePlot({ tokens, thresholds }: Pick<PageState, 'tokens' | 'thresholds'>): VNode {
  const living = tokens.filter(({ state }) => state === 'active').map((token) => ({ token, ...daysOf(token) }));
  const oldest = Math.max(thresholds.staleDays * 1.2, ...living.map(({ age }) => age));
  const longest = Math.max(thresholds.unusedDays * 1.2, ...living.map(({ unused }) => unused ?? 0));
  const x = (days: number): number => LEFT + (days / oldest) * (WIDTH - LEFT - 8);
  const y = (days: number | undefined): number =>
    days === undefined ? UNTOLD : HEIGHT - BOTTOM - (days / longest) * (HEIGHT - BOTTOM - 30);
  const old = living.filter(({ age }) => age >= thresholds.staleDays).length;
  const idle = living.filter(({ unused }) => (unused ?? 0) >= thresholds.unusedDays).length;
  const words = `${living.length} active tokens: ${old} older than ${thresholds.staleDays} days, ${idle} not used for ${thresholds.unusedDays} days or longer`;
  return (
    <details class="plot">
      <summary>By age and use</summary>
      <p>{words}.</p>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={words}>
        <line class="axis" x1={LEFT} y1={HEIGHT - BOTTOM} x2={WIDTH - 8} y2={HEIGHT - BOTTOM} />
        <line class="axis" x1={LEFT} y1={24} x2={LEFT} y2={HEIGHT - BOTTOM} />
        <line
          class="threshold"
          x1={x(thresholds.staleDays)}
          y1={18}
          x2={x(thresholds.staleDays)}
          y2={HEIGHT - BOTTOM}
        />
        <line class="threshold" x1={LEFT} y1={y(thresholds.unusedDays)} x2={WIDTH - 8} y2={y(thresholds.unusedDays)} />
        <text x={LEFT + 2} y={9}>
          never used, or not told
        </text>
        <text x={x(thresholds.staleDays)} y={HEIGHT - BOTTOM + 10} text-anchor="middle">
          {thresholds.staleDays}
        </text>
        <text x={LEFT - 3} y={y(thresholds.unusedDays) + 3} text-anchor="end">
          {thresholds.unusedDays}
        </text>
        <text x={LEFT - 3} y={HEIGHT - BOTTOM + 3} text-anchor="end">
          0
        </text>
        <text x={WIDTH - 8} y={HEIGHT - 4} text-anchor="end">
          age, days →
        </text>
        <text x={2} y={22}>
          unused
        </text>
        {living.map(({ token, age, unused }) => (
          <circle
            key={token.id}
            class={age >= thresholds.staleDays || (unused ?? 0) >= thresholds.unusedDays ? 'late' : ''}
            cx={x(age)}
            cy={y(unused)}
            r={3.5}
          >
            <title>{`${token.name}: ${age} days old, ${unused === undefined ? 'use not told' : `used ${unused} days ago`}`}</title>
          </circle>
        ))}
      </svg>
    </details>
  );
}

function daysOf({ createdAt, lastUsedAt }: Token): { age: number; unused: number | undefined } {
  const since = (iso: string): number => Math.max(0, Math.floor((Date.now() - Date.parse(iso)) / DAY_MS));
  return { age: since(createdAt), unused: lastUsedAt === undefined ? undefined : since(lastUsedAt) };
}
