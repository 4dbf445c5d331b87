import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { SwimLanes } from './swim-lanes.tsx';
import { lasting, type Trace } from './trace.ts';
import { useTraces } from './use-traces.ts';

interface TracePanelProps {
  /** The message whose request is wanted; without one the newest request is shown. */
  readonly messageTs: string | undefined;
  /** The reader has chosen another request than the message's. */
  forget(): void;
}

const MOST_CHOICES = 50;

/** Shows one request on its way: edge, queue, worker, each call and the reply, with times. */
export function TracePanel({ messageTs, forget }: TracePanelProps): VNode {
  const traces = useTraces(true);
  const [chosen, setChosen] = useState('');
  const wanted =
    messageTs === undefined
      ? (traces.find(({ id }) => id === chosen) ?? traces.find(isWorkedOn) ?? traces[0])
      : traces.find(({ messages }) => messages.includes(messageTs));
  return (
    <section>
      <h2>One request on its way</h2>
      {traces.length === 0 && <p class="none">Nothing was asked yet. Type a command, or leak a token.</p>}
      {traces.length > 0 && (
        <label class="line trace-choice">
          Request{' '}
          <select
            class="select"
            value={wanted?.id ?? ''}
            onChange={(event) => {
              setChosen(event.currentTarget.value);
              forget();
            }}
          >
            {wanted === undefined && <option value="">choose one</option>}
            {traces.slice(0, MOST_CHOICES).map((trace) => (
              <option key={trace.id} value={trace.id}>
                {clock(trace.at)} {trace.title}
              </option>
            ))}
          </select>
        </label>
      )}
      {wanted === undefined && traces.length > 0 && (
        <p class="none">No request is known that said this: a schedule, or the sandbox started over.</p>
      )}
      {wanted !== undefined && <OneTrace trace={wanted} />}
    </section>
  );
}

/** What waits for its time has no way to show yet. */
const isWorkedOn = ({ spans }: Trace): boolean => spans.some(({ lane }) => lane === 'worker');

function OneTrace({ trace }: { readonly trace: Trace }): VNode {
  if (!isWorkedOn(trace))
    return (
      <>
        <h3 class="trace-title">{trace.title}</h3>
        <p class="none">It waits in the queue: no worker has taken it yet.</p>
      </>
    );
  const isShared = trace.spans.some((span) => span.isShared === true);
  return (
    <>
      <h3 class="trace-title">{trace.title}</h3>
      <p>
        {trace.isDone ? `Done after ${lasting(trace.milliseconds)}.` : 'Not done yet.'}{' '}
        {isShared && 'Calls marked * were made while another job of the same delivery was at work too, and may be its.'}
      </p>
      <SwimLanes trace={trace} />
      <div class="block-table" role="region" aria-label="Every step" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">after</th>
              <th scope="col">took</th>
              <th scope="col">where</th>
              <th scope="col">what</th>
            </tr>
          </thead>
          <tbody>
            {trace.spans.map((span, index) => (
              <tr key={index}>
                <td class="number">{lasting(span.at - trace.at)}</td>
                <td class="number">{lasting(span.milliseconds)}</td>
                <td class="where">{span.lane}</td>
                <td>
                  {span.name}
                  {span.status === undefined ? '' : span.status === 0 ? ' → no answer' : ` → ${span.status}`}
                  {span.isShared === true ? ' *' : ''}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

const clock = (at: number): string => new Date(at).toLocaleTimeString('en-GB');
