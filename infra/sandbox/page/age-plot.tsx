import { type ScaleLinear, scaleLinear } from 'd3-scale';
import type { VNode } from 'preact';
import type { PageState, Token } from './page-state.ts';

const DAY_MS = 86_400_000;
const WIDTH = 300;
const HEIGHT = 196;
const LEFT = 36;
const RIGHT = WIDTH - 8;
const TOP = 42;
const BOTTOM = HEIGHT - 30;
/** Above the scale: tokens that were never used, or of which the provider does not tell. */
const UNTOLD = 22;
const TICKS = 4;
/** A tick nearer than this to the threshold's own number would be written over it. */
const NEAR = 16;
/** Not by colour alone: what is over a threshold has corners. */
const ROUND = 'M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0';
const SQUARE = 'M0 -4.5L4.5 0L0 4.5L-4.5 0Z';

type Scale = ScaleLinear<number, number>;

/** Draws the living tokens by age and by the days since they were used, with the policy's two thresholds. */
export function AgePlot({ tokens, thresholds }: Pick<PageState, 'tokens' | 'thresholds'>): VNode {
  const { staleDays, unusedDays } = thresholds;
  const living = tokens.filter(({ state }) => state === 'active').map((token) => ({ token, ...daysOf(token) }));
  const old = living.filter(({ age }) => age >= staleDays);
  const idle = living.filter(({ unused }) => (unused ?? 0) >= unusedDays);
  const x = scaleLinear([0, Math.max(staleDays * 1.2, ...living.map(({ age }) => age))], [LEFT, RIGHT]);
  const y = scaleLinear([0, Math.max(unusedDays * 1.2, ...living.map(({ unused }) => unused ?? 0))], [BOTTOM, TOP]);
  const words = `${living.length} active tokens: ${old.length} older than ${staleDays} days, ${idle.length} not used for ${unusedDays} days or longer`;
  return (
    <details class="plot">
      <summary>By age and use</summary>
      <p>{words}.</p>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={words}>
        <text x={2} y={9}>
          never used, or not told
        </text>
        <Uses y={y} limit={unusedDays} />
        <Ages x={x} limit={staleDays} />
        {living.map((one) => {
          const isLate = old.includes(one) || idle.includes(one);
          return (
            <path
              key={one.token.id}
              class={isLate ? 'late' : ''}
              d={isLate ? SQUARE : ROUND}
              transform={`translate(${x(one.age)} ${one.unused === undefined ? UNTOLD : y(one.unused)})`}
            >
              <title>{`${one.token.name}: ${one.age} days old, ${one.unused === undefined ? 'use not told' : `used ${one.unused} days ago`}`}</title>
            </path>
          );
        })}
      </svg>
    </details>
  );
}

/** The numbers that are written at an axis: round ones, but none so near to the limit that they could not be read. */
const numbersAt = (scale: Scale, limit: number): readonly number[] =>
  scale.ticks(TICKS).filter((days) => Math.abs(scale(days) - scale(limit)) > NEAR);

function Ages({ x, limit }: { readonly x: Scale; readonly limit: number }): VNode {
  return (
    <>
      <line class="axis" x1={LEFT} y1={BOTTOM} x2={RIGHT} y2={BOTTOM} />
      <line class="threshold" x1={x(limit)} y1={14} x2={x(limit)} y2={BOTTOM} />
      {[...numbersAt(x, limit), limit].map((days) => (
        <text key={days} class={days === limit ? 'limit' : ''} x={x(days)} y={BOTTOM + 11} text-anchor="middle">
          {days}
        </text>
      ))}
      <text x={RIGHT} y={HEIGHT - 4} text-anchor="end">
        age, days →
      </text>
    </>
  );
}

function Uses({ y, limit }: { readonly y: Scale; readonly limit: number }): VNode {
  return (
    <>
      <line class="axis" x1={LEFT} y1={TOP - 8} x2={LEFT} y2={BOTTOM} />
      <line class="threshold" x1={LEFT} y1={y(limit)} x2={RIGHT} y2={y(limit)} />
      {[...numbersAt(y, limit), limit].map((days) => (
        <text key={days} class={days === limit ? 'limit' : ''} x={LEFT - 4} y={y(days) + 3} text-anchor="end">
          {days}
        </text>
      ))}
      <text x={2} y={HEIGHT - 4}>
        unused, days ↑
      </text>
    </>
  );
}

function daysOf({ createdAt, lastUsedAt }: Token): { age: number; unused: number | undefined } {
  const since = (iso: string): number => Math.max(0, Math.floor((Date.now() - Date.parse(iso)) / DAY_MS));
  return { age: since(createdAt), unused: lastUsedAt === undefined ? undefined : since(lastUsedAt) };
}
