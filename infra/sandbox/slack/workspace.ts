import { defined } from '#shared/core/defined.ts';

export interface SlackUser {
  readonly id: string;
  readonly name: string;
  readonly teamId: string;
  readonly isBot?: boolean;
}

export interface SlackChannel {
  readonly id: string;
  readonly name: string;
  readonly members: readonly string[];
  readonly isShared: boolean;
  /** Another company has been asked to share it. */
  readonly isPendingShared?: boolean;
  /** The other side of a direct message. */
  readonly with?: string;
}

/** A message as a person in the channel sees it. `editedAt` is ISO 8601; a deleted message keeps its last words here. */
export interface SlackMessage {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs?: string;
  /** A reply that is shown in the channel as well. */
  readonly isBroadcast?: true;
  readonly user: string;
  readonly text: string;
  readonly blocks: readonly unknown[];
  readonly ephemeralTo?: string;
  readonly editedAt?: string;
  /** What the app put beside the words; shown to whoever asks for it. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly deleted?: true;
  readonly files?: readonly { readonly id: string; readonly name: string; readonly title: string }[];
}

type NewMessage = Omit<SlackMessage, 'ts' | 'user'> & { readonly user?: string };

export const TEAM_ID = 'T0SANDBOX01';
export const ENTERPRISE_ID = 'E0SANDBOX01';
export const BOT_USER_ID = 'U0PATROLBOT';
export const BOT_ID = 'B0PATROL001';
export const APP_ID = 'A0PATROL001';

const person = (id: string, name: string, teamId = TEAM_ID): SlackUser => ({ id, name, teamId });
const USERS: readonly SlackUser[] = [
  person('U0ADMIN0001', 'admin'),
  person('U0OPERATOR1', 'operator'),
  person('U0APPROVER1', 'approver'),
  person('U0VIEWER001', 'viewer'),
  person('U0OUTSIDER1', 'outsider', 'T0OTHERTEAM'),
  { ...person(BOT_USER_ID, 'patrol'), isBot: true },
];
const COLLEAGUES = USERS.filter(({ teamId }) => teamId === TEAM_ID).map(({ id }) => id);
const CHANNELS: readonly SlackChannel[] = [
  { id: 'C0SECURITY1', name: 'security', members: COLLEAGUES, isShared: false },
  { id: 'C0GENERAL01', name: 'general', members: COLLEAGUES, isShared: false },
];
const GROUPS: readonly (readonly [string, readonly string[]])[] = [['S0ONCALL001', []]];
const HANDLES: ReadonlyMap<string, string> = new Map([['S0ONCALL001', 'oncall']]);

/** What a user group is called after its @. */
export const groupHandle = (id: string): string => HANDLES.get(id) ?? id.toLowerCase();

const byId = <T extends { readonly id: string }>(rows: readonly T[]) => new Map(rows.map((row) => [row.id, row]));

/** Keeps what was said. */
function createTranscript(now: () => Date) {
  let messages: SlackMessage[] = [];
  let lastMicroseconds = 0;

  /** A time stamp later than every one before it: seconds with six digits after the point. */
  const nextTs = (): string => {
    lastMicroseconds = Math.max(lastMicroseconds + 1, now().getTime() * 1_000);
    return `${Math.floor(lastMicroseconds / 1_000_000)}.${String(lastMicroseconds % 1_000_000).padStart(6, '0')}`;
  };
  const replace = (ts: string, message: SlackMessage): SlackMessage => {
    messages = messages.map((one) => (one.ts === ts ? message : one));
    return message;
  };

  return {
    messages: (): readonly SlackMessage[] => messages,
    message: (channel: string, ts: string): SlackMessage | undefined =>
      messages.find((one) => one.channel === channel && one.ts === ts && one.deleted === undefined),
    say: (message: NewMessage): SlackMessage => {
      const said = { user: BOT_USER_ID, ...message, ts: nextTs() };
      messages.push(said);
      return said;
    },
    /** Changes a message in place. */
    revise: (message: SlackMessage, change: Pick<SlackMessage, 'text' | 'blocks'>): SlackMessage =>
      replace(message.ts, { ...message, ...change, editedAt: now().toISOString() }),
    remove: (message: SlackMessage): void => {
      replace(message.ts, { ...message, deleted: true });
    },
    clear: (): void => {
      messages = [];
    },
  };
}

/** Who is in a channel. */
interface Membership {
  readonly members: readonly string[];
  readonly shared?: boolean;
  /** Another company has been asked to share it, and has not answered yet. */
  readonly pending?: boolean;
  readonly bot?: boolean;
}

/** A channel as it is to be. The bot stays in (or out) as it was, and is in a new one, unless `bot` says otherwise. */
function withMembers(
  id: string,
  known: SlackChannel | undefined,
  { members, shared, pending, bot }: Membership,
): SlackChannel {
  const hasBot = bot ?? known?.members.includes(BOT_USER_ID) ?? true;
  const people = members.filter((member) => member !== BOT_USER_ID);
  return {
    id,
    name: known?.name ?? id.toLowerCase(),
    members: hasBot ? [...people, BOT_USER_ID] : people,
    isShared: shared ?? known?.isShared ?? false,
    ...defined({ isPendingShared: pending ?? known?.isPendingShared }),
  };
}

/** Creates the workspace behind the Slack stand-in: people, channels, user groups and everything that was said. */
export function createSlackWorkspace(now: () => Date) {
  const users = byId(USERS);
  let channels = byId(CHANNELS);
  let groups = new Map(GROUPS);
  let unknownBlocks: readonly string[] = [];
  const { clear, ...transcript } = createTranscript(now);

  const directMessage = (userId: string): SlackChannel => {
    const id = `D${userId.slice(1)}`;
    const known = channels.get(id);
    if (known !== undefined) return known;
    const channel = { id, name: id.toLowerCase(), members: [userId, BOT_USER_ID], isShared: false, with: userId };
    channels.set(id, channel);
    return channel;
  };

  return {
    ...transcript,
    user: (id: string): SlackUser | undefined => users.get(id),
    users: (): readonly SlackUser[] => [...users.values()],
    channels: (): readonly SlackChannel[] => [...channels.values()],
    /** Finds a channel; a person's id stands for the direct message with them. */
    channel: (id: string): SlackChannel | undefined =>
      channels.get(id) ?? (users.has(id) && id !== BOT_USER_ID ? directMessage(id) : undefined),
    directMessage,
    groups: (): ReadonlyMap<string, readonly string[]> => groups,
    setGroup: (id: string, members: readonly string[]): void => {
      groups.set(id, [...members]);
    },
    setChannel: (id: string, membership: Membership): void => {
      channels.set(id, withMembers(id, channels.get(id), membership));
    },
    /** Types of blocks that no message and no view may hold. */
    unknownBlocks: (): readonly string[] => unknownBlocks,
    setUnknownBlocks: (types: readonly string[]): void => {
      unknownBlocks = types;
    },
    reset: (): void => {
      unknownBlocks = [];
      channels = byId(CHANNELS);
      groups = new Map(GROUPS);
      clear();
    },
  };
}

export type SlackWorkspace = ReturnType<typeof createSlackWorkspace>;
