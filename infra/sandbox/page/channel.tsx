import type { VNode } from 'preact';
import { useContext, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { MessageView } from './message-view.tsx';
import { SenderContext } from './notices.tsx';
import type { Message, PageState } from './state.ts';

const EXAMPLES = ['list', 'help', 'deactivate ', 'profiles', 'cases', 'whoami', 'leak'];

interface ChannelProps {
  readonly state: PageState;
  readonly channel: string;
  readonly userId: string;
}

/** Shows a channel as one person sees it, and lets that person type commands. */
export function Channel({ state, channel, userId }: ChannelProps): VNode {
  const { roots, replies } = useMemo(() => arrange(state.messages, channel, userId), [state.messages, channel, userId]);
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useLayoutEffect(() => {
    isAtEnd.current = true;
  }, [channel, userId]);
  useLayoutEffect(() => {
    if (isAtEnd.current) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [roots, replies]);
  return (
    <>
      <div
        ref={box}
        class="messages"
        onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
          isAtEnd.current = scrollHeight - scrollTop - clientHeight < 60;
        }}
      >
        {roots.length === 0 && (
          <p class="empty">
            Nothing here yet. Type <code>/pat list</code> below, or leak a token in the panel.
          </p>
        )}
        {roots.map((message) => (
          <MessageView
            key={message.ts}
            message={message}
            replies={replies.get(message.ts) ?? []}
            userId={userId}
            botUserId={state.botUserId}
          />
        ))}
      </div>
      <Composer channel={channel} userId={userId} />
    </>
  );
}

function arrange(messages: readonly Message[], channel: string, userId: string) {
  const seen = messages
    .filter((message) => message.channel === channel && message.deleted !== true)
    .filter(({ ephemeralTo }) => ephemeralTo === undefined || ephemeralTo === userId)
    .toSorted((left, right) => Number(left.ts) - Number(right.ts));
  const isRoot = ({ ts, threadTs }: Message) => threadTs === undefined || threadTs === ts;
  const known = new Set(seen.filter(isRoot).map(({ ts }) => ts));
  const isShownAlone = (message: Message) => isRoot(message) || !known.has(message.threadTs ?? '');
  const replies = Map.groupBy(
    seen.filter((message) => !isShownAlone(message)),
    ({ threadTs }) => threadTs ?? '',
  );
  return { roots: seen.filter(isShownAlone), replies };
}

function Composer({ channel, userId }: { readonly channel: string; readonly userId: string }): VNode {
  const sender = useContext(SenderContext);
  const [text, setText] = useState('/pat ');
  const [history, setHistory] = useState<readonly string[]>([]);
  const input = useRef<HTMLInputElement>(null);
  const send = (): void => {
    const command = /^\/pat\b\s*(.*)$/s.exec(text.trim());
    if (command === null) return sender.say('Only /pat … is understood here.');
    setHistory((known) => [...known, text.trim()]);
    setText('/pat ');
    void sender.slack('command', { userId, channel, text: command[1] ?? '' });
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div class="chips">
        {EXAMPLES.map((example) => (
          <button
            key={example}
            type="button"
            onClick={() => {
              setText(`/pat ${example}`);
              input.current?.focus();
            }}
          >
            {example.trim()}
          </button>
        ))}
      </div>
      <div class="line">
        <input
          ref={input}
          aria-label="Message"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            const last = history.at(-1);
            if (event.key === 'ArrowUp' && last !== undefined) setText(last);
          }}
        />
        <button type="submit" class="button primary solid">
          Send
        </button>
      </div>
    </form>
  );
}
