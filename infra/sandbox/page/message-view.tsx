import type { VNode } from 'preact';
import { useContext, useState } from 'preact/hooks';
import { BlocksView } from './blocks-view.tsx';
import { colour } from './colour.ts';
import { type Surface, SurfaceContext, type Values } from './element-view.tsx';
import { SenderContext } from './use-sender.tsx';
import type { Message } from './page-state.ts';
import { Mrkdwn, Names } from './mrkdwn.tsx';
import { TraceContext } from './trace-context.ts';

const OPEN_REPLIES = 3;

interface MessageProps {
  readonly message: Message;
  readonly replies: readonly Message[];
  readonly userId: string;
  readonly botUserId: string;
}

/** Shows a message with its thread below it. */
export function MessageView({ message, replies, userId, botUserId }: MessageProps): VNode {
  const [isOpen, setOpen] = useState(false);
  const hidden = isOpen ? 0 : Math.max(0, replies.length - OPEN_REPLIES);
  return (
    <article class="thread">
      <OneMessage message={message} userId={userId} botUserId={botUserId} />
      {replies.length > 0 && (
        <div class="replies">
          {hidden > 0 && (
            <button type="button" class="plain-button" onClick={() => setOpen(true)}>
              Show {hidden} earlier {hidden === 1 ? 'reply' : 'replies'}
            </button>
          )}
          {replies.slice(hidden).map((reply) => (
            <OneMessage key={reply.ts} message={reply} userId={userId} botUserId={botUserId} />
          ))}
        </div>
      )}
    </article>
  );
}

function OneMessage({ message, userId, botUserId }: Omit<MessageProps, 'replies'>): VNode {
  const sender = useContext(SenderContext);
  const names = useContext(Names);
  const openTrace = useContext(TraceContext);
  const [values, setValues] = useState<Values>({});
  const surface: Surface = {
    values,
    change: (blockId, actionId, value) =>
      setValues((known) => ({ ...known, [blockId]: { ...known[blockId], [actionId]: value } })),
    press: (action) => void sender.slack('click', { userId, channel: message.channel, ts: message.ts, action, values }),
  };
  const isBot = message.user === botUserId;
  const name = names.get(message.user) ?? message.user;
  const isMine = message.ephemeralTo !== undefined;
  return (
    <div class={`message ${isMine ? 'ephemeral' : ''}`} data-ts={message.ts}>
      <span
        class={`avatar ${isBot ? 'bot' : ''}`}
        style={isBot ? {} : { background: colour(message.user) }}
        aria-hidden="true"
      >
        {isBot ? 'P' : name.slice(0, 1).toUpperCase()}
      </span>
      <div class="grow">
        {isMine && <p class="only-you">Only visible to you</p>}
        <p class="by">
          <strong>{name}</strong>
          {isBot && <span class="app">APP</span>}
          <time>{new Date(Number(message.ts) * 1000).toLocaleTimeString('en-GB')}</time>
          {message.editedAt !== undefined && (
            <span class="edited" title={message.editedAt}>
              (edited)
            </span>
          )}
          {isBot && (
            <button type="button" class="plain-button trace" onClick={() => openTrace(message.ts)}>
              Trace<span class="unseen"> this message</span>
            </button>
          )}
        </p>
        <SurfaceContext.Provider value={surface}>
          {message.blocks.length > 0 ? (
            <BlocksView blocks={message.blocks} />
          ) : (
            <div class="blocks">
              <Mrkdwn text={message.text} />
            </div>
          )}
        </SurfaceContext.Provider>
      </div>
    </div>
  );
}
