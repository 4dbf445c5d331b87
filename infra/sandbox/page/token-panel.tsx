import type { VNode } from 'preact';
import { useContext, useState } from 'preact/hooks';
import { SenderContext } from './notices.tsx';
import type { PageState, Token } from './state.ts';

/** Shows the tokens as the providers keep them, live, and leaks one through any alert source. */
export function TokenPanel({ state }: { readonly state: PageState }): VNode {
  return (
    <>
      {state.profiles.map(({ name, provider }) => (
        <section key={name}>
          <h3>
            {name} <small>at {provider}</small>
          </h3>
          <ul class="tokens">
            {state.tokens
              .filter((token) => token.profile === name)
              .map((token) => (
                <TokenRow key={token.id} token={token} sources={state.sources} />
              ))}
          </ul>
          <Mint profile={name} provider={provider} />
        </section>
      ))}
    </>
  );
}

function TokenRow({ token, sources }: { readonly token: Token; readonly sources: readonly string[] }): VNode {
  const sender = useContext(SenderContext);
  const [isOpen, setOpen] = useState(false);
  const leak = (source: string): void => {
    setOpen(false);
    void sender.sandbox('leak', { tokenId: token.id, source }).then((answer) => {
      if (answer !== undefined) sender.say(`Leaked ${token.name} through ${source}.`);
    });
  };
  return (
    <li class={token.state}>
      <button type="button" class="token" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <span class={`state ${token.state}`}>{token.state}</span>
        <span class="name">{token.name === '' ? token.id : token.name}</span>
      </button>
      {isOpen && (
        <div class="details">
          <p>
            <code>{token.id}</code>
          </p>
          <p>
            Owner {token.owner} · made {token.createdAt.slice(0, 10)}
            {token.shortKey === undefined ? '' : ` · ${token.shortKey}`}
          </p>
          <p>Leak it as an alert of:</p>
          <div class="chips">
            {sources.map((source) => (
              <button key={source} type="button" onClick={() => leak(source)}>
                {source}
              </button>
            ))}
          </div>
        </div>
      )}
    </li>
  );
}

function Mint({ profile, provider }: { readonly profile: string; readonly provider: string }): VNode {
  const sender = useContext(SenderContext);
  const [name, setName] = useState('');
  return (
    <form
      class="line mint"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() === '') return;
        void sender.sandbox('tokens', { provider, profile, name: name.trim() });
        setName('');
      }}
    >
      <input
        aria-label="Name of a new token"
        placeholder="name of a new token"
        value={name}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <button type="submit" class="button">
        Mint
      </button>
    </form>
  );
}
