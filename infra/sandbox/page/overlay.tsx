import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface OverlayProps {
  onEscape(): void;
  readonly children: ComponentChildren;
}

/** Puts a dialog over the page, gives it the focus, and closes it with Escape. */
export function Overlay({ onEscape, children }: OverlayProps): VNode {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.querySelector<HTMLElement>('textarea, .body input, footer .solid, footer button')?.focus();
  }, []);
  useEffect(() => {
    const leave = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') onEscape();
    };
    document.addEventListener('keydown', leave);
    return () => document.removeEventListener('keydown', leave);
  }, [onEscape]);
  return (
    <div ref={box} class="backdrop" role="dialog" aria-modal="true">
      {children}
    </div>
  );
}
