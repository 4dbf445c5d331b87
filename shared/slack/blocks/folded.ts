import type { types } from '@slack/bolt';
import { plainText } from './bricks.ts';
import { LIMITS } from './limits.ts';

/** What is shown only to who opens it; `undefined` where nothing is in it. */
export function folded(
  title: string,
  blocks: readonly (types.ContainerBlock['child_blocks'][number] | undefined)[],
): types.ContainerBlock | undefined {
  const child_blocks = blocks.filter((block) => block !== undefined).slice(0, LIMITS.containerBlocks);
  if (child_blocks.length === 0) return undefined;
  return {
    type: 'container',
    title: plainText(title, LIMITS.containerTitle),
    is_collapsible: true,
    default_collapsed: true,
    child_blocks,
  };
}
