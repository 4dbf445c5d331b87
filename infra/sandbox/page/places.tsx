import type { VNode } from 'preact';
import { colour } from './colour.ts';
import type { PageState } from './page-state.ts';
import { placesOf } from './count-unread.ts';

export interface PlacesProps {
  readonly state: PageState;
  readonly userId: string;
  readonly place: string;
  unread(place: string): number;
  go(place: string): void;
  become(userId: string): void;
}

/** The column on the left: channels, one's own conversation with the app, its Home tab, and who one is. */
export function Places({ state, userId, place, unread, go, become }: PlacesProps): VNode {
  const { channels, own } = placesOf(state, userId);
  const entry = (id: string, sign: string, name: string): VNode => {
    const count = unread(id);
    return (
      <button
        key={id}
        type="button"
        class={`${id === place ? 'chosen' : ''} ${count > 0 ? 'unread' : ''}`}
        aria-current={id === place ? 'page' : undefined}
        onClick={() => go(id)}
      >
        <span aria-hidden="true">{sign}</span> {name}
        {count > 0 && (
          <span class="badge">
            {count}
            <span class="unseen"> unread</span>
          </span>
        )}
      </button>
    );
  };
  return (
    <nav aria-label="Places and people">
      <p class="brand">
        <span class="avatar bot" aria-hidden="true">
          P
        </span>{' '}
        Patrol <small>sandbox</small>
      </p>
      <h2>Channels</h2>
      {channels.map(({ id, name }) => entry(id, '#', name))}
      <h2>Direct messages</h2>
      {own.length === 0 ? <p class="none">none yet</p> : own.map(({ id, name }) => entry(id, '●', name))}
      <h2>Apps</h2>
      {entry('home', '⌂', 'Patrol Home')}
      <h2>You are</h2>
      {peopleOf(state).map(({ id, name }) => (
        <button
          key={id}
          type="button"
          class={id === userId ? 'chosen' : ''}
          aria-pressed={id === userId}
          onClick={() => become(id)}
        >
          <span class="avatar tiny" style={{ background: colour(id) }} aria-hidden="true">
            {name.slice(0, 1).toUpperCase()}
          </span>{' '}
          {name}
        </button>
      ))}
    </nav>
  );
}

/** The same choices as two selects, for a screen without room for the column. */
export function PlacePicker({ state, userId, place, unread, go, become }: PlacesProps): VNode {
  const { channels, own } = placesOf(state, userId);
  const marked = (id: string, name: string): string => (unread(id) > 0 ? `${name} (${unread(id)} unread)` : name);
  return (
    <div class="picker">
      <select class="place" aria-label="Channel" value={place} onChange={(event) => go(event.currentTarget.value)}>
        {channels.map(({ id, name }) => (
          <option key={id} value={id}>
            {marked(id, `# ${name}`)}
          </option>
        ))}
        {own.map(({ id, name }) => (
          <option key={id} value={id}>
            {marked(id, `● ${name}, direct`)}
          </option>
        ))}
        <option value="home">Patrol Home</option>
      </select>
      <select class="who" aria-label="You are" value={userId} onChange={(event) => become(event.currentTarget.value)}>
        {peopleOf(state).map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

const peopleOf = (state: PageState) => state.users.filter(({ id }) => id !== state.botUserId);
