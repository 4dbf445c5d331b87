import type { Message, PageState } from './page-state.ts';

/** What a step is judged by: the sandbox, and where the reader stands. */
export interface Facts {
  readonly state: PageState;
  readonly userId: string;
  readonly place: string;
  readonly panel: string;
  /** The newest message when the step began. */
  readonly since: string;
}

/** One thing that the reader does; `do` is what the page can do for them. */
export interface Step {
  readonly words: string;
  readonly as?: string;
  readonly place?: string;
  /** A command that is put into the field, for the reader to send. */
  readonly type?: string;
  readonly leak?: { readonly token: string; readonly source: string };
  readonly panel?: 'trace';
  isDone(facts: Facts): boolean;
}

export interface Story {
  readonly title: string;
  readonly why: string;
  readonly steps: readonly Step[];
}

const tokenIs =
  (name: string, wanted: string) =>
  ({ state }: Facts): boolean =>
    state.tokens.find((token) => token.name === name)?.state === wanted;

const idOf = (state: PageState, name: string): string =>
  [...state.users, ...state.channels].find((each) => each.name === name)?.id ?? '';

const isIn =
  (place: string) =>
  (facts: Facts): boolean =>
    facts.place === idOf(facts.state, place);

const stands =
  (person: string) =>
  (facts: Facts): boolean =>
    facts.userId === idOf(facts.state, person);

const isNew = ({ state, since, place }: Facts, message: Message): boolean =>
  message.channel === place && message.user === state.botUserId && Number(message.ts) > Number(since);

/** Patrol has said something here since the step began. */
const isAnswered = (facts: Facts): boolean => facts.state.messages.some((message) => isNew(facts, message));

const every =
  (...conditions: ((facts: Facts) => boolean)[]) =>
  (facts: Facts): boolean =>
    conditions.every((holds) => holds(facts));

/** What the button beside a step does for the reader, if it does anything; a press in a message is theirs. */
export function helpLabel({ as, place, type, leak, panel }: Step): string | undefined {
  if (leak !== undefined) return 'Leak it';
  if (type !== undefined) return 'Put it into the field';
  if (panel !== undefined) return 'Open the trace';
  if (as !== undefined) return `Become ${as}`;
  return place === undefined ? undefined : 'Go there';
}

const LEAKED = 'ci-deploy';
const STALE = ['eval-runner', 'proof-of-concept'] as const;
const DOOMED = 'contractor-2024';

/** The three guided stories; each step knows by the facts when it is done, not by a press. */
export const STORIES: readonly Story[] = [
  {
    title: 'Kill a leaked token',
    why: 'A scanner finds a token in a public repository. It is dead before anybody could have read the alert.',
    steps: [
      {
        words: 'You are the operator on call, in #security.',
        as: 'operator',
        place: 'security',
        isDone: every(stands('operator'), isIn('security')),
      },
      {
        words: `Let GitHub report that ${LEAKED} was found in a public repository, and watch the channel.`,
        leak: { token: LEAKED, source: 'github' },
        isDone: every(tokenIs(LEAKED, 'inactive'), isAnswered),
      },
      {
        words: 'See what happened in between: press Trace beside the card, or here.',
        panel: 'trace',
        isDone: ({ panel }) => panel === 'trace',
      },
      {
        words: 'It was a false alarm, say. Bring it back: press Undo on the card, or send this; then say yes.',
        place: 'security',
        type: `activate ${LEAKED} because it was a test repository`,
        isDone: tokenIs(LEAKED, 'active'),
      },
      {
        words: 'It was none, after all. Switch it off again.',
        place: 'security',
        type: `deactivate ${LEAKED} because the key is on a pastebin`,
        isDone: every(tokenIs(LEAKED, 'inactive'), isAnswered),
      },
    ],
  },
  {
    title: 'Clean up stale ones',
    why: 'Two tokens that nobody has used for months. They go in one run, and would come back in one.',
    steps: [
      {
        words: 'You are the operator, in #general.',
        as: 'operator',
        place: 'general',
        isDone: every(stands('operator'), isIn('general')),
      },
      {
        words: 'See what is older than half a year.',
        type: 'list --older-than 180d',
        isDone: isAnswered,
      },
      {
        words: 'Switch two of them off in one go. Patrol shows what would happen, and waits.',
        type: `deactivate ${STALE.map((name) => `"${name}"`).join(' ')} because nobody has used them for months`,
        isDone: isAnswered,
      },
      {
        words: 'Read the preview, then press its Deactivate button.',
        isDone: every(...STALE.map((name) => tokenIs(name, 'inactive'))),
      },
      {
        words: 'Somebody misses one. It comes back as it was.',
        type: `activate ${STALE[0]} because its team still needs it`,
        isDone: tokenIs(STALE[0], 'active'),
      },
    ],
  },
  {
    title: 'Delete with a second person',
    why: 'A delete cannot be undone, so the policy wants two people.',
    steps: [
      {
        words: 'You are the operator, in #general.',
        as: 'operator',
        place: 'general',
        isDone: every(stands('operator'), isIn('general')),
      },
      {
        words: `Ask for the delete of ${DOOMED}.`,
        type: `delete ${DOOMED} because the contract has ended`,
        isDone: isAnswered,
      },
      {
        words: 'Confirm it: press Delete in the preview. It still lives; now another person is asked.',
        isDone: ({ state, place, since }) =>
          state.messages.some(
            (message) =>
              message.channel === place &&
              (Number(message.ts) > Number(since) || Date.parse(message.editedAt ?? '') > Number(since) * 1000) &&
              JSON.stringify(message.blocks).includes('patrol:approve'),
          ),
      },
      {
        words: 'Become the approver. Nobody approves their own request.',
        as: 'approver',
        isDone: stands('approver'),
      },
      {
        words: 'Press Approve delete, and say yes.',
        place: 'general',
        isDone: tokenIs(DOOMED, 'deleted'),
      },
    ],
  },
];
