import type { VNode } from 'preact';
import { ElementView } from './element-view.tsx';
import { PlanView, TaskView } from './plan-view.tsx';
import { RichText } from './rich-text.tsx';
import type { Block } from './page-state.ts';
import { TableView } from './table-view.tsx';
import { TextObject } from './mrkdwn.tsx';

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

/** How each type of block is shown. */
const VIEWS: Readonly<Record<string, (props: BlockProps) => VNode>> = {
  header: ({ block }) => (
    <h2 class="block-header">
      <TextObject text={block['text']} />
    </h2>
  ),
  divider: () => <hr />,
  section: SectionView,
  context: ContextView,
  actions: ActionsView,
  context_actions: ActionsView,
  markdown: ({ block }) => <div class="block-section">{String(block['text'])}</div>,
  rich_text: RichText,
  table: TableView,
  data_table: TableView,
  container: ContainerView,
  alert: ({ block }) => (
    <div class={`block-alert ${String(block['level'] ?? 'default')}`} role="note">
      <TextObject text={block['text']} />
    </div>
  ),
  card: CardView,
  plan: PlanView,
  task_card: ({ block }) => <TaskView task={block} />,
  image: ImageView,
  input: InputView,
};

function BlockView(props: BlockProps): VNode {
  const type = String(props.block['type']);
  const View = Object.hasOwn(VIEWS, type) ? VIEWS[type] : undefined;
  return View === undefined ? <p class="unknown">[a block of type {type} is not shown here]</p> : <View {...props} />;
}

function ContextView({ block, blockId }: BlockProps): VNode {
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
}

function ActionsView({ block, blockId }: BlockProps): VNode {
  return (
    <div class="block-actions">
      {list(block['elements']).map((element) => (
        <ElementView key={element['action_id']} element={element} blockId={blockId} />
      ))}
    </div>
  );
}

/** A fold: Slack shows it open unless the message says otherwise. */
function ContainerView({ block }: { readonly block: Block }): VNode {
  const head = (
    <>
      {block['title'] === undefined ? (
        <RichText block={block['rich_text_title'] as Block} />
      ) : (
        <TextObject text={block['title']} />
      )}
      {block['subtitle'] !== undefined && (
        <small>
          <TextObject text={block['subtitle']} />
        </small>
      )}
    </>
  );
  const children = <BlocksView blocks={list(block['child_blocks'])} />;
  if (block['is_collapsible'] !== true)
    return (
      <div class="block-container">
        <div class="head">{head}</div>
        {children}
      </div>
    );
  return (
    <details class="block-container" open={block['default_collapsed'] !== true}>
      <summary>{head}</summary>
      {children}
    </details>
  );
}

function CardView({ block, blockId }: BlockProps): VNode {
  return (
    <div class="block-container">
      {['title', 'subtitle', 'body'].map((part) =>
        block[part] === undefined ? null : (
          <div key={part} class={`card-${part}`}>
            <TextObject text={block[part] as Block} />
          </div>
        ),
      )}
      <div class="block-actions">
        {list(block['actions']).map((element) => (
          <ElementView key={element['action_id']} element={element} blockId={blockId} />
        ))}
      </div>
    </div>
  );
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

/** Elements of several boxes, each with a label of its own: what stands above them is the name of the group. */
const GROUPS: readonly unknown[] = ['radio_buttons', 'checkboxes', 'multi_static_select'];

function InputView({ block, blockId, error }: BlockProps): VNode {
  const name = (
    <>
      <TextObject text={block['label']} />
      {block['optional'] === true && <span class="optional"> (optional)</span>}
    </>
  );
  const element = (
    <ElementView element={block['element']} blockId={blockId} isInput={block['dispatch_action'] !== true} isLabelled />
  );
  return (
    <div class={`block-input ${error === undefined ? '' : 'wrong'}`}>
      {GROUPS.includes(block['element']?.['type']) ? (
        <fieldset>
          <legend class="label">{name}</legend>
          {element}
        </fieldset>
      ) : (
        <label>
          <span class="label">{name}</span>
          {element}
        </label>
      )}
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

/** The page loads nothing from elsewhere: of a foreign picture its words are shown. */
function ImageView({ block }: { readonly block: Block }): VNode {
  const url = String(block['image_url'] ?? '');
  const words = String(block['alt_text'] ?? '');
  return url.startsWith('data:image/') ? <img src={url} alt={words} /> : <p class="unknown">[picture: {words}]</p>;
}
