import type { VNode } from 'preact';
import { helpLabel } from './stories.ts';
import type { StoryTeller, Told } from './use-story.ts';

interface StoryBarProps extends Pick<StoryTeller, 'help' | 'leave'> {
  readonly told: Told;
  /** The panel with every step is open: beside the conversation where there is room, behind it on a phone. */
  readonly isTold: boolean;
  openSteps(): void;
}

/** Says the step that a story is on, above the conversation, wherever its panel cannot be seen. */
export function StoryBar({ told, isTold, help, leave, openSteps }: StoryBarProps): VNode {
  const { story, at, step } = told;
  const label = step === undefined ? undefined : helpLabel(step);
  return (
    <section class={`story-bar ${isTold ? 'is-told' : ''}`} aria-label="Story">
      <p role="status">
        <strong>{step === undefined ? 'Told to its end' : `Step ${at + 1} of ${story.steps.length}`}</strong>{' '}
        {step === undefined ? `${story.title}. All of it was real.` : step.words}
      </p>
      <div class="chips">
        {step !== undefined && label !== undefined && (
          <button type="button" class="solid" onClick={() => help(step)}>
            {label}
          </button>
        )}
        <button type="button" onClick={openSteps}>
          All steps
        </button>
        {step === undefined && (
          <button type="button" onClick={leave}>
            Close
          </button>
        )}
      </div>
    </section>
  );
}
