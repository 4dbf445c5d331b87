import { useContext } from 'preact/hooks';
import type { VNode } from 'preact';
import type { Block } from './page-state.ts';
import { Names } from './mrkdwn.tsx';

const list = (value: unknown): Block[] => (Array.isArray(value) ? (value as Block[]) : []);

/** Shows a `rich_text` block, as a message or as a cell of a table. */
export function RichText({ block }: { readonly block: Block }): VNode {
  return (
    <>
      {list(block['elements']).map((element, index) => (
        <Part key={index} element={element} />
      ))}
    </>
  );
}

function Part({ element }: { readonly element: Block }): VNode {
  const children = list(element['elements']);
  const inner = children.map((each, index) => <Leaf key={index} element={each} />);
  switch (element['type']) {
    case 'rich_text_list': {
      const items = children.map((each, index) => (
        <li key={index}>
          <Part element={each} />
        </li>
      ));
      return element['style'] === 'ordered' ? <ol class="rich">{items}</ol> : <ul class="rich">{items}</ul>;
    }
    case 'rich_text_preformatted':
      return <pre>{inner}</pre>;
    case 'rich_text_quote':
      return <blockquote>{inner}</blockquote>;
    default:
      return <span class="plain">{inner}</span>;
  }
}

function Leaf({ element }: { readonly element: Block }): VNode {
  const names = useContext(Names);
  switch (element['type']) {
    case 'link':
      return (
        <a href={String(element['url'])} target="_blank" rel="noopener noreferrer">
          {String(element['text'] ?? element['url'])}
        </a>
      );
    case 'user':
      return <span class="mention">@{names.get(String(element['user_id'])) ?? String(element['user_id'])}</span>;
    case 'channel':
      return <span class="mention">#{names.get(String(element['channel_id'])) ?? String(element['channel_id'])}</span>;
    case 'usergroup':
      return <span class="mention">@{String(element['usergroup_id'])}</span>;
    case 'broadcast':
      return <span class="mention loud">@{String(element['range'])}</span>;
    case 'emoji':
      return <>{emoji(element)}</>;
    case 'date':
      return <time>{String(element['fallback'] ?? element['timestamp'])}</time>;
    default:
      return <Styled style={(element['style'] ?? {}) as Block} text={String(element['text'] ?? '')} />;
  }
}

function Styled({ style, text }: { readonly style: Block; readonly text: string }): VNode {
  const plain = style['code'] === true ? <code>{text}</code> : <>{text}</>;
  const struck = style['strike'] === true ? <s>{plain}</s> : plain;
  const slanted = style['italic'] === true ? <em>{struck}</em> : struck;
  return style['bold'] === true ? <strong>{slanted}</strong> : slanted;
}

/** Slack sends the code points beside the name. */
function emoji(element: Block): string {
  const points = String(element['unicode'] ?? '').split('-');
  const characters = points.map((point) => Number.parseInt(point, 16)).filter((point) => point > 0 && point < 0x110000);
  return characters.length === 0 ? `:${String(element['name'])}:` : String.fromCodePoint(...characters);
}
