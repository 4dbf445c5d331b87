import { createContext, type VNode } from 'preact';
import { useContext, useState } from 'preact/hooks';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { Control } from './control.tsx';
import type { Block } from './page-state.ts';

/** What an element reports when somebody uses it: its own ids, its type and what was chosen, as Slack would send it. */
export type Press = Readonly<Record<string, unknown>>;

/** Where an element lives: how a press is sent, and the values of the inputs around it. */
export interface Surface {
  press(press: Press): void;
  /** The values as `state.values` of Slack's payloads. */
  readonly values: Values;
  change(blockId: string, actionId: string, value: Block): void;
}
export type Values = Readonly<Record<string, Readonly<Record<string, Block>>>>;

export const SurfaceContext = createContext<Surface>({ press: () => undefined, values: {}, change: () => undefined });

interface ElementProps {
  readonly element: Block;
  readonly blockId: string;
  /** Inside an input block a choice is only kept; elsewhere it is sent at once. */
  readonly isInput?: boolean;
  readonly isLabelled?: boolean;
}

/** Shows one interactive element of Block Kit. */
export function ElementView({ element, blockId, isInput = false, isLabelled = false }: ElementProps): VNode {
  const { press, change, values } = useContext(SurfaceContext);
  const [asking, setAsking] = useState<(() => void) | undefined>();
  const actionId = String(element['action_id'] ?? '');
  const value = values[blockId]?.[actionId] ?? {};
  const base = { type: element['type'], action_id: actionId, block_id: blockId };

  /** Sends after Slack's own "are you sure" dialog, where the element asks for one. */
  const send = (chosen: Block): void => {
    const go = (): void => press({ ...base, ...chosen });
    if (element['confirm'] === undefined) go();
    else setAsking(() => go);
  };
  const choose = (chosen: Block): void => {
    change(blockId, actionId, { type: element['type'], ...chosen });
    if (!isInput) send(chosen);
  };
  const dialog =
    asking === undefined ? null : (
      <ConfirmDialog
        confirm={element['confirm'] as Block}
        onYes={() => {
          setAsking(undefined);
          asking();
        }}
        onNo={() => setAsking(undefined)}
      />
    );
  return (
    <>
      <Control element={element} value={value} isLabelled={isLabelled} send={send} choose={choose} />
      {dialog}
    </>
  );
}
