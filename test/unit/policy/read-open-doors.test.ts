import { describe, expect, it } from 'vitest';
import { loadPolicy } from '#infra/policy.ts';
import { openDoorsOf, readOpenDoors } from '#shared/policy/read-open-doors.ts';

const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('openDoorsOf', () => {
  it('keeps all that is read, and no other part of the policy', () => {
    const policy = loadPolicy();
    const kept = throughJson(openDoorsOf(policy));
    expect(readOpenDoors(kept)).toEqual(readOpenDoors(throughJson(policy)));
    expect(openDoorsOf({ ...policy, alerts: { ...policy.alerts, validityCheck: false } })).not.toEqual(kept);
    const people = [policy.teams, policy.channels, policy.roles].flatMap(
      (part) => JSON.stringify(part).match(/\b[TUCS]0\w+/g) ?? [],
    );
    expect(people.length).toBeGreaterThan(3);
    for (const person of people) expect(JSON.stringify(kept)).not.toContain(person);
  });
});

describe('readOpenDoors', () => {
  it('reads the same sources and topics as the whole policy has, after it went through the zip as JSON', () => {
    const policy = loadPolicy();
    const { sources, snsTopics } = policy.alerts;
    // A provider that cannot be asked for a secret's validity has no issuer.
    const asked = Object.values(policy.profiles).filter(({ issuer }) => issuer !== undefined);
    const issuers = Object.groupBy(asked, ({ provider }) => provider);
    expect(Object.keys(issuers).length).toBeGreaterThan(1);
    expect(readOpenDoors(JSON.parse(JSON.stringify(policy)))).toEqual({
      sources,
      snsTopics,
      profiles: Object.keys(policy.profiles),
      issuers: Object.fromEntries(
        Object.entries(issuers).map(([provider, profiles]) => [provider, profiles.map(({ issuer }) => issuer)]),
      ),
    });
  });

  it.each([undefined, null, {}, { alerts: {} }, { alerts: { sources: 'github', snsTopics: [] } }])(
    'refuses %j instead of opening or closing everything',
    (policy) => {
      expect(() => readOpenDoors(policy)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
    },
  );
});
