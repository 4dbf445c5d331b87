import type { VNode } from 'preact';
import { useContext, useState } from 'preact/hooks';
import { SenderContext } from './use-sender.tsx';
import type { PageState } from './page-state.ts';

const CRASH_POINTS = ['before-effect', 'after-effect', 'before-reply', 'during-reply'];

/** What each fault looks like from outside. */
const WORDS: Readonly<Record<string, string>> = {
  none: 'works',
  down: 'down: drops the connection',
  slow: 'slow: answers late',
  hang: 'hang: never answers',
  '401': '401: refuses the credential',
  '429': '429: too many requests',
  '500': '500: fails',
  html: 'html: an error page',
  '202': '202: accepts, does nothing yet',
  'no-revocation': 'old server: cannot deactivate',
};

/** Switches faults on and off, crashes functions, moves their clock. */
export function TroublePanel({ state }: { readonly state: PageState }): VNode {
  return (
    <>
      <Faults faults={state.faults} />
      <Crash functions={state.functions} />
      <Clock offsetSeconds={state.clockOffsetSeconds} />
      <section>
        <h2>Queues</h2>
        <p>
          {state.queued} waiting or being worked on · {state.dead} dead
        </p>
      </section>
      <WholeSandbox />
    </>
  );
}

function Faults({ faults }: Pick<PageState, 'faults'>): VNode {
  const sender = useContext(SenderContext);
  return (
    <section>
      <h2>Faults</h2>
      <ul class="faults">
        {faults.map(({ target, modes, mode }) => (
          <li key={target}>
            <label for={`fault-${target}`}>{target}</label>
            <select
              id={`fault-${target}`}
              class={`select ${mode === 'none' ? '' : 'on'}`}
              value={mode}
              onChange={(event) => void sender.sandbox('fault', { target, mode: event.currentTarget.value })}
            >
              {modes.map((each) => (
                <option key={each} value={each}>
                  {WORDS[each] ?? each}
                </option>
              ))}
            </select>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Clock({ offsetSeconds: ahead }: { readonly offsetSeconds: number }): VNode {
  const sender = useContext(SenderContext);
  const set = (offsetSeconds: number): void => void sender.sandbox('clock', { offsetSeconds });
  return (
    <section>
      <h2>Time</h2>
      <p>The functions' clock is {ahead === 0 ? 'right' : `${ahead / 60} min ahead`}.</p>
      <div class="chips">
        {[5, 61, 24 * 60].map((minutes) => (
          <button key={minutes} type="button" onClick={() => set(ahead + minutes * 60)}>
            +{minutes < 120 ? `${minutes} min` : '1 day'}
          </button>
        ))}
        <button type="button" onClick={() => set(0)}>
          Set right
        </button>
      </div>
    </section>
  );
}

function WholeSandbox(): VNode {
  const sender = useContext(SenderContext);
  return (
    <section>
      <h2>Sandbox</h2>
      <div class="chips">
        <button
          type="button"
          onClick={() => void sender.sandbox('run/hygiene', {}).then(() => sender.say('The weekly report has run.'))}
        >
          Run the weekly report
        </button>
        <button
          type="button"
          onClick={() => void sender.sandbox('reset', {}).then(() => sender.say('Everything is as at the start.'))}
        >
          Start over
        </button>
      </div>
    </section>
  );
}

function Crash({ functions }: { readonly functions: readonly string[] }): VNode {
  const sender = useContext(SenderContext);
  const workers = functions.filter((name) => !name.endsWith('-edge'));
  const [name, setName] = useState(workers[0] ?? '');
  return (
    <section>
      <h2>Crash once</h2>
      <select
        class="select"
        aria-label="Function to crash"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      >
        {workers.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
      <div class="chips">
        {CRASH_POINTS.map((at) => (
          <button
            key={at}
            type="button"
            onClick={() =>
              void sender
                .sandbox('crash', { function: name, at })
                .then((armed) => armed && sender.say(`${name} dies ${at.replace('-', ' the next ')}.`))
            }
          >
            {at}
          </button>
        ))}
      </div>
    </section>
  );
}
