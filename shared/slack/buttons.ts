import { sha256Hex } from '#shared/core/hmac-sha256.ts';
import type { Notes } from '#shared/store/store.ts';
import type { Press } from './listeners/press.ts';
import { type Bond, type ButtonKeys, encryptValues, openPress } from './encrypt-values.ts';

interface ButtonsDeps {
  readonly keys: ButtonKeys;
  readonly notes: Pick<Notes, 'claim'>;
  /** A fresh unguessable id, URL-safe. */
  readonly newId: () => string;
}

/** Where a press came from, as Slack says. */
export interface PressedAt {
  readonly userId: string;
  readonly channel?: string | undefined;
  readonly ts?: string | undefined;
  /** The window or App Home in which it was. */
  readonly viewId?: string | undefined;
}

/** A message whose buttons work in it alone, and what ties them to it once its address is known. */
export interface Bound<T> {
  readonly message: T;
  /** Never throws: until it is done, the first press decides which message is the one. */
  readonly bind: (ts: string | undefined) => Promise<void>;
}

/**
 * Makes buttons work where Patrol has put them, and nowhere else: a copy in another message, channel or window does
 * nothing, whoever presses it, and so does a button that Patrol never made.
 */
export interface Buttons {
  forPost<T>(channel: string, message: T): Bound<T>;
  forEdit<T>(at: { readonly channel: string; readonly ts: string }, message: T): T;
  forView<T>(viewId: string, view: T): T;
  forHome<T>(userId: string, view: T): T;
  /** Gives a press its value; none where the value was not made for this place. Throws the store's faults. */
  open(press: Press, at: PressedAt): Promise<Press>;
}

/** What a mark begins with tells how it was made; it stands in what is signed, and in clear. */
const MARK_LENGTH = 9;
const POSTED = 'p';
const EDITED = 'e';
/** As long as a card may wait for somebody; afterwards the next press decides which message is the one. */
const KEPT_SECONDS = 365 * 86_400;
/** A window or App Home has no other message that could be taken for it. */
const IN_VIEW = 'v-in-view-';

const channelPlace = (channel: string): string => `#${channel}`;
const viewPlace = (viewId: string): string => `view:${viewId}`;
const homePlace = (userId: string): string => `@${userId}`;

/** The mark of a message whose address was known when its buttons were made. */
function markOf(channel: string, ts: string): string {
  return `${EDITED}${sha256Hex(`${channel}:${ts}`).slice(0, MARK_LENGTH)}`;
}

/** Makes the buttons of one stage. */
export function createButtons({ keys, notes, newId }: ButtonsDeps): Buttons {
  const inView = (place: string): Bond => ({ place, mark: IN_VIEW });
  const claim = (mark: string, channel: string, ts: string) =>
    notes.claim(`button:${mark}`, KEPT_SECONDS, { by: `${channel}:${ts}` });
  return {
    forPost: (channel, message) => {
      const mark = `${POSTED}${newId().slice(0, MARK_LENGTH).padEnd(MARK_LENGTH, '_')}`;
      const made = encryptValues(keys, message, { place: channelPlace(channel), mark });
      const hasButtons = JSON.stringify(made).includes(`~${mark}~`);
      return {
        message: made,
        bind: async (ts) => {
          if (ts !== undefined && hasButtons) await claim(mark, channel, ts).catch(() => false);
        },
      };
    },
    forEdit: ({ channel, ts }, message) =>
      encryptValues(keys, message, { place: channelPlace(channel), mark: markOf(channel, ts) }),
    forView: (viewId, view) => encryptValues(keys, view, inView(viewPlace(viewId))),
    forHome: (userId, view) => encryptValues(keys, view, inView(homePlace(userId))),
    open: async (press, { userId, channel, ts, viewId }) => {
      const places = viewId !== undefined ? [viewPlace(viewId), homePlace(userId)] : [channelPlace(channel ?? '')];
      const { press: opened, mark } = openPress(keys, press, places);
      if (mark === undefined || viewId !== undefined) return opened;
      if (channel === undefined || ts === undefined) return { ...opened, value: undefined };
      const isHere = mark.startsWith(POSTED) ? await claim(mark, channel, ts) : mark === markOf(channel, ts);
      return isHere ? opened : { ...opened, value: undefined };
    },
  };
}
