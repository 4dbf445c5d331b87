import { scaleLinear } from 'd3-scale';
import type { VNode } from 'preact';
import { lasting } from './trace.ts';

const TICKS = 4;
/** Of the line: a tick nearer to its end than this would be written over. */
const END_PERCENT = 76;
const SECOND_MS = 1000;
const LONG_MS = 10_000;

/** Places times on one line from 0 to the longest of them; gives the CSS length. */
export function placeOn(longest: number): (milliseconds: number) => string {
  const scale = scaleLinear([0, longest], [0, 100]);
  return (milliseconds) => `${scale(milliseconds).toFixed(2)}%`;
}

/** The line of times under lanes: round numbers, and at its end the longest time with the unit of all of them. */
export function TimeAxis({ longest }: { readonly longest: number }): VNode {
  const place = placeOn(longest);
  const ticks = scaleLinear([0, longest], [0, 100])
    .ticks(TICKS)
    .filter((tick) => tick / longest < END_PERCENT / 100);
  return (
    <div class="lane axis">
      <span class="lane-name" />
      <span class="track">
        {ticks.map((tick) => (
          <span key={tick} class="tick" style={{ left: place(tick) }}>
            {longest < LONG_MS ? tick : tick / SECOND_MS}
          </span>
        ))}
        <span class="tick last" style={{ left: '100%' }}>
          {lasting(longest)}
        </span>
      </span>
    </div>
  );
}
