import type { VNode } from 'preact';
import { useContext, useEffect } from 'preact/hooks';
import { SenderContext } from './notices.tsx';
import type { PageState } from './state.ts';
import { type Step, STORIES } from './stories.ts';
import { useKept } from './use-kept.ts';

interface StoryPanelProps {
  readonly state: PageState;
  readonly userId: string;
  readonly place: string;
  readonly panel: string;
  go(place: string): void;
  become(userId: string): void;
  /** Puts a command into the field where one types. */
  offer(text: string): void;
  openPanel(panel: 'trace'): void;
  /** On a narrow screen: back to the conversation. */
  backToChat(): void;
}

interface Progress {
  readonly story: number;
  readonly step: number;
  /** The newest message when the step began. */
  readonly since: string;
}

/** Leads through a story step by step; a step is ticked when the facts say that it is done. */
export function StoryPanel(props: StoryPanelProps): VNode {
  const { state, userId, place, panel } = props;
  const sender = useContext(SenderContext);
  const [progress, setProgress] = useKept<Progress | null>('story', null, isProgress);
  const story = progress === null ? undefined : STORIES[progress.story];
  const step = progress === null ? undefined : story?.steps[progress.step];
  useEffect(() => {
    if (progress === null || step === undefined) return;
    if (step.isDone({ state, userId, place, panel, since: progress.since }))
      setProgress({ ...progress, step: progress.step + 1, since: newest(state) });
  }, [state, userId, place, panel, progress, step, setProgress]);

  const help = (each: Step): void => {
    if (each.as !== undefined) props.become(idOf(state, each.as));
    if (each.place !== undefined) props.go(idOf(state, each.place));
    if (each.type !== undefined) props.offer(`/pat ${each.type}`);
    if (each.panel !== undefined) props.openPanel(each.panel);
    else props.backToChat();
    const leak = each.leak;
    const tokenId = state.tokens.find(({ name }) => name === leak?.token)?.id;
    if (leak !== undefined && tokenId !== undefined) void sender.sandbox('leak', { tokenId, source: leak.source });
  };
  if (progress === null || story === undefined)
    return (
      <Choice
        start={(index) =>
          void sender.sandbox('reset', {}).then(() => setProgress({ story: index, step: 0, since: '0' }))
        }
      />
    );
  return (
    <section>
      <h2>{story.title}</h2>
      <p>{story.why}</p>
      <Steps steps={story.steps} at={progress.step} help={help} />
      <p role="status">{step === undefined ? 'The end. Everything above was real: look at the Tokens tab.' : ''}</p>
      <button type="button" class="button" onClick={() => setProgress(null)}>
        {step === undefined ? 'Other stories' : 'Leave the story'}
      </button>
    </section>
  );
}

function Choice({ start }: { start(story: number): void }): VNode {
  return (
    <section>
      <h2>Three stories</h2>
      {STORIES.map(({ title, why }, index) => (
        <div key={title} class="story">
          <h3>{title}</h3>
          <p>{why}</p>
          <button type="button" class="button primary" aria-label={`Start: ${title}`} onClick={() => start(index)}>
            Start
          </button>
        </div>
      ))}
      <p class="none">Starting one puts the sandbox back to its beginning.</p>
    </section>
  );
}

interface StepsProps {
  readonly steps: readonly Step[];
  /** Which of them it is on. */
  readonly at: number;
  help(step: Step): void;
}

function Steps({ steps, at, help }: StepsProps): VNode {
  return (
    <ol class="steps">
      {steps.map((each, index) => (
        <li
          key={each.words}
          class={index < at ? 'done' : index === at ? 'now' : ''}
          aria-current={index === at ? 'step' : undefined}
        >
          {index < at && <span class="sign">✓ done · </span>}
          {each.words}
          {each.type !== undefined && <code>/pat {each.type}</code>}
          {index === at && labelOf(each) !== undefined && (
            <button type="button" class="button" onClick={() => help(each)}>
              {labelOf(each)}
            </button>
          )}
        </li>
      ))}
    </ol>
  );
}

/** What the button beside a step does for the reader; a press in a message is theirs. */
function labelOf({ as, place, type, leak, panel }: Step): string | undefined {
  if (leak !== undefined) return 'Leak it';
  if (type !== undefined) return 'Put it into the field';
  if (panel !== undefined) return 'Open the trace';
  if (as !== undefined) return `Become ${as}`;
  return place === undefined ? undefined : 'Go there';
}

function isProgress(kept: unknown): boolean {
  const { story, step } = (kept ?? {}) as Partial<Progress>;
  return typeof story === 'number' && typeof step === 'number' && story in STORIES;
}

const newest = ({ messages }: PageState): string =>
  messages.reduce((latest, { ts }) => (Number(ts) > Number(latest) ? ts : latest), '0');
const idOf = (state: PageState, name: string): string =>
  [...state.users, ...state.channels].find((each) => each.name === name)?.id ?? '';
