import { useContext } from 'preact/hooks';
import { createContext, type VNode } from 'preact';
import { parseMrkdwn, type Piece } from './parse-mrkdwn.ts';
import { SignedText } from './signed-text.tsx';
import type { Block } from './page-state.ts';

/** Names of people and channels by id. */
export const Names = createContext<ReadonlyMap<string, string>>(new Map());

/** Shows a Block Kit text object; `plain_text` is shown as it is. */
export function TextObject({ text }: { readonly text: Block | undefined }): VNode {
  const content = String(text?.['text'] ?? '');
  return text?.['type'] === 'mrkdwn' ? <Mrkdwn text={content} /> : <span class="plain">{content}</span>;
}

/** Shows mrkdwn. Everything becomes text nodes and elements of ours, so no foreign markup can act. */
export function Mrkdwn({ text }: { readonly text: string }): VNode {
  return <Pieces pieces={parseMrkdwn(text)} />;
}

function Pieces({ pieces }: { readonly pieces: readonly Piece[] }): VNode {
  return (
    <>
      {pieces.map((piece, index) => (
        <PieceView key={index} piece={piece} />
      ))}
    </>
  );
}

function PieceView({ piece }: { readonly piece: Piece }): VNode {
  const names = useContext(Names);
  switch (piece.kind) {
    case 'text':
      return <SignedText text={piece.text} />;
    case 'break':
      return <br />;
    case 'code':
      return <code>{piece.text}</code>;
    case 'pre':
      return <pre>{piece.text}</pre>;
    case 'bold':
      return (
        <strong>
          <Pieces pieces={piece.children} />
        </strong>
      );
    case 'italic':
      return (
        <em>
          <Pieces pieces={piece.children} />
        </em>
      );
    case 'strike':
      return (
        <s>
          <Pieces pieces={piece.children} />
        </s>
      );
    case 'quote':
      return (
        <blockquote>
          <Pieces pieces={piece.children} />
        </blockquote>
      );
    case 'link':
      return (
        <a href={piece.url} target="_blank" rel="noopener noreferrer">
          {piece.text}
        </a>
      );
    case 'user':
      return <span class="mention">@{names.get(piece.id) ?? piece.label ?? piece.id}</span>;
    case 'channel':
      return <span class="mention">#{names.get(piece.id) ?? piece.label ?? piece.id}</span>;
    case 'broadcast':
      return <span class="mention loud">@{piece.label?.replace(/^@/, '') ?? names.get(piece.id) ?? piece.id}</span>;
    case 'date':
      return <time title={new Date(piece.epochSeconds * 1000).toISOString()}>{formatDate(piece)}</time>;
  }
}

const DAY_MS = 86_400_000;

/** Fills Slack's date form in the reader's own zone. */
function formatDate({ epochSeconds, format, fallback }: Extract<Piece, { kind: 'date' }>): string {
  const date = new Date(epochSeconds * 1000);
  if (Number.isNaN(date.getTime())) return fallback;
  const day = (options: Intl.DateTimeFormatOptions) => date.toLocaleDateString('en-GB', options);
  const days = Math.round((new Date(date).setHours(0, 0, 0, 0) - new Date().setHours(0, 0, 0, 0)) / DAY_MS);
  const near = { '-1': 'yesterday', '0': 'today', '1': 'tomorrow' }[String(days)];
  const short = day({ day: 'numeric', month: 'short', year: 'numeric' });
  const long = day({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
  const plain = day({ day: 'numeric', month: 'long', year: 'numeric' });
  const shown: Readonly<Record<string, string>> = {
    date_num: date.toISOString().slice(0, 10),
    date: plain,
    date_short: short,
    date_long: long,
    date_pretty: near ?? plain,
    date_short_pretty: near ?? short,
    date_long_pretty: near ?? long,
    time: date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' }),
    time_secs: date.toLocaleTimeString('en-GB'),
  };
  return format.replaceAll(/\{(\w+)\}/g, (whole, name: string) => shown[name] ?? whole);
}
