import type { VNode } from 'preact';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import { SenderContext } from './use-sender.tsx';
import { useKept } from './use-kept.ts';

const EXAMPLES = ['list', 'help', 'deactivate ', 'profiles', 'cases', 'whoami', 'leak'];
const EMPTY = '/pat ';

/** A command that a story puts into the field; each one is a new object. */
export interface Offered {
  readonly text: string;
}

interface ComposerProps {
  readonly offered: Offered | undefined;
  readonly channel: string;
  readonly userId: string;
  echo(text: string): void;
}

/** What was sent from this page, oldest first; kept in memory only, for somebody may type a secret. */
const sent: string[] = [];
/** The last offer that a field took: it must not come back in the next one. */
let taken: Offered | undefined;

/** Goes through what was sent, by the arrows. */
function useSent(show: (text: string) => void) {
  const [back, setBack] = useState(0);
  const remember = (typed: string): void => {
    if (sent.at(-1) !== typed) sent.push(typed);
    setBack(0);
  };
  const recall = (event: KeyboardEvent): void => {
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (step === undefined) return;
    const next = Math.min(sent.length, Math.max(0, back + step));
    event.preventDefault();
    setBack(next);
    show(next === 0 ? EMPTY : (sent.at(-next) ?? EMPTY));
  };
  return { remember, recall };
}

/** Where one types. The draft of each place and person outlives a reload; arrows go through what was sent. */
export function Composer({ channel, userId, offered, echo }: ComposerProps): VNode {
  const sender = useContext(SenderContext);
  const [text, setText] = useKept(`draft ${userId} ${channel}`, EMPTY, (kept) => typeof kept === 'string');
  const { remember, recall } = useSent(setText);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (offered === undefined || offered === taken) return;
    taken = offered;
    setText(offered.text);
    input.current?.focus();
  }, [offered, setText]);
  const send = (): void => {
    const typed = text.trim();
    const command = /^\/pat\b\s*(.*)$/s.exec(typed);
    if (command === null) return sender.say('Only /pat … is understood here.');
    remember(typed);
    setText(EMPTY);
    echo(typed);
    void sender.slack('command', { userId, channel, text: command[1] ?? '' });
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Examples
        choose={(example) => {
          setText(`/pat ${example}`);
          input.current?.focus();
        }}
      />
      <div class="line">
        <input
          ref={input}
          type="text"
          aria-label="Message"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          enterkeyhint="send"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={recall}
        />
        <button type="submit" class="button primary solid">
          Send
        </button>
      </div>
    </form>
  );
}

function Examples({ choose }: { choose(example: string): void }): VNode {
  return (
    <div class="chips">
      {EXAMPLES.map((example) => (
        <button key={example} type="button" onClick={() => choose(example)}>
          {example.trim()}
        </button>
      ))}
    </div>
  );
}
