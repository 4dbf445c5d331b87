import type { VNode } from 'preact';
import { useContext, useState } from 'preact/hooks';
import { SenderContext } from './use-sender.tsx';
import type { PageState, Token } from './page-state.ts';
import { placeOn, TimeAxis } from './time-axis.tsx';
import { lasting, type Stages, percentile, stagesOf, type Trace } from './trace.ts';
import { useTraces } from './use-traces.ts';

interface Drill {
  readonly token: Token;
  readonly source: string;
  readonly startedAt: number;
  readonly acceptedAt: number;
}

const STAGES = ['accepted', 'dead', 'told'] as const;
/** Fewer deaths than this have no meaningful 95th percentile. */
const ENOUGH = 20;

/** A fire drill: mints a token, leaks it, and measures the whole path to its death and to the word of it. */
export function DrillPanel({ state, isShown }: { readonly state: PageState; readonly isShown: boolean }): VNode {
  const sender = useContext(SenderContext);
  const [drills, setDrills] = useState<readonly Drill[]>([]);
  const [source, setSource] = useState(state.sources[0] ?? '');
  const traces = useTraces(isShown);
  const alerts = traces.filter(({ kind }) => kind === 'alert');

  const start = async (profile: string, provider: string): Promise<void> => {
    const name = `drill-${provider}-${new Date().toISOString().slice(11, 19).replaceAll(':', '')}`;
    const token = await sender.sandbox<Token>('tokens', { provider, profile, name });
    if (token === undefined) return;
    const startedAt = Date.now();
    const answer = await sender.sandbox('leak', { tokenId: token.id, source });
    if (answer !== undefined) setDrills((known) => [{ token, source, startedAt, acceptedAt: Date.now() }, ...known]);
  };
  const measured = drills.map((drill) => ({ drill, stages: measure(drill, alerts) }));
  const longest = Math.max(1, ...measured.flatMap(({ stages }) => Object.values(stages) as number[]));
  return (
    <>
      <section>
        <h2>Fire drill</h2>
        <p>Mints a token, leaks it, and times the way to its death.</p>
        <label class="line">
          Through{' '}
          <select class="select" value={source} onChange={(event) => setSource(event.currentTarget.value)}>
            {state.sources.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        </label>
        <div class="chips">
          {state.profiles.map(({ name, provider }) => (
            <button key={name} type="button" onClick={() => void start(name, provider)}>
              Leak one of {name}
            </button>
          ))}
        </div>
        <ul class="drills">
          {measured.map(({ drill, stages }) => (
            <DrillView key={drill.token.id} drill={drill} stages={stages} longest={longest} />
          ))}
        </ul>
        {measured.length > 1 && <Dots all={measured.map(({ stages }) => stages)} longest={longest} />}
      </section>
      <TimeToRevoke alerts={alerts} />
    </>
  );
}

/** The stages of the alert that arrived while this drill sent its own. */
function measure(drill: Drill, alerts: readonly Trace[]): Stages {
  const trace = alerts.findLast(({ at }) => at >= drill.startedAt - 5 && at <= drill.acceptedAt + 5);
  return trace === undefined ? {} : stagesOf(trace);
}

interface DrillViewProps {
  readonly drill: Drill;
  readonly stages: Stages;
  readonly longest: number;
}

function DrillView({ drill, stages, longest }: DrillViewProps): VNode {
  const words: Readonly<Record<(typeof STAGES)[number], string>> = {
    accepted: stages.accepted === undefined ? 'sent' : `alert accepted after ${lasting(stages.accepted)}`,
    dead: stages.dead === undefined ? 'not dead yet' : `dead at ${drill.token.provider} within ${lasting(stages.dead)}`,
    told: stages.told === undefined ? 'not told yet' : `told in the channel within ${lasting(stages.told)}`,
  };
  return (
    <li>
      <strong>{drill.token.name}</strong> via {drill.source}
      {STAGES.map((stage) => (
        <div key={stage} class="stage">
          <span class="stage-track" aria-hidden="true">
            <span class={`bar ${stage}`} style={{ width: placeOn(longest)(stages[stage] ?? 0) }} />
          </span>
          <span>{words[stage]}</span>
        </div>
      ))}
    </li>
  );
}

/** The last drills as dots, one line for each stage. */
function Dots({ all, longest }: { readonly all: readonly Stages[]; readonly longest: number }): VNode {
  const place = placeOn(longest);
  return (
    <div class="lanes" role="img" aria-label={`The last ${all.length} drills, one dot each, up to ${lasting(longest)}`}>
      {STAGES.map((stage) => (
        <div key={stage} class="lane">
          <span class="lane-name">{stage}</span>
          <span class="track">
            {all.map((stages, index) =>
              stages[stage] === undefined ? null : (
                <span
                  key={index}
                  class={`dot ${index === 0 ? 'newest' : ''}`}
                  style={{ left: place(stages[stage]) }}
                  title={lasting(stages[stage])}
                />
              ),
            )}
          </span>
        </div>
      ))}
      <TimeAxis longest={longest} />
    </div>
  );
}

function TimeToRevoke({ alerts }: { readonly alerts: readonly Trace[] }): VNode {
  const deaths = alerts.flatMap((trace) => stagesOf(trace).dead ?? []);
  const median = percentile(deaths, 0.5);
  return (
    <section>
      <h2>Time to revoke</h2>
      {median === undefined ? (
        <p class="none">No alert has killed a token yet.</p>
      ) : (
        <p>
          Median <strong>{lasting(median)}</strong>, 95th percentile{' '}
          <strong>{deaths.length < ENOUGH ? 'not yet' : lasting(percentile(deaths, 0.95) ?? 0)}</strong>
          {deaths.length < ENOUGH ? ` (too few: ${deaths.length} of ${ENOUGH})` : `, of ${deaths.length} deaths`}. From
          the arrival of the alert to the provider's answer that the change is made.
        </p>
      )}
      {median !== undefined && <Deaths deaths={deaths} median={median} />}
    </section>
  );
}

/** Every death as a dot over one axis of time, with a mark at the median. */
function Deaths({ deaths, median }: { readonly deaths: readonly number[]; readonly median: number }): VNode {
  const longest = Math.max(1, ...deaths);
  const place = placeOn(longest);
  return (
    <div class="lanes" role="img" aria-label={`${deaths.length} deaths, one dot each, up to ${lasting(longest)}`}>
      <div class="lane">
        <span class="lane-name">dead after</span>
        <span class="track">
          <span class="median" style={{ left: place(median) }} title={`median ${lasting(median)}`} />
          {deaths.map((milliseconds, index) => (
            <span key={index} class="dot" style={{ left: place(milliseconds) }} title={lasting(milliseconds)} />
          ))}
        </span>
      </div>
      <TimeAxis longest={longest} />
    </div>
  );
}
