import { describe, it } from 'vitest';
import { matrix, openBadDay, rows } from '#test/support/chaos.ts';
import { KILLED_ACTS } from '#test/support/killed-acts.ts';

const day = openBadDay();

// Before and after Slack has taken the answer.
describe('a worker that is killed', () => {
  it.each(rows(matrix(['before-reply', 'during-reply'], Object.keys(KILLED_ACTS))))(
    '%s of a request to %s: done once, told once and truly',
    (at, act) => KILLED_ACTS[act]!(day(), at),
  );
});
