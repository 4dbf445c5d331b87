import type { VNode } from 'preact';
import { helpLabel, type Step, STORIES } from './stories.ts';
import type { StoryTeller } from './use-story.ts';

/** Shows the stories to choose from, or the one that is told, step by step. */
export function StoryPanel({ told, start, leave, help }: StoryTeller): VNode {
  if (told === undefined) return <Choice start={start} />;
  const { story, at, step } = told;
  return (
    <section>
      <h2>{story.title}</h2>
      <p>{story.why}</p>
      <Steps steps={story.steps} at={at} help={help} />
      <p role="status">{step === undefined ? 'The end. Everything above was real: look at the Tokens tab.' : ''}</p>
      <button type="button" class="button leave" onClick={leave}>
        {step === undefined ? 'Other stories' : 'Leave the story'}
      </button>
    </section>
  );
}

function Choice({ start }: Pick<StoryTeller, 'start'>): VNode {
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
          {index === at && helpLabel(each) !== undefined && (
            <button type="button" class="button" onClick={() => help(each)}>
              {helpLabel(each)}
            </button>
          )}
        </li>
      ))}
    </ol>
  );
}
