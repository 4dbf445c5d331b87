import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface OverlayProps {
  /** Id of the heading that names the dialog. */
  readonly labelledBy: string;
  onEscape(): void;
  readonly children: ComponentChildren;
}

const REACHABLE = 'a[href], button:not(:disabled), input, select, textarea, summary';

/** Puts a dialog over the page: the rest is out of reach, Tab stays inside, Escape closes, the focus goes back after it. */
export function Overlay({ labelledBy, onEscape, children }: OverlayProps): VNode {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = box.current;
    const opener = document.activeElement as HTMLElement | null;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>('textarea, .body input, footer .solid, footer button')?.focus();
    return () => {
      dialog?.close();
      (opener?.isConnected === true ? opener : document.querySelector<HTMLElement>('.composer input'))?.focus();
    };
  }, []);
  return (
    <dialog
      ref={box}
      class="overlay"
      aria-labelledby={labelledBy}
      onCancel={(event) => {
        event.preventDefault();
        onEscape();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Tab') stayInside(event);
      }}
    >
      {children}
    </dialog>
  );
}

function stayInside(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>(REACHABLE)];
  const [from, to] = event.shiftKey ? [all.at(0), all.at(-1)] : [all.at(-1), all.at(0)];
  if (document.activeElement !== from) return;
  event.preventDefault();
  to?.focus();
}
