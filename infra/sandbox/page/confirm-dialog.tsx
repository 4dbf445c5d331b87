import type { VNode } from 'preact';
import { useId } from 'preact/hooks';
import { Overlay } from './overlay.tsx';
import type { Block } from './page-state.ts';
import { TextObject } from './mrkdwn.tsx';

interface ConfirmDialogProps {
  readonly confirm: Block;
  onYes(): void;
  onNo(): void;
}

/** Shows Slack's "are you sure" dialog of an element. */
export function ConfirmDialog({ confirm, onYes, onNo }: ConfirmDialogProps): VNode {
  const titleId = useId();
  return (
    <Overlay labelledBy={titleId} onEscape={onNo}>
      <div class="dialog small">
        <header>
          <h2 id={titleId}>
            <TextObject text={confirm['title']} />
          </h2>
        </header>
        <div class="body">
          <p>
            <TextObject text={confirm['text']} />
          </p>
        </div>
        <footer>
          <button type="button" class="button" onClick={onNo}>
            <TextObject text={confirm['deny']} />
          </button>
          <button
            type="button"
            class={`button ${confirm['style'] === 'danger' ? 'danger' : 'primary'} solid`}
            onClick={onYes}
          >
            <TextObject text={confirm['confirm']} />
          </button>
        </footer>
      </div>
    </Overlay>
  );
}
