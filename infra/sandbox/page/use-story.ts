import { useEffect } from 'preact/hooks';
import type { Sender } from './use-sender.tsx';
import type { PageState } from './page-state.ts';
import { type Step, STORIES, type Story } from './stories.ts';
import { useKept } from './use-kept.ts';

/** Where the reader stands, and what the page can do for them. */
export interface Reader {
  readonly state: PageState;
  readonly userId: string;
  readonly place: string;
  readonly panel: string;
  readonly sender: Sender;
  go(place: string): void;
  become(userId: string): void;
  /** Puts a command into the field where one types. */
  offer(text: string): void;
  openPanel(panel: 'trace'): void;
  /** On a narrow screen: back to the conversation. */
  backToChat(): void;
}

/** A story that somebody is in. */
export interface Told {
  readonly story: Story;
  /** How many of its steps are done. */
  readonly at: number;
  /** The step it is on; none at its end. */
  readonly step: Step | undefined;
}

export interface StoryTeller {
  readonly told: Told | undefined;
  /** Puts the sandbox back to its beginning and starts that story. */
  start(story: number): void;
  leave(): void;
  /** Does for the reader what the page can do of this step. */
  help(step: Step): void;
}

interface Progress {
  readonly story: number;
  readonly step: number;
  /** The newest message when the step began. */
  readonly since: string;
}

/** Leads through a story, over a reload too; a step is done when the facts say so. */
export function useStory(reader: Reader): StoryTeller {
  const { state, userId, place, panel, sender } = reader;
  const [progress, setProgress] = useKept<Progress | null>('story', null, isProgress);
  const story = progress === null ? undefined : STORIES[progress.story];
  const step = progress === null ? undefined : story?.steps[progress.step];
  useEffect(() => {
    if (progress === null || step === undefined) return;
    if (step.isDone({ state, userId, place, panel, since: progress.since }))
      setProgress({ ...progress, step: progress.step + 1, since: newest(state) });
  }, [state, userId, place, panel, progress, step, setProgress]);
  return {
    told: progress === null || story === undefined ? undefined : { story, at: progress.step, step },
    start: (index) => void sender.sandbox('reset', {}).then(() => setProgress({ story: index, step: 0, since: '0' })),
    leave: () => setProgress(null),
    help: (each) => help(reader, each),
  };
}

function help(reader: Reader, { as, place, type, panel, leak }: Step): void {
  const { state, sender } = reader;
  if (as !== undefined) reader.become(idOf(state, as));
  if (place !== undefined) reader.go(idOf(state, place));
  if (type !== undefined) reader.offer(`/pat ${type}`);
  if (panel !== undefined) reader.openPanel(panel);
  else reader.backToChat();
  const tokenId = state.tokens.find(({ name }) => name === leak?.token)?.id;
  if (leak !== undefined && tokenId !== undefined) void sender.sandbox('leak', { tokenId, source: leak.source });
}

function isProgress(kept: unknown): boolean {
  const { story, step } = (kept ?? {}) as Partial<Progress>;
  return typeof story === 'number' && typeof step === 'number' && story in STORIES;
}

const newest = ({ messages }: PageState): string =>
  messages.reduce((latest, { ts }) => (Number(ts) > Number(latest) ? ts : latest), '0');
const idOf = (state: PageState, name: string): string =>
  [...state.users, ...state.channels].find((each) => each.name === name)?.id ?? '';
