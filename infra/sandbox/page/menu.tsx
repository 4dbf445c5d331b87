import type { VNode } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

interface MenuProps {
  readonly label: string;
  readonly items: readonly { readonly key: string; readonly show: VNode }[];
  pick(key: string): void;
}

/** A button with a menu: the focus goes in, arrows move in it, Escape and a look elsewhere close it. */
export function Menu({ label, items, pick }: MenuProps): VNode {
  const [isOpen, setOpen] = useState(false);
  const box = useRef<HTMLSpanElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const entries = (): HTMLElement[] => [...(box.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
  useLayoutEffect(() => {
    if (!isOpen) return undefined;
    entries()[0]?.focus();
    const leave = (event: Event): void => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', leave);
    return () => document.removeEventListener('pointerdown', leave);
  }, [isOpen]);

  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  const move = (event: KeyboardEvent): void => {
    if (!isOpen) return;
    const all = entries();
    const here = all.indexOf(document.activeElement as HTMLElement);
    const next = { ArrowDown: here + 1, ArrowUp: here - 1 + all.length, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === 'Escape') close();
    else if (event.key === 'Tab') setOpen(false);
    else if (next !== undefined) all[next % all.length]?.focus();
    if (event.key === 'Escape' || next !== undefined) event.preventDefault();
  };
  return (
    <span ref={box} class="overflow" onKeyDown={move}>
      <button
        ref={button}
        type="button"
        class="button"
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        ⋯
      </button>
      {isOpen && (
        <Items
          label={label}
          items={items}
          pick={(key) => {
            close();
            pick(key);
          }}
        />
      )}
    </span>
  );
}

function Items({ label, items, pick }: MenuProps): VNode {
  return (
    <span class="menu" role="menu" aria-label={label}>
      {items.map(({ key, show }) => (
        <button key={key} type="button" role="menuitem" tabIndex={-1} onClick={() => pick(key)}>
          {show}
        </button>
      ))}
    </span>
  );
}
