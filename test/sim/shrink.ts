import type { Story } from './story.ts';

/** What went wrong by chance in a story that still breaks the promise it is told for; nothing when it keeps it. */
type Breaks = (story: Story) => Promise<readonly string[] | undefined>;

/** How many histories may be spent on making one shorter. */
const MOST_TRIES = 400;

/** Takes away whatever is not needed: acts, one by one, then misfortunes. What is left still breaks the promise. */
export async function shrink(story: Story, breaks: Breaks): Promise<Story> {
  let best = story;
  let met: readonly string[] = [];
  let tries = 0;
  const attempt = async (candidate: Story): Promise<boolean> => {
    if (tries >= MOST_TRIES) return false;
    tries += 1;
    const found = await breaks(candidate);
    if (found === undefined) return false;
    best = candidate;
    met = found;
    return true;
  };
  const dropActs = async (): Promise<boolean> => {
    let isShorter = false;
    for (let index = best.acts.length - 1; index >= 0; index -= 1) {
      if (await attempt({ ...best, acts: best.acts.toSpliced(index, 1) })) isShorter = true;
    }
    return isShorter;
  };
  await attempt(best);
  while (await dropActs());
  await attempt({ ...best, maxReceives: 100 });
  // Halves, quarters and so on of the misfortunes, and each alone in the end.
  for (let size = Math.ceil(met.length / 2); size >= 1 && met.length > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = met.length - size; from > -size; from -= size) {
      await attempt({ ...best, only: new Set(met.filter((_, index) => index < from || index >= from + size)) });
    }
  }
  while (await dropActs());
  return best;
}
