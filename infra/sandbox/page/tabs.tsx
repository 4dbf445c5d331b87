import type { ComponentChildren, VNode } from 'preact';
import { useRef } from 'preact/hooks';

interface TabsProps<K extends string> {
  readonly label: string;
  readonly titles: Readonly<Record<K, string>>;
  readonly chosen: K;
  choose(key: K): void;
}

const STEPS: Readonly<Record<string, (index: number, count: number) => number>> = {
  ArrowRight: (index, count) => (index + 1) % count,
  ArrowLeft: (index, count) => (index + count - 1) % count,
  Home: () => 0,
  End: (_index, count) => count - 1,
};

/** A row of tabs: one stop of the Tab key, arrows move and choose. Each has a `TabPanel`. */
export function Tabs<K extends string>({ label, titles, chosen, choose }: TabsProps<K>): VNode {
  const box = useRef<HTMLDivElement>(null);
  const keys = Object.keys(titles) as K[];
  const move = (event: KeyboardEvent): void => {
    const next = STEPS[event.key]?.(keys.indexOf(chosen), keys.length);
    if (next === undefined) return;
    event.preventDefault();
    choose(keys[next] ?? chosen);
    box.current?.querySelectorAll<HTMLElement>('[role=tab]')[next]?.focus();
  };
  return (
    <div ref={box} class="tabs" role="tablist" aria-label={label} onKeyDown={move}>
      {keys.map((key) => (
        <button
          key={key}
          type="button"
          role="tab"
          id={`tab-${key}`}
          aria-controls={`panel-${key}`}
          aria-selected={key === chosen}
          tabIndex={key === chosen ? 0 : -1}
          onClick={() => choose(key)}
        >
          {titles[key]}
        </button>
      ))}
    </div>
  );
}

/** What a tab shows; what is not chosen is there, hidden. */
export function TabPanel(props: {
  readonly of: string;
  readonly isChosen: boolean;
  readonly children?: ComponentChildren;
}): VNode {
  return (
    <div role="tabpanel" id={`panel-${props.of}`} aria-labelledby={`tab-${props.of}`} hidden={!props.isChosen}>
      {props.children}
    </div>
  );
}
