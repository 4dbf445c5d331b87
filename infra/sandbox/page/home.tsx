import type { VNode } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import { BlocksView } from './blocks-view.tsx';
import { type Surface, SurfaceContext, type Values } from './element-view.tsx';
import { SenderContext } from './use-sender.tsx';
import type { Block, PageState } from './page-state.ts';

/** Shows the app's Home tab of one person; opening it tells the app, as Slack does. */
export function Home({ state, userId }: { readonly state: PageState; readonly userId: string }): VNode {
  const sender = useContext(SenderContext);
  const [values, setValues] = useState<Values>({});
  useEffect(() => void sender.slack('home', { userId }), [sender, userId]);
  const home = state.views.find((view) => view.type === 'home' && view.userId === userId);
  if (home === undefined)
    return (
      <div class="messages">
        <p class="empty">Patrol has not published a Home tab for this person yet.</p>
      </div>
    );
  const surface: Surface = {
    values,
    change: (blockId, actionId, value) =>
      setValues((known) => ({ ...known, [blockId]: { ...known[blockId], [actionId]: value } })),
    press: (action) => void sender.slack('click', { userId, viewId: home.id, action, values }),
  };
  return (
    <div class="messages home">
      <SurfaceContext.Provider value={surface}>
        <BlocksView blocks={home.view['blocks'] as Block[]} />
      </SurfaceContext.Provider>
    </div>
  );
}
