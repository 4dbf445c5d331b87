import { Fragment, type VNode } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { colour } from './colour.ts';
import { Composer, type Offered } from './composer.tsx';
import { MessageView } from './message-view.tsx';
import type { Message, PageState } from './page-state.ts';
import { isSeenBy } from './count-unread.ts';

interface ChannelProps {
  readonly state: PageState;
  readonly channel: string;
  readonly userId: string;
  readonly title: string;
  readonly offered: Offered | undefined;
  openStories(): void;
}

/** What somebody typed, as Slack's own client repeats it to that person; only this page remembers it. */
interface Echo {
  readonly at: number;
  readonly channel: string;
  readonly userId: string;
  readonly text: string;
}

/** Shows a channel as one person sees it, and lets that person type commands. */
export function Channel({ state, channel, userId, title, offered, openStories }: ChannelProps): VNode {
  const [echoes, setEchoes] = useState<readonly Echo[]>([]);
  const { roots, replies } = useMemo(() => arrange(state.messages, channel, userId), [state.messages, channel, userId]);
  const mine = echoes.filter((echo) => echo.channel === channel && echo.userId === userId);
  const lines = [
    ...roots.map((message) => ({ at: Number(message.ts), message })),
    ...mine.map((echo) => ({ at: echo.at, echo })),
  ].toSorted((left, right) => left.at - right.at);
  const box = useScroll(`${userId} ${channel}`, lines.length + [...replies.values()].flat().length);
  return (
    <>
      <div ref={box} class="messages" role="log" aria-label={title} tabIndex={0}>
        {lines.length === 0 && (
          <div class="empty">
            <h2>This is the beginning of {title}</h2>
            <p>
              Type <code>/pat list</code> below, leak a token in the panel, or let a story lead you:
              <button type="button" class="plain-button" onClick={openStories}>
                open Stories
              </button>
            </p>
          </div>
        )}
        {lines.map((line, index) => (
          <Fragment key={line.at}>
            {dayOf(line.at) !== dayOf(lines[index - 1]?.at) && <p class="day">{dayOf(line.at)}</p>}
            {'echo' in line ? (
              <EchoView echo={line.echo} name={state.users.find(({ id }) => id === userId)?.name ?? ''} />
            ) : (
              <MessageView
                message={line.message}
                replies={replies.get(line.message.ts) ?? []}
                userId={userId}
                botUserId={state.botUserId}
              />
            )}
          </Fragment>
        ))}
      </div>
      <Composer
        key={`${userId} ${channel}`}
        channel={channel}
        userId={userId}
        offered={offered}
        echo={(text) => setEchoes((known) => [...known, { at: Date.now() / 1000, channel, userId, text }])}
      />
    </>
  );
}

const DAY = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });

/** The day of a message, as it stands above the first of that day. */
const dayOf = (seconds: number | undefined): string =>
  seconds === undefined ? '' : DAY.format(new Date(seconds * 1000));

/** Keeps the end in view while one is there; of an answer that is longer than the view, the beginning. */
function useScroll(place: string, count: number) {
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const ours = useRef(-1);
  useLayoutEffect(() => {
    isAtEnd.current = true;
    const view = box.current;
    const watch = (): void => {
      if (view === null || view.scrollTop === ours.current) return;
      isAtEnd.current = view.scrollHeight - view.scrollTop - view.clientHeight < 80;
    };
    view?.addEventListener('scroll', watch);
    return () => view?.removeEventListener('scroll', watch);
  }, [place]);
  useLayoutEffect(() => {
    const view = box.current;
    const last = view?.lastElementChild;
    if (view === null || !(last instanceof HTMLElement) || !isAtEnd.current) return;
    const isLong = last.offsetHeight > view.clientHeight - 40;
    view.scrollTo({ top: isLong ? last.offsetTop - 40 : view.scrollHeight });
    ours.current = view.scrollTop;
  }, [place, count]);
  return box;
}

function EchoView({ echo, name }: { readonly echo: Echo; readonly name: string }): VNode {
  return (
    <div class="message echo">
      <span class="avatar" style={{ background: colour(echo.userId) }} aria-hidden="true">
        {name.slice(0, 1).toUpperCase()}
      </span>
      <div class="grow">
        <p class="by">
          <strong>{name}</strong>
          <time>{new Date(echo.at * 1000).toLocaleTimeString('en-GB')}</time>
          <span class="only-you">typed, shown to you alone</span>
        </p>
        <p class="typed">{echo.text}</p>
      </div>
    </div>
  );
}

function arrange(messages: readonly Message[], channel: string, userId: string) {
  const seen = messages
    .filter((message) => message.channel === channel && isSeenBy(message, userId))
    .toSorted((left, right) => Number(left.ts) - Number(right.ts));
  const isRoot = ({ ts, threadTs }: Message) => threadTs === undefined || threadTs === ts;
  const known = new Set(seen.filter(isRoot).map(({ ts }) => ts));
  const isShownAlone = (message: Message) => isRoot(message) || !known.has(message.threadTs ?? '');
  const replies = Map.groupBy(
    seen.filter((message) => !isShownAlone(message)),
    ({ threadTs }) => threadTs ?? '',
  );
  return { roots: seen.filter((message) => isShownAlone(message) || message.isBroadcast === true), replies };
}
