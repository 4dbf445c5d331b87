import { describe, it } from 'vitest';
import { matrix, openBadDay, rows } from '#test/support/chaos.ts';
import { KILLED_ACTS } from '#test/support/killed-acts.ts';

const day = openBadDay();

// Before and after the provider has done what it was asked for.
describe('a worker that is killed', () => {
  it.each(rows(matrix(['before-effect', 'after-effect'], Object.keys(KILLED_ACTS))))(
    '%s of a request to %s: done once, told once and truly',
    (at, act) => KILLED_ACTS[act]!(day(), at),
  );
});
