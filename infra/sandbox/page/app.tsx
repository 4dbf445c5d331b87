import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { Channel } from './channel.tsx';
import { DrillPanel } from './drill-panel.tsx';
import { Home } from './home.tsx';
import { colour } from './message-view.tsx';
import { Modal } from './modal.tsx';
import { SenderContext, useSender } from './notices.tsx';
import type { PageState } from './state.ts';
import { Names } from './text-view.tsx';
import { TokenPanel } from './token-panel.tsx';
import { TroublePanel } from './trouble-panel.tsx';
import { usePageState } from './use-state.ts';

type Panel = 'tokens' | 'trouble' | 'drill';
const PANELS: Readonly<Record<Panel, string>> = { tokens: 'Tokens', trouble: 'Trouble', drill: 'Drill' };

/** The whole page: channels on the left, the conversation in the middle, the world outside on the right. */
export function App(): VNode {
  const { state, isLost } = usePageState();
  if (state === undefined) return <p class="empty">{isLost ? 'The sandbox does not answer.' : 'One moment…'}</p>;
  return <Workspace state={state} isLost={isLost} />;
}

function Workspace({ state, isLost }: { readonly state: PageState; readonly isLost: boolean }): VNode {
  const { sender, notices } = useSender();
  const [place, setPlace] = useState(state.channels[0]?.id ?? '');
  const [userId, setUserId] = useState(state.users[0]?.id ?? '');
  const [panel, setPanel] = useState<Panel>('tokens');
  const [side, setSide] = useState<'chat' | 'panel'>('chat');
  const names = useMemo(
    () => new Map([...state.users, ...state.channels].map(({ id, name }) => [id, name])),
    [state.users, state.channels],
  );
  const modal = state.views.filter((view) => view.type === 'modal' && view.userId === userId).at(-1);
  const places = [...state.channels, ...directMessages(state)];
  const people = state.users.filter(({ id }) => id !== state.botUserId);
  return (
    <SenderContext.Provider value={sender}>
      <Names.Provider value={names}>
        <div class={`app show-${side}`}>
          <nav>
            <h1>
              <span class="avatar bot" aria-hidden="true">
                P
              </span>{' '}
              Patrol <small>sandbox</small>
            </h1>
            <h2>Channels</h2>
            {places.map(({ id, name }) => (
              <button key={id} type="button" class={id === place ? 'chosen' : ''} onClick={() => setPlace(id)}>
                # {name}
              </button>
            ))}
            <h2>Apps</h2>
            <button type="button" class={place === 'home' ? 'chosen' : ''} onClick={() => setPlace('home')}>
              ⌂ Patrol Home
            </button>
            <h2>You are</h2>
            {people.map(({ id, name }) => (
              <button key={id} type="button" class={id === userId ? 'chosen' : ''} onClick={() => setUserId(id)}>
                <span class="avatar tiny" style={{ background: colour(id) }} aria-hidden="true">
                  {name.slice(0, 1).toUpperCase()}
                </span>{' '}
                {name}
              </button>
            ))}
          </nav>
          <main>
            <header>
              <select
                class="place"
                aria-label="Channel"
                value={place}
                onChange={(event) => setPlace(event.currentTarget.value)}
              >
                {places.map(({ id, name }) => (
                  <option key={id} value={id}>
                    # {name}
                  </option>
                ))}
                <option value="home">Patrol Home</option>
              </select>
              <select
                class="who"
                aria-label="You are"
                value={userId}
                onChange={(event) => setUserId(event.currentTarget.value)}
              >
                {people.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </select>
              <button type="button" class="button to-panel" onClick={() => setSide('panel')}>
                Tokens…
              </button>
            </header>
            {isLost && (
              <p class="lost" role="alert">
                The sandbox does not answer any more.
              </p>
            )}
            {place === 'home' ? (
              <Home state={state} userId={userId} />
            ) : (
              <Channel state={state} channel={place} userId={userId} />
            )}
          </main>
          <aside>
            <header>
              <div class="tabs" role="tablist">
                {Object.entries(PANELS).map(([key, title]) => (
                  <button
                    key={key}
                    type="button"
                    role="tab"
                    aria-selected={panel === key}
                    onClick={() => setPanel(key as Panel)}
                  >
                    {title}
                  </button>
                ))}
              </div>
              <button type="button" class="button to-chat" onClick={() => setSide('chat')}>
                Back
              </button>
            </header>
            <div class="scroll">
              {panel === 'tokens' && <TokenPanel state={state} />}
              {panel === 'trouble' && <TroublePanel state={state} />}
              <div hidden={panel !== 'drill'}>
                <DrillPanel state={state} />
              </div>
            </div>
          </aside>
        </div>
        {modal !== undefined && <Modal key={modal.id} open={modal} userId={userId} />}
        {notices}
      </Names.Provider>
    </SenderContext.Provider>
  );
}

/** Conversations that exist only because the app has written there. */
function directMessages(state: PageState): { readonly id: string; readonly name: string }[] {
  const known = new Set(state.channels.map(({ id }) => id));
  const others = new Set(state.messages.map(({ channel }) => channel).filter((id) => !known.has(id)));
  return [...others].map((id) => ({ id, name: state.users.find((user) => id.endsWith(user.id.slice(1)))?.name ?? id }));
}
