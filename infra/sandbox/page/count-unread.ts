import type { Message, PageState } from './page-state.ts';

/** A place where people read: a channel, or a person's conversation with the app. */
export interface Place {
  readonly id: string;
  readonly name: string;
}

/** Up to which time stamp a person has read a place: `<person> <place>` → ts. */
export type ReadMarks = Readonly<Record<string, string>>;

/** Tells whether this person can see the message at all: nobody reads what is meant for another. */
export function isSeenBy(message: Message, userId: string): boolean {
  return message.deleted !== true && (message.ephemeralTo === undefined || message.ephemeralTo === userId);
}

/** The channels, and this person's own conversation with the app; nobody else's. */
export function placesOf(state: PageState, userId: string): { channels: readonly Place[]; own: readonly Place[] } {
  return {
    channels: state.channels,
    own: state.directMessages.filter((each) => each.with === userId).map(({ id }) => ({ id, name: 'Patrol' })),
  };
}

/** How many messages of a place came after the person last looked. An edit is no news, as in Slack. */
export function countUnread(
  state: PageState,
  at: { readonly userId: string; readonly place: string },
  marks: ReadMarks,
) {
  const read = Number(marks[`${at.userId} ${at.place}`] ?? 0);
  return state.messages.filter(
    (message) => message.channel === at.place && Number(message.ts) > read && isSeenBy(message, at.userId),
  ).length;
}

/** The marks after the person has seen everything that is in the place now; the same object when nothing is new. */
export function markRead(
  state: PageState,
  at: { readonly userId: string; readonly place: string },
  marks: ReadMarks,
): ReadMarks {
  const newest = state.messages
    .filter((message) => message.channel === at.place && isSeenBy(message, at.userId))
    .reduce((latest, { ts }) => (Number(ts) > Number(latest) ? ts : latest), '0');
  const key = `${at.userId} ${at.place}`;
  return Number(newest) > Number(marks[key] ?? 0) ? { ...marks, [key]: newest } : marks;
}
