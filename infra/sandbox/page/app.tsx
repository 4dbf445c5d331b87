import type { VNode } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Channel } from './channel.tsx';
import type { Offered } from './composer.tsx';
import { DrillPanel } from './drill-panel.tsx';
import { Home } from './home.tsx';
import { Modal } from './modal.tsx';
import { SenderContext, useSender } from './use-sender.tsx';
import { PlacePicker, Places, type PlacesProps } from './places.tsx';
import type { PageState } from './page-state.ts';
import { StoryBar } from './story-bar.tsx';
import { StoryPanel } from './story-panel.tsx';
import { TabPanel, Tabs } from './tabs.tsx';
import { Names } from './mrkdwn.tsx';
import { TokenPanel } from './token-panel.tsx';
import { TraceContext } from './trace-context.ts';
import { TracePanel } from './trace-panel.tsx';
import { TroublePanel } from './trouble-panel.tsx';
import { placesOf } from './count-unread.ts';
import { useKept } from './use-kept.ts';
import { usePageState } from './use-page-state.ts';
import { type StoryTeller, useStory } from './use-story.ts';
import { useUnread } from './use-unread.ts';

const PANELS = { tokens: 'Tokens', stories: 'Stories', trace: 'Trace', drill: 'Drill', trouble: 'Trouble' } as const;
type Panel = keyof typeof PANELS;

/** The whole page: places on the left, the conversation in the middle, the world outside on the right. */
export function App(): VNode {
  const { state, isLost } = usePageState();
  if (state === undefined)
    return (
      <main>
        <h1 class="empty">{isLost ? 'The sandbox does not answer.' : 'One moment…'}</h1>
      </main>
    );
  return <Workspace state={state} isLost={isLost} />;
}

function Workspace({ state, isLost }: { readonly state: PageState; readonly isLost: boolean }): VNode {
  const { sender, notices } = useSender();
  const { userId, place, ...moves } = useWhereabouts(state);
  const [panel, setPanel] = useKept<Panel>('panel', 'tokens', (kept) => Object.hasOwn(PANELS, String(kept)));
  const [side, setSide] = useState<'chat' | 'panel'>('chat');
  const [traced, setTraced] = useState<string>();
  const [offered, setOffered] = useState<Offered>();
  const unread = useUnread(state, { userId, place });
  const names = useMemo(
    () => new Map([...state.users, ...state.channels, ...state.groups].map(({ id, name }) => [id, name])),
    [state.users, state.channels, state.groups],
  );
  const show = (key: Panel): void => {
    setPanel(key);
    setSide('panel');
  };
  const openTrace = (ts: string): void => {
    setTraced(ts);
    show('trace');
  };
  const modal = state.views.filter((view) => view.type === 'modal' && view.userId === userId).at(-1);
  const places: PlacesProps = { state, userId, place, unread, ...moves };
  useTitle(places);
  const teller = useStory({
    ...places,
    panel,
    sender,
    offer: (text) => setOffered({ text }),
    openPanel: show,
    backToChat: () => setSide('chat'),
  });
  const toggle = (): void => setSide(side === 'chat' ? 'panel' : 'chat');
  return (
    <SenderContext.Provider value={sender}>
      <Names.Provider value={names}>
        <TraceContext.Provider value={openTrace}>
          <div class={`app show-${side} ${panel === 'trace' || panel === 'drill' ? 'wide' : ''}`}>
            <Places {...places} />
            <Conversation
              {...places}
              {...{ side, toggle, isLost, offered, panel, teller }}
              openSteps={() => show('stories')}
            />
            <World {...{ state, panel, traced, teller }} choose={setPanel} forgetTrace={() => setTraced(undefined)} />
          </div>
          {modal !== undefined && <Modal key={modal.id} open={modal} userId={userId} />}
          {notices}
        </TraceContext.Provider>
      </Names.Provider>
    </SenderContext.Provider>
  );
}

interface ConversationProps extends PlacesProps {
  readonly side: 'chat' | 'panel';
  toggle(): void;
  readonly isLost: boolean;
  readonly offered: Offered | undefined;
  readonly panel: Panel;
  readonly teller: StoryTeller;
  openSteps(): void;
}

/** The place that one looks at. */
function Conversation(props: ConversationProps): VNode {
  const { side, toggle, isLost, offered, panel, teller, openSteps, ...places } = props;
  const { state, userId, place } = places;
  const title = titleOf(places);
  return (
    <main>
      <header>
        <h1>{title}</h1>
        <PlacePicker {...places} />
        <button type="button" class="button to-panel" onClick={toggle}>
          {side === 'chat' ? `${PANELS[panel]}…` : 'Back'}
        </button>
      </header>
      {teller.told !== undefined && (
        <StoryBar {...teller} told={teller.told} isTold={panel === 'stories'} openSteps={openSteps} />
      )}
      {isLost && (
        <p class="lost" role="alert">
          The sandbox does not answer any more.
        </p>
      )}
      {place === 'home' ? (
        <Home state={state} userId={userId} />
      ) : (
        <Channel
          state={state}
          channel={place}
          userId={userId}
          title={title}
          offered={offered}
          openStories={openSteps}
        />
      )}
    </main>
  );
}

interface WorldProps {
  readonly state: PageState;
  readonly panel: Panel;
  choose(panel: Panel): void;
  readonly traced: string | undefined;
  forgetTrace(): void;
  readonly teller: StoryTeller;
}

/** The world outside Slack, a tab for each side of it. */
function World({ state, panel, choose, traced, forgetTrace, teller }: WorldProps): VNode {
  return (
    <aside aria-label="The world outside">
      <header>
        <Tabs label="Panels" titles={PANELS} chosen={panel} choose={choose} />
      </header>
      <div class="scroll" tabIndex={0}>
        <TabPanel of="tokens" isChosen={panel === 'tokens'}>
          {panel === 'tokens' && <TokenPanel state={state} />}
        </TabPanel>
        <TabPanel of="stories" isChosen={panel === 'stories'}>
          {panel === 'stories' && <StoryPanel {...teller} />}
        </TabPanel>
        <TabPanel of="trace" isChosen={panel === 'trace'}>
          {panel === 'trace' && <TracePanel messageTs={traced} forget={forgetTrace} />}
        </TabPanel>
        <TabPanel of="drill" isChosen={panel === 'drill'}>
          <DrillPanel state={state} isShown={panel === 'drill'} />
        </TabPanel>
        <TabPanel of="trouble" isChosen={panel === 'trouble'}>
          {panel === 'trouble' && <TroublePanel state={state} />}
        </TabPanel>
      </div>
    </aside>
  );
}

/** Who one is and what one looks at, kept over a reload. Somebody else's conversation is never a place. */
function useWhereabouts(state: PageState) {
  const [userId, become] = useKept('person', state.users[0]?.id ?? '', (kept) =>
    state.users.some(({ id }) => id === kept),
  );
  const [wanted, go] = useKept('place', '', (kept) => typeof kept === 'string');
  const { channels, own } = placesOf(state, userId);
  const isThere = wanted === 'home' || [...channels, ...own].some(({ id }) => id === wanted);
  return { userId, place: isThere ? wanted : (channels[0]?.id ?? 'home'), go, become };
}

function titleOf({ state, userId, place }: PlacesProps): string {
  if (place === 'home') return 'Patrol Home';
  const { channels, own } = placesOf(state, userId);
  const channel = channels.find(({ id }) => id === place);
  return channel === undefined ? (own.find(({ id }) => id === place)?.name ?? place) : `# ${channel.name}`;
}

function useTitle({ state, userId, unread }: PlacesProps): void {
  const { channels, own } = placesOf(state, userId);
  const count = [...channels, ...own].reduce((sum, { id }) => sum + unread(id), 0);
  useEffect(() => {
    document.title = `${count > 0 ? `(${count}) ` : ''}Patrol sandbox`;
  }, [count]);
}
