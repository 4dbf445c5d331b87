import type { VNode } from 'preact';
import { placeOn, TimeAxis } from './time-axis.tsx';
import { lasting, type Span, type Trace } from './trace.ts';

const FIRST = ['edge', 'queue', 'worker'];

/** Draws a trace as lanes over one axis of time; the table beside it says the same in words. */
export function SwimLanes({ trace }: { readonly trace: Trace }): VNode {
  const lanes = [...new Set([...FIRST, ...trace.spans.map(({ lane }) => lane)])];
  const total = Math.max(1, trace.milliseconds);
  const place = placeOn(total);
  return (
    <div
      class="lanes"
      role="img"
      aria-label={`${trace.title}: ${trace.spans.length} steps in ${lasting(trace.milliseconds)}; the table below lists them`}
    >
      {lanes.map((lane) => (
        <div key={lane} class="lane">
          <span class="lane-name">{lane}</span>
          <span class="track">
            {trace.spans
              .filter((span) => span.lane === lane)
              .map((span, index) => (
                <span
                  key={index}
                  class={`bar ${kindOf(span)}`}
                  style={{ left: place(span.at - trace.at), width: place(span.milliseconds) }}
                  title={`${span.name}, ${lasting(span.milliseconds)}`}
                />
              ))}
          </span>
        </div>
      ))}
      <TimeAxis longest={total} />
    </div>
  );
}

function kindOf({ lane, status, isChange, name }: Span): string {
  if (status === 0 || (status ?? 200) >= 400 || name.endsWith('failed')) return 'failed';
  if (FIRST.includes(lane)) return lane;
  return isChange === true ? 'change' : 'read';
}
