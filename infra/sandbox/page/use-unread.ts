import { useCallback, useEffect } from 'preact/hooks';
import type { PageState } from './page-state.ts';
import { countUnread, markRead, type ReadMarks } from './count-unread.ts';
import { useKept } from './use-kept.ts';

interface Looking {
  readonly userId: string;
  readonly place: string;
}

/** Counts what a person has not read in each place, and marks as read what is looked at. */
export function useUnread(state: PageState, looking: Looking): (place: string) => number {
  const [marks, setMarks] = useKept<ReadMarks>('read', {}, (kept) => typeof kept === 'object' && kept !== null);
  const { userId, place } = looking;
  useEffect(() => {
    if (!document.hidden) setMarks((known) => markRead(state, { userId, place }, known));
  }, [state, userId, place, setMarks]);
  const unread = useCallback(
    (other: string) => (other === place ? 0 : countUnread(state, { userId, place: other }, marks)),
    [state, userId, place, marks],
  );
  return unread;
}
