import type { VNode } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import { SenderContext } from './notices.tsx';
import type { Message, PageState, Token } from './state.ts';

interface Drill {
  readonly token: Token;
  readonly source: string;
  readonly startedAt: number;
  readonly acceptedMs: number;
  readonly deadMs?: number;
  readonly toldMs?: number;
}

/** A fire drill: mints a token, leaks it, and measures the whole path to its death and to the word of it. */
export function DrillPanel({ state }: { readonly state: PageState }): VNode {
  const sender = useContext(SenderContext);
  const [drills, setDrills] = useState<readonly Drill[]>([]);
  const [source, setSource] = useState(state.sources[0] ?? '');

  useEffect(() => setDrills((known) => known.map((drill) => progress(drill, state))), [state]);

  const start = async (profile: string, provider: string): Promise<void> => {
    const name = `drill-${provider}-${new Date().toISOString().slice(11, 19).replaceAll(':', '')}`;
    const token = await sender.sandbox<Token>('tokens', { provider, profile, name });
    if (token === undefined) return;
    const startedAt = Date.now();
    const answer = await sender.sandbox('leak', { tokenId: token.id, source });
    if (answer === undefined) return;
    setDrills((known) => [{ token, source, startedAt, acceptedMs: Date.now() - startedAt }, ...known]);
  };
  return (
    <section>
      <h3>Fire drill</h3>
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
        {drills.map((drill) => (
          <li key={drill.token.id}>
            <strong>{drill.token.name}</strong> via {drill.source}
            <ol>
              <li>alert accepted after {drill.acceptedMs} ms</li>
              <li>
                {drill.deadMs === undefined
                  ? 'not dead yet'
                  : `dead at ${drill.token.provider} within ${drill.deadMs} ms`}
              </li>
              <li>{drill.toldMs === undefined ? 'not told yet' : `told in the channel within ${drill.toldMs} ms`}</li>
            </ol>
          </li>
        ))}
      </ul>
    </section>
  );
}

function progress(drill: Drill, { tokens, messages }: PageState): Drill {
  const passed = Date.now() - drill.startedAt;
  const isDead = tokens.some(({ id, state }) => id === drill.token.id && state !== 'active');
  const isTold = (message: Message) =>
    message.text.includes(drill.token.name) && /deactivated/i.test(message.text) && !/NOT /.test(message.text);
  return {
    ...drill,
    ...(drill.deadMs === undefined && isDead ? { deadMs: passed } : {}),
    ...(drill.toldMs === undefined && isDead && messages.some(isTold) ? { toldMs: passed } : {}),
  };
}
