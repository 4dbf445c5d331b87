import type { VNode } from 'preact';
import { ElementView } from './element-view.tsx';
import type { Block } from './state.ts';
import { TextObject } from './text-view.tsx';

/** Shows a list of Block Kit blocks. `errors` are shown under the input blocks that they name. */
export function BlocksView(props: {
  readonly blocks: readonly Block[];
  readonly errors?: Readonly<Record<string, string>>;
}): VNode {
  return (
    <div class="blocks">
      {props.blocks.map((block, index) => {
        const blockId = String(block['block_id'] ?? `b${index}`);
        return <BlockView key={blockId} block={block} blockId={blockId} error={props.errors?.[blockId]} />;
      })}
    </div>
  );
}

interface BlockProps {
  readonly block: Block;
  readonly blockId: string;
  readonly error?: string | undefined;
}

function BlockView({ block, blockId, error }: BlockProps): VNode {
  switch (block['type']) {
    case 'header':
      return (
        <h3 class="block-header">
          <TextObject text={block['text']} />
        </h3>
      );
    case 'divider':
      return <hr />;
    case 'section':
      return <SectionView block={block} blockId={blockId} />;
    case 'context':
      return (
        <div class="block-context">
          {list(block['elements']).map((element, index) => (
            <span key={index}>
              {element['type'] === 'image' ? (
                <ElementView element={element} blockId={blockId} />
              ) : (
                <TextObject text={element} />
              )}
            </span>
          ))}
        </div>
      );
    case 'actions':
      return (
        <div class="block-actions">
          {list(block['elements']).map((element) => (
            <ElementView key={element['action_id']} element={element} blockId={blockId} />
          ))}
        </div>
      );
    case 'input':
      return <InputView block={block} blockId={blockId} error={error} />;
    default:
      return <p class="unknown">[a block of type {String(block['type'])} is not shown here]</p>;
  }
}

function SectionView({ block, blockId }: BlockProps): VNode {
  const accessory = block['accessory'] as Block | undefined;
  return (
    <div class="block-section">
      <div class="grow">
        {block['text'] !== undefined && <TextObject text={block['text']} />}
        {block['fields'] !== undefined && (
          <div class="fields">
            {list(block['fields']).map((field, index) => (
              <div key={index}>
                <TextObject text={field} />
              </div>
            ))}
          </div>
        )}
      </div>
      {accessory !== undefined && <ElementView element={accessory} blockId={blockId} />}
    </div>
  );
}

function InputView({ block, blockId, error }: BlockProps): VNode {
  return (
    <div class={`block-input ${error === undefined ? '' : 'wrong'}`}>
      <label>
        <span class="label">
          <TextObject text={block['label']} />
          {block['optional'] === true && <span class="optional"> (optional)</span>}
        </span>
        <ElementView element={block['element']} blockId={blockId} isInput={block['dispatch_action'] !== true} />
      </label>
      {error !== undefined && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      {block['hint'] !== undefined && (
        <p class="hint">
          <TextObject text={block['hint']} />
        </p>
      )}
    </div>
  );
}

const list = (value: unknown): Block[] => (Array.isArray(value) ? (value as Block[]) : []);
