import type { Case } from '#shared/store/store.ts';
import { mention } from './text.ts';
import { when } from './time.ts';

/** What somebody has said as the token's owner, or for them; `undefined` where nobody has said anything. */
export function ownerSaid({ ownerWord }: Pick<Case, 'ownerWord'>): string | undefined {
  if (ownerWord === undefined) return undefined;
  const { said, by, isOwner, at } = ownerWord;
  const who = isOwner ? `Its owner ${mention(by.userId)}` : `${mention(by.userId)}, who may deactivate it,`;
  return said === 'mine'
    ? `${who} says that it is known and replaced (${when(at)}).`
    : `${who} says that it is NOT the owner's (${when(at)}).`;
}

/** Until when the question about a token is held, for whom, and what comes then; `undefined` where it is not. */
export function waitWords({ wait, state }: Pick<Case, 'wait' | 'state'>): string | undefined {
  if (wait === undefined || state !== 'asking') return undefined;
  const who = mention(wait.by.userId);
  if (wait.isOver === true) return `${who} asked for time, which was over ${when(wait.until)}.`;
  const then =
    wait.then === 'deactivate'
      ? 'Then it is deactivated, unless somebody decides before.'
      : 'Then somebody is called, unless somebody decides before.';
  return `${who} asked for time until ${when(wait.until)}. ${then}`;
}
