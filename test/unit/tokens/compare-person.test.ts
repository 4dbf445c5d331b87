import { describe, expect, it } from 'vitest';
import { comparePerson } from '#shared/tokens/compare-person.ts';

/** A directory of these addresses, which counts whom it was asked for. */
function directory(addresses: Readonly<Record<string, string>>) {
  const asked: string[] = [];
  const emailOf = async (userId: string) => {
    asked.push(userId);
    return addresses[userId];
  };
  return { asked, people: { byEmail: async () => undefined, nameOf: async () => undefined, emailOf } };
}

describe('comparePerson', () => {
  it('asks Slack nothing where all ids are of one kind, and believes them', async () => {
    const { people, asked } = directory({});
    const { isSelf, untold } = await comparePerson(people, 'U1', ['U1', 'U2']);
    expect([isSelf('U1'), isSelf('U2'), untold.size, asked]).toEqual([true, false, 0, []]);
  });

  it('takes an id of the organisation for the same person where the address is the same, and for another where not', async () => {
    const { people, asked } = directory({ U1: 'anna@example.com', W1: 'anna@example.com', W2: 'ben@example.com' });
    const { isSelf, untold } = await comparePerson(people, 'U1', ['W1', 'W2', 'W2', 'U3']);
    expect(['U1', 'W1', 'W2', 'U3'].map(isSelf)).toEqual([true, true, false, false]);
    expect(untold.size).toBe(0);
    expect(asked).toEqual(['U1', 'W1', 'W2']);
  });

  it('counts nobody as two whom Slack cannot tell of, and says of whom it could not', async () => {
    const unknown = await comparePerson(directory({ U1: 'anna@example.com' }).people, 'U1', ['W1']);
    expect([unknown.isSelf('W1'), [...unknown.untold]]).toEqual([true, ['W1']]);
    const self = await comparePerson(directory({ W1: 'ben@example.com' }).people, 'U1', ['W1']);
    expect([self.isSelf('W1'), [...self.untold]]).toEqual([true, ['W1']]);
    const silent = { ...directory({}).people, emailOf: () => Promise.reject(new Error('no answer')) };
    const unheard = await comparePerson(silent, 'U1', ['W1']);
    expect([unheard.isSelf('W1'), [...unheard.untold]]).toEqual([true, ['W1']]);
  });

  it('counts whoever came after it was asked as the same person', async () => {
    const { people } = directory({ U1: 'anna@example.com', W1: 'ben@example.com' });
    const { isSelf } = await comparePerson(people, 'U1', ['W1']);
    expect([isSelf('W1'), isSelf('W2')]).toEqual([false, true]);
    expect((await comparePerson(people, 'U1', [])).isSelf('W2')).toBe(true);
  });
});
