import { expect, it } from 'vitest';
import { createDfnsDirectory } from '#infra/sandbox/providers/dfns/directory.ts';
import { ISSUE_TOLERANCE_SECONDS } from '#shared/providers/dfns/grade-tokens.ts';

it('makes tokens without a date at times that tell any two of them apart, however long it takes between them', () => {
  let time = Date.parse('2026-11-22T12:00:00.000Z');
  const directory = createDfnsDirectory({ profiles: { 'dfns-demo': {} }, now: () => new Date(time) });
  const made = [0, 1, 30, 90, 150, 151, 200, 300, 3600].map((seconds) => {
    time += seconds * 1000;
    return Date.parse(directory.mint({ profile: 'dfns-demo', name: 'one' }).dateCreated) / 1000;
  });
  const ordered = made.toSorted((left, right) => left - right);
  const apart = ordered.slice(1).map((seconds, index) => seconds - ordered[index]!);
  // A third token's claims may lie between two others, as far from either.
  expect(Math.min(...apart)).toBeGreaterThan(2 * ISSUE_TOLERANCE_SECONDS);
  expect(Math.max(...made)).toBeLessThan(time / 1000);
});
