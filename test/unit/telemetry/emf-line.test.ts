import { expect, it } from 'vitest';
import { countCases } from '#shared/cases/count-cases.ts';
import { needsPerson } from '#shared/cases/needs-person.ts';
import { emfLine } from '#shared/telemetry/emf-line.ts';
import { leakCase } from '#test/support/arbitraries/leak-case.ts';
import { createMemoryStore } from '#test/support/memory-store.ts';
import fc from 'fast-check';
import { isOpenCase } from '#shared/store/is-open-case.ts';

const at = { namespace: 'Patrol/dev', now: new Date('2026-11-22T12:00:00Z') };

it('writes a figure as CloudWatch’s embedded metric format wants it', () => {
  expect(
    JSON.parse(emfLine({ name: 'OpenCases', unit: 'Count', value: 3, dimensions: { State: 'asking' } }, at)),
  ).toEqual({
    _aws: {
      Timestamp: 1795348800000,
      CloudWatchMetrics: [
        { Namespace: 'Patrol/dev', Dimensions: [['State']], Metrics: [{ Name: 'OpenCases', Unit: 'Count' }] },
      ],
    },
    State: 'asking',
    OpenCases: 3,
  });
  expect(JSON.parse(emfLine({ name: 'LongestWait', unit: 'Seconds', value: 0 }, at))).toMatchObject({
    _aws: { CloudWatchMetrics: [{ Dimensions: [[]], Metrics: [{ Unit: 'Seconds' }] }] },
    LongestWait: 0,
  });
});

it('counts every open case in its state, and no other', async () => {
  // When a case was opened is written by us alone, and so is always a time.
  const timed = leakCase.filter(({ openedAt }) => !Number.isNaN(Date.parse(openedAt)));
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(timed, { selector: ({ id }) => id, maxLength: 12 }), async (cases) => {
      const store = createMemoryStore();
      for (const kase of cases) await store.cases.open(kase);
      const { byState, waiting, longestWaitSeconds } = await countCases(store, at.now);
      const open = cases.filter(isOpenCase);
      expect(Object.values(byState).reduce((sum, count) => sum + count, 0)).toBe(open.length);
      for (const { state } of open) expect(byState[state]).toBe(open.filter((other) => other.state === state).length);
      const needing = open.filter(needsPerson);
      expect(waiting).toBe(needing.length);
      for (const { need, openedAt } of needing) {
        const waited = (at.now.getTime() - Date.parse(need?.since ?? openedAt)) / 1000;
        expect(longestWaitSeconds).toBeGreaterThanOrEqual(Math.floor(waited));
      }
      if (needing.length === 0) expect(longestWaitSeconds).toBe(0);
    }),
    { numRuns: 50 },
  );
});
