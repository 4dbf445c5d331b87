import { useEffect, useState } from 'preact/hooks';
import type { PageState } from './page-state.ts';

const POLL_MS = 400;

/** Gives the sandbox's state, fresh several times a second while the page is looked at; `undefined` until the first. */
export function usePageState(): { readonly state: PageState | undefined; readonly isLost: boolean } {
  const [state, setState] = useState<PageState>();
  const [isLost, setLost] = useState(false);
  useEffect(() => {
    let isOpen = true;
    let version = '';
    const poll = async (): Promise<void> => {
      try {
        const response = await fetch('/sandbox/page/state', { headers: { 'if-none-match': version } });
        if (response.status === 200) {
          version = response.headers.get('etag') ?? '';
          setState((await response.json()) as PageState);
        }
        setLost(false);
      } catch {
        setLost(true);
      }
      if (isOpen) setTimeout(() => void poll(), document.hidden ? POLL_MS * 10 : POLL_MS);
    };
    void poll();
    return () => {
      isOpen = false;
    };
  }, []);
  return { state, isLost };
}
