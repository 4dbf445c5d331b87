import { createContext, type VNode } from 'preact';
import { useCallback, useMemo, useState } from 'preact/hooks';
import { call, type Sent, slackComplaint } from './page-state.ts';

/** Sends things on behalf of the page, and says when something went wrong. */
export interface Sender {
  /** Asks the sandbox to sign and send a Slack request; resolves to what came back, or `undefined` when it could not. */
  slack(what: 'command' | 'click' | 'submit' | 'close' | 'home', body: object): Promise<Sent | undefined>;
  /** Calls another of the sandbox's addresses; resolves to its answer, or `undefined` when it refused. */
  sandbox<T>(path: string, body: object): Promise<T | undefined>;
  say(text: string): void;
}

export const SenderContext = createContext<Sender>({
  slack: () => Promise.resolve(undefined),
  sandbox: () => Promise.resolve(undefined),
  say: () => undefined,
});

const SHOWN_MS = 6000;

/** Gives a sender and the notices that it makes. */
export function useSender(): { readonly sender: Sender; readonly notices: VNode } {
  const [texts, setTexts] = useState<readonly { readonly id: number; readonly text: string }[]>([]);
  const say = useCallback((text: string) => {
    const id = Math.random();
    setTexts((known) => [...known, { id, text }]);
    setTimeout(() => setTexts((known) => known.filter((each) => each.id !== id)), SHOWN_MS);
  }, []);
  const sender = useMemo<Sender>(() => {
    const sandbox = async <T,>(path: string, body: object): Promise<T | undefined> => {
      try {
        return await call<T>(path, body);
      } catch (error) {
        say(error instanceof Error ? error.message : String(error));
        return undefined;
      }
    };
    return {
      say,
      sandbox,
      slack: async (what, body) => {
        const sent = await sandbox<Sent>(`slack/${what}`, body);
        const complaint = sent === undefined ? undefined : slackComplaint(sent);
        if (complaint !== undefined) say(complaint);
        return sent;
      },
    };
  }, [say]);
  const notices = (
    <div class="notices" role="status">
      {texts.map(({ id, text }) => (
        <p key={id}>{text}</p>
      ))}
    </div>
  );
  return { sender, notices };
}
