import type { VNode } from 'preact';
import { useContext, useId, useState } from 'preact/hooks';
import { BlocksView } from './blocks-view.tsx';
import { type Surface, SurfaceContext, type Values } from './element-view.tsx';
import { SenderContext } from './use-sender.tsx';
import { Overlay } from './overlay.tsx';
import type { Block, OpenView } from './page-state.ts';
import { TextObject } from './mrkdwn.tsx';
import { formValues, missingInputs } from './form-values.ts';

/** What is typed into a modal, and what its submission is answered with. */
function useModal({ id, view }: OpenView, userId: string) {
  const sender = useContext(SenderContext);
  const [chosen, setValues] = useState<Values>({});
  const values = formValues(view, chosen);
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  const [isBusy, setBusy] = useState(false);
  const surface: Surface = {
    values,
    change: (blockId, actionId, value) =>
      setValues((known) => ({ ...known, [blockId]: { ...known[blockId], [actionId]: value } })),
    press: (action) => void sender.slack('click', { userId, viewId: id, action, values }),
  };
  const submit = async (): Promise<void> => {
    const missing = missingInputs(view, values);
    setErrors(missing);
    if (Object.keys(missing).length > 0) return;
    setBusy(true);
    const sent = await sender.slack('submit', { userId, viewId: id, values });
    setBusy(false);
    const answer = sent?.body as
      | { readonly response_action?: string; readonly errors?: Record<string, string> }
      | undefined;
    if (answer?.response_action === 'errors') setErrors(answer.errors ?? {});
  };
  const close = (): void => void sender.slack('close', { userId, viewId: id });
  return { surface, errors, isBusy, submit, close };
}

/** Shows a modal; its inputs are sent as Slack would, and errors come back under their inputs. */
export function Modal({ open, userId }: { readonly open: OpenView; readonly userId: string }): VNode {
  const { surface, errors, isBusy, submit, close } = useModal(open, userId);
  const titleId = useId();
  const { view } = open;
  return (
    <Overlay labelledBy={titleId} onEscape={close}>
      <form
        class="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <header>
          <h2 id={titleId}>
            <TextObject text={view['title']} />
          </h2>
          <button type="button" class="plain-button" aria-label="Close" onClick={close}>
            ✕
          </button>
        </header>
        <SurfaceContext.Provider value={surface}>
          <div class="body">
            <BlocksView blocks={view['blocks'] as Block[]} errors={errors} />
          </div>
        </SurfaceContext.Provider>
        <footer>
          <button type="button" class="button" onClick={close}>
            {view['close'] === undefined ? 'Cancel' : <TextObject text={view['close']} />}
          </button>
          {view['submit'] !== undefined && (
            <button type="submit" class="button primary solid" disabled={isBusy}>
              <TextObject text={view['submit']} />
            </button>
          )}
        </footer>
      </form>
    </Overlay>
  );
}
