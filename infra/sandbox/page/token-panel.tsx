import type { VNode } from 'preact';
import { useContext, useState } from 'preact/hooks';
import { AgePlot } from './age-plot.tsx';
import { SenderContext } from './use-sender.tsx';
import type { PageState, Token } from './page-state.ts';

/** More rows than this are found by searching, not by scrolling. */
const MOST_ROWS = 100;

/** Shows the tokens as the providers keep them, live, and leaks one through any alert source. */
export function TokenPanel({ state }: { readonly state: PageState }): VNode {
  const [wanted, setWanted] = useState('');
  const found = state.tokens.filter((token) => isFound(token, wanted));
  return (
    <>
      <input
        type="search"
        class="search"
        aria-label="Search tokens"
        placeholder="Search by name, owner, id or state"
        value={wanted}
        onInput={(event) => setWanted(event.currentTarget.value)}
      />
      <p class="counted" role="status">
        {found.length === state.tokens.length
          ? `${found.length} tokens`
          : `${found.length} of ${state.tokens.length} tokens`}
        . Press one to leak it.
      </p>
      <AgePlot tokens={state.tokens} thresholds={state.thresholds} />
      {state.profiles.map(({ name, provider }) => {
        const rows = found.filter((token) => token.profile === name);
        return (
          <section key={name} aria-label={name}>
            <h2>
              {name} <small>at {provider}</small>
            </h2>
            <ul class="tokens">
              {rows.slice(0, MOST_ROWS).map((token) => (
                <TokenRow key={token.id} token={token} sources={state.sources} />
              ))}
            </ul>
            {rows.length > MOST_ROWS && <p class="none">{rows.length - MOST_ROWS} more: search for them.</p>}
            <Mint profile={name} provider={provider} />
          </section>
        );
      })}
    </>
  );
}

/** Every word must be somewhere in what the row tells. */
function isFound({ name, id, owner, state, shortKey = '' }: Token, wanted: string): boolean {
  const told = `${name} ${id} ${owner} ${state} ${shortKey}`.toLowerCase();
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => told.includes(word));
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
        <span class="sign" aria-hidden="true">
          {isOpen ? '▾' : '▸'}
        </span>
      </button>
      {isOpen && (
        <div class="details">
          <p>
            <code>{token.id}</code>
          </p>
          <p>
            Owner {token.owner} · made {token.createdAt.slice(0, 10)}
            {token.lastUsedAt === undefined ? '' : ` · used ${token.lastUsedAt.slice(0, 10)}`}
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
