import { describe, expect, it } from 'vitest';
import { otherOf, roomFor, roomForSearches, SLICE_MS } from '#shared/tokens/room-for.ts';

const CALLS_PER_MINUTE = 1000;
const IN_SLICE = (CALLS_PER_MINUTE * SLICE_MS) / 60_000;
const SIDES = ['people', 'alerts'] as const;

/** Lets both sides call through one slice, a side by so many a second as it can use, and gives what each made. */
function play(wanted: Readonly<Record<(typeof SIDES)[number], number>>) {
  const steps = SLICE_MS / 100;
  const made = { people: 0, alerts: 0 };
  for (let step = 0; step < steps; step += 1) {
    for (const side of SIDES) {
      const asked = (wanted[side] * (step + 1)) / 10;
      const slice = { callsPerMinute: CALLS_PER_MINUTE, made, isShared: true, over: step / steps };
      const room = Math.max(0, roomFor(side, slice));
      made[side] += Math.min(room, Math.max(0, asked - made[side]));
    }
  }
  return made;
}
const SECONDS = SLICE_MS / 1000;
const HALF = IN_SLICE / 3 / SECONDS;

describe('the shares of a limit', () => {
  it.each(SIDES)('give %s at an even pace all that half of them is, whatever the other side wants', (side) => {
    for (const pace of [1, HALF / 2, HALF * 0.99]) {
      const made = play({ people: 1e6, alerts: 1e6, [side]: pace });
      expect(made[side]).toBeGreaterThan(pace * SECONDS - 1);
    }
  });

  it.each(SIDES)('let nothing lie that %s do not use', (side) => {
    const made = play({ people: 1e6, alerts: 1e6, [side]: 0.01 });
    expect(made[otherOf(side)]).toBeGreaterThan(0.9 * (2 / 3) * IN_SLICE);
  });

  it('leave a third to the owner, however much both want', () => {
    const made = play({ people: 1e6, alerts: 1e6 });
    expect(made.people + made.alerts).toBeLessThanOrEqual((2 / 3) * IN_SLICE);
    expect(Math.abs(made.people - made.alerts)).toBeLessThan(0.05 * IN_SLICE);
  });

  it('hold nobody back for alerts that do not come, and keep a sixth for whoever asks first in a flood', () => {
    const alone = { callsPerMinute: CALLS_PER_MINUTE, made: { people: 5000, alerts: 0 }, isShared: false, over: 0 };
    expect(roomFor('people', alone)).toBe(Number.POSITIVE_INFINITY);
    expect(roomFor('alerts', { ...alone, made: { people: 0, alerts: 0 } })).toBe((5 / 6) * IN_SLICE);
  });

  it('leave more than half to the owner and to proved kills, where searches are all there is', () => {
    const made = { people: 0, alerts: Math.floor(IN_SLICE / 3) };
    const slice = { callsPerMinute: CALLS_PER_MINUTE, made, isShared: false, over: 0 };
    expect(roomForSearches(slice)).toBeLessThan(1);
    expect(roomFor('alerts', slice)).toBeGreaterThan(IN_SLICE / 3);
  });
});
