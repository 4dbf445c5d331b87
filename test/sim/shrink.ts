import type { Story } from './story.ts';

/** True while a story still breaks the promise that it is told for. */
type Breaks = (story: Story) => Promise<boolean>;

/** How many histories may be spent on making one shorter. */
const MOST_TRIES = 120;

/** Takes away whatever is not needed: acts, one by one, then kinds of bad luck. What is left still breaks the promise. */
export async function shrink(story: Story, breaks: Breaks): Promise<Story> {
  let best = story;
  let tries = 0;
  const attempt = async (candidate: Story): Promise<boolean> => {
    if (tries >= MOST_TRIES || !(await breaks(candidate))) return false;
    tries += 1;
    best = candidate;
    return true;
  };
  for (let isShorter = true; isShorter; ) {
    isShorter = false;
    for (let index = best.acts.length - 1; index >= 0; index -= 1) {
      tries += 1;
      if (await attempt({ ...best, acts: best.acts.toSpliced(index, 1) })) isShorter = true;
    }
  }
  await attempt({ ...best, maxReceives: 100 });
  for (const kind of ['slow', 'fails', 'lost', 'dies'] as const) {
    await attempt({ ...best, rates: { ...best.rates, [kind]: 0 } });
  }
  return best;
}
