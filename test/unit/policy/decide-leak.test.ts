import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideLeak, type LeakFacts, misfits } from '#shared/policy/decide-leak.ts';
import { explain } from '#shared/policy/explain.ts';
import { GRADES, PROVIDER_NAMES, VALIDITIES } from '#shared/core/vocabulary.ts';
import { loadPolicy } from '#infra/policy.ts';
import { aPolicy, policies } from './policies.ts';

const policy = (rules: object[], mode = 'enforce') =>
  aPolicy({ mode, alerts: { sources: ['generic'], rules: rules.map((rule, i) => ({ name: `r${i}`, ...rule })) } });
const always = policy([{ then: 'deactivate' }]);
const sure: LeakFacts = {
  source: 'github',
  provider: 'dfns',
  grade: 'exact',
  publiclyLeaked: true,
  test: false,
  reversible: true,
  matches: 1,
};

const facts: fc.Arbitrary<LeakFacts> = fc.record(
  {
    source: fc.constantFrom('github', 'generic', 'gitlab'),
    provider: fc.constantFrom(...PROVIDER_NAMES),
    grade: fc.constantFrom(...GRADES),
    publiclyLeaked: fc.boolean(),
    test: fc.boolean(),
    reversible: fc.boolean(),
    matches: fc.nat({ max: 3 }),
    validity: fc.constantFrom(...VALIDITIES),
    contradicts: fc.boolean(),
    decidedByPerson: fc.boolean(),
    usedRecently: fc.boolean(),
    braked: fc.boolean(),
  },
  { requiredKeys: ['source', 'reversible', 'matches'] },
);

describe('decideLeak', () => {
  it('does what the first fitting rule says, and names it', () => {
    const rules = policy([
      { when: { source: ['gitlab'] }, then: 'notify' },
      { when: { provider: ['dfns'], grade: ['exact', 'strong'], publiclyLeaked: true }, then: 'deactivate' },
      { when: { provider: ['dfns'] }, then: 'shadow' },
      { then: 'ask' },
    ]);
    const decide = (change: Partial<LeakFacts>) => decideLeak(rules, { ...sure, ...change });
    expect(decide({})).toMatchObject({ action: 'deactivate', rule: 'r1' });
    expect(decide({ grade: 'strong' })).toMatchObject({ action: 'deactivate', rule: 'r1' });
    expect(decide({ source: 'gitlab' })).toMatchObject({ action: 'notify', rule: 'r0' });
    expect(decide({ publiclyLeaked: false })).toMatchObject({ action: 'shadow', rule: 'r2' });
    expect(decide({ provider: undefined })).toMatchObject({ action: 'ask', rule: 'r3' });
  });

  it.each([
    ['a reporter who may not deactivate it', { reporter: 'may-not' }, 'floor:reporter'],
    ['a reporter who needs others for so many', { reporter: 'needs-others' }, 'floor:approval'],
    ['a contradiction', { contradicts: true }, 'floor:contradiction'],
    ['a secret that its issuer refuses', { validity: 'invalid' }, 'floor:refused-by-issuer'],
    ['a clue that a person has decided about', { decidedByPerson: true }, 'floor:person-decided'],
    ['an alert that is closed at its sender', { closed: true }, 'floor:alert-closed'],
    ['a message that came long ago', { cameBefore: true }, 'floor:came-before'],
    ['a token in use that nothing proves to be the leaked one', { usedRecently: true }, 'floor:used-recently'],
    ['a profile that had its kills for now', { braked: true }, 'floor:brake'],
  ] as const)('asks a person about %s, whatever the rules say', (_what, change, rule) => {
    expect(decideLeak(always, { ...sure, ...change })).toMatchObject({ action: 'ask', rule });
  });

  it('kills a proved token although it is in use, and although its issuer refuses it', () => {
    for (const change of [{ usedRecently: true }, { validity: 'invalid' }] as const) {
      expect(decideLeak(always, { ...sure, grade: 'proved', ...change })).toMatchObject({ action: 'deactivate' });
    }
  });

  it.each<[Partial<LeakFacts>, string]>([
    [{ matches: 0 }, 'No token matches, so there is nothing to act on.'],
    [{ test: true }, 'It is a test message, and a test never acts.'],
    [{ matches: 2 }, 'Several tokens match equally well, and a guess never kills.'],
    [{ reporter: 'may-not' }, 'Whoever reported it may not deactivate this token.'],
    [{ reporter: 'needs-others' }, 'Whoever reported it may deactivate so many tokens only when others agree.'],
    [{ contradicts: true }, 'What is known of the leaked secret does not fit this token, and a guess never kills.'],
    [{ validity: 'invalid' }, 'The issuer refuses the leaked secret: it is dead already, or not ours.'],
    [{ grade: 'weak' }, 'The match is weak, and a guess never kills.'],
    [{ decidedByPerson: true }, 'A person decided about this leak before, so a person decides again.'],
    [{ closed: true }, 'The alert is closed at its sender, so this may be an old message sent again.'],
    [{ cameBefore: true }, 'The very same message came before, so it may be an old one sent again.'],
    [{ usedRecently: true }, 'The token was used within the last hour, and nothing proves that it is the leaked one.'],
    [{ reversible: false }, 'This server can only delete, which cannot be undone.'],
    [
      { braked: true },
      'As many tokens of this profile as the policy allows have been killed without a human just now.',
    ],
  ])('tells why it does not act on %j', (change, because) => {
    expect(decideLeak(always, { ...sure, ...change }).because).toBe(because);
  });

  it('tells why it does what it does otherwise', () => {
    const why = (by: typeof always, change: Partial<LeakFacts> = {}) => decideLeak(by, { ...sure, ...change }).because;
    expect(why(always)).toBe('The policy\'s rule "r0" says deactivate.');
    expect(why(policy([{ when: { source: ['gitlab'] }, then: 'ask' }]))).toBe(
      'No rule of the policy fits, so a person decides.',
    );
    expect(why(policy([{ then: 'mute' }]))).toBe('It may be ours, and what may be ours is never muted.');
    expect(why(policy([{ then: 'deactivate' }], 'shadow'))).toBe(
      'Patrol runs in shadow mode: it says what it would have done.',
    );
  });

  it('acts alone on proved evidence only, as shipped', () => {
    const shipped = loadPolicy({});
    fc.assert(
      fc.property(facts, (leak) => {
        if (decideLeak(shipped, leak).action === 'deactivate') expect(leak.grade).toBe('proved');
      }),
      { numRuns: 500 },
    );
    expect(decideLeak(shipped, { ...sure, grade: 'proved', validity: 'valid' })).toMatchObject({ rule: 'proved' });
  });

  it('asks when no rule fits', () => {
    expect(decideLeak(policy([{ when: { source: ['x'] }, then: 'notify' }]), sure)).toMatchObject({
      action: 'ask',
      rule: 'floor:no-rule',
    });
  });

  it('takes an unknown leak place for neither public nor private, and an unmarked message for no test', () => {
    const rules = policy([
      { when: { publiclyLeaked: false }, then: 'notify' },
      { when: { publiclyLeaked: true }, then: 'shadow' },
      { when: { test: false }, then: 'ask' },
    ]);
    expect(decideLeak(rules, { ...sure, publiclyLeaked: undefined, test: undefined })).toMatchObject({ rule: 'r2' });
  });

  it.each<[string, Partial<LeakFacts>, string, string]>([
    ['there is no match', { matches: 0, grade: undefined }, 'notify', 'floor:no-match'],
    ['it is a test', { test: true }, 'notify', 'floor:test-message'],
    ['several match', { matches: 2, grade: 'strong' }, 'ask', 'floor:several-matches'],
    ['the match is weak', { grade: 'weak' }, 'ask', 'floor:weak-match'],
    ['nobody graded the match', { grade: undefined }, 'ask', 'floor:weak-match'],
    ['it could not be undone', { reversible: false }, 'ask', 'floor:irreversible'],
  ])('does not act when %s, whatever the rule says', (_case, change, action, rule) => {
    expect(decideLeak(always, { ...sure, ...change })).toMatchObject({ action, rule });
  });

  it('says what it would have done in shadow mode, and still asks what it would ask', () => {
    expect(decideLeak(policy([{ then: 'deactivate' }], 'shadow'), sure)).toMatchObject({
      action: 'shadow',
      rule: 'floor:shadow-mode',
    });
    expect(decideLeak(policy([{ then: 'ask' }], 'shadow'), sure)).toMatchObject({ action: 'ask', rule: 'r0' });
    expect(decideLeak(policy([{ then: 'deactivate' }], 'shadow'), { ...sure, grade: 'weak' })).toMatchObject({
      action: 'ask',
      rule: 'floor:weak-match',
    });
  });

  it('leaves a rule alone that wants no more than the floor', () => {
    expect(decideLeak(policy([{ then: 'notify' }]), { ...sure, grade: 'weak', reversible: false })).toMatchObject({
      action: 'notify',
      rule: 'r0',
    });
    expect(decideLeak(policy([{ then: 'shadow' }]), { ...sure, reversible: false })).toMatchObject({
      action: 'shadow',
      rule: 'r0',
    });
    expect(decideLeak(policy([{ then: 'shadow' }]), { ...sure, test: true })).toMatchObject({
      action: 'notify',
      rule: 'floor:test-message',
    });
  });

  it('acts under no policy unless the one match is sure, reversible, real and enforced', () => {
    fc.assert(
      fc.property(policies, facts, (policy, leak) => {
        if (decideLeak(policy, leak).action !== 'deactivate') return;
        expect(['proved', 'exact', 'strong']).toContain(leak.grade);
        if (leak.grade !== 'proved')
          expect([leak.validity === 'invalid', leak.usedRecently ?? false]).toEqual([false, false]);
        for (const brake of ['contradicts', 'decidedByPerson', 'braked'] as const)
          expect(leak[brake] ?? false).toBe(false);
        expect(leak).toMatchObject({ reversible: true, matches: 1 });
        expect(leak.test ?? false).toBe(false);
        expect(policy.mode).toBe('enforce');
      }),
      { numRuns: 1000 },
    );
  });

  it('never does anything irreversible, with no grade at all', () => {
    fc.assert(
      fc.property(policies, facts, (policy, leak) => {
        expect(decideLeak(policy, { ...leak, reversible: false }).action).not.toBe('deactivate');
      }),
    );
  });

  it('never goes further than the rule, and names a rule of the policy or a floor', () => {
    const reach = ['notify', 'shadow', 'ask', 'deactivate'];
    fc.assert(
      fc.property(policies, facts, (policy, leak) => {
        const { action, rule, because } = decideLeak(policy, leak);
        const wanted = explain(policy, leak).rules.find(({ misfits }) => misfits.length === 0)?.then ?? 'ask';
        expect(reach.indexOf(action)).toBeLessThanOrEqual(reach.indexOf(wanted));
        expect(rule.startsWith('floor:') || policy.alerts.rules.some(({ name }) => name === rule)).toBe(true);
        if (!rule.startsWith('floor:')) expect(action).toBe(wanted);
        expect(because).toMatch(/^[A-Z].*\.$/);
      }),
    );
  });
});

describe('explain', () => {
  it('says in lines what was decided, which rule fits, why the others do not, and which floors hold', () => {
    const rules = policy([
      { when: { test: true, publiclyLeaked: true }, then: 'notify' },
      { when: { source: ['sns', 'gitlab'], provider: ['langsmith'], grade: ['weak'] }, then: 'ask' },
      { when: { grade: ['exact', 'strong'] }, then: 'deactivate' },
    ]);
    const { lines, floors } = explain(rules, { ...sure, publiclyLeaked: undefined, reversible: false });
    expect(floors).toEqual(['floor:irreversible']);
    expect(lines).toEqual([
      'ask, by floor:irreversible. This server can only delete, which cannot be undone.',
      '  rule r0: does not fit, publicly leaked is not told, must be true; test message is false, not true',
      '  rule r1: does not fit, source is github, not sns or gitlab; provider is dfns, not langsmith; grade is exact, not weak',
      '  rule r2: fits (deactivate)',
      '  floor:irreversible: This server can only delete, which cannot be undone.',
    ]);
  });

  it('explains the very decision that is made', () => {
    fc.assert(
      fc.property(policies, facts, (policy, leak) => {
        expect(explain(policy, leak).decision).toEqual(decideLeak(policy, leak));
      }),
    );
  });
});

describe('a report by a person who may deactivate the token', () => {
  const shipped = loadPolicy();
  const facts = { source: 'slack', provider: 'dfns', reversible: true, matches: 1, reporter: 'may' } as const;

  it('is authority enough for what resembles, also in use, and not for a guess, a contradiction or a brake', () => {
    for (const grade of ['exact', 'strong'] as const) {
      expect(decideLeak(shipped, { ...facts, grade, usedRecently: true })).toMatchObject({ action: 'deactivate' });
    }
    expect(decideLeak(shipped, { ...facts, grade: 'weak' })).toMatchObject({ action: 'ask', rule: 'floor:weak-match' });
    for (const more of [{ contradicts: true }, { braked: true }, { test: true }, { reversible: false }]) {
      expect(decideLeak(shipped, { ...facts, grade: 'strong', ...more }).action).not.toBe('deactivate');
    }
  });

  it('is told as the reason', () => {
    expect(decideLeak(shipped, { ...facts, grade: 'strong' })).toEqual({
      action: 'deactivate',
      rule: 'reporter',
      because: 'Whoever reported it may deactivate this token.',
    });
  });

  it('takes the place of a question only: what else a rule says stands, and without a rule it acts', () => {
    const by = (rules: object[]) => decideLeak(policy(rules), { ...facts, grade: 'strong' });
    expect(by([{ then: 'ask' }])).toMatchObject({ action: 'deactivate', rule: 'reporter' });
    expect(by([{ when: { provider: ['langsmith'] }, then: 'notify' }])).toMatchObject({
      action: 'deactivate',
      rule: 'reporter',
    });
    expect(by([{ then: 'notify' }])).toMatchObject({ action: 'notify', rule: 'r0' });
    expect(by([{ then: 'shadow' }])).toMatchObject({ action: 'shadow', rule: 'r0' });
  });

  it('does not act where a rule that names the source says otherwise', () => {
    const { alerts } = shipped;
    const rules = [
      { name: 'people', when: { ...alerts.rules[0]?.when, source: ['slack'], test: undefined }, then: 'ask' },
      ...alerts.rules,
    ] as typeof alerts.rules;
    const asks = { ...shipped, alerts: { ...alerts, rules } };
    expect(decideLeak(asks, { ...facts, grade: 'strong' })).toMatchObject({ action: 'ask', rule: 'people' });
  });
});

describe('what a rule may look at', () => {
  const leak: LeakFacts = {
    ...sure,
    grade: 'proved',
    profile: 'one',
    name: 'Prod-Payments',
    kind: 'pat',
    detector: 'aws_access_key_id',
    repository: 'acme/Payments',
  };
  it.each([
    [{ profile: ['one'] }, { profile: ['two'] }],
    [{ name: ['prod-*'] }, { name: ['dev-*', 'test-?'] }],
    [{ name: ['dev-*', 'prod-*'] }, { name: ['test-?'] }],
    [{ kind: ['pat'] }, { kind: ['service-key'] }],
    [{ detector: ['aws*'] }, { detector: ['slack*'] }],
    [{ repository: ['acme/*'] }, { repository: ['other/*'] }],
  ])('%j fits and %j does not, and none fits what is not known', (fits, misfits) => {
    const [field] = Object.keys(fits) as (keyof LeakFacts)[];
    const by = (when: object, about: LeakFacts = leak) =>
      decideLeak(policy([{ when, then: 'ask' }, { then: 'deactivate' }]), about).rule;
    expect(by(fits)).toBe('r0');
    expect(by(misfits)).toBe('r1');
    expect(by(fits, { ...leak, [field as string]: undefined })).toBe('r1');
  });

  it.each<[object, Partial<LeakFacts>, string]>([
    [{ source: ['sns'] }, {}, 'source is github, not sns'],
    [{ provider: ['langsmith'] }, { provider: undefined }, 'provider is not told, must be langsmith'],
    [{ grade: ['weak', 'strong'] }, {}, 'grade is proved, not weak or strong'],
    [{ validity: ['valid'] }, { validity: 'invalid' }, 'validity is invalid, not valid'],
    [{ publiclyLeaked: false }, {}, 'publicly leaked is true, not false'],
    [{ profile: ['two'] }, {}, 'profile is one, not two'],
    [{ name: ['dev-*', 'test-?'] }, {}, 'token name is "Prod-Payments", not dev-* or test-?'],
    [{ name: ['dev-*'] }, { name: undefined }, 'token name is not told, must be dev-*'],
    [{ kind: ['service-key'] }, {}, 'kind of token is pat, not service-key'],
    [{ detector: ['slack*'] }, {}, 'detector is "aws_access_key_id", not slack*'],
    [{ repository: ['other/*'] }, {}, 'repository is "acme/Payments", not other/*'],
    [{ test: true }, { test: undefined }, 'test message is false, not true'],
  ])('tells why %j does not fit %j: %s', (when, change, words) => {
    const [rule] = policy([{ when, then: 'ask' }]).alerts.rules;
    expect(misfits(rule!, { ...leak, ...change })).toEqual([words]);
  });

  it('mutes what nothing links to us, and nothing else', () => {
    const mutes = policy([{ when: { detector: ['aws*'] }, then: 'mute' }]);
    const foreign: LeakFacts = { source: 'github', reversible: true, matches: 0, detector: 'aws_key', foreign: true };
    expect(decideLeak(mutes, foreign)).toMatchObject({ action: 'mute', rule: 'r0' });
    expect(decideLeak(mutes, { ...foreign, foreign: false })).toMatchObject({
      action: 'notify',
      rule: 'floor:not-foreign',
    });
    fc.assert(
      fc.property(facts, (about) => {
        expect(decideLeak(mutes, { ...about, detector: 'aws' }).action).not.toBe('mute');
      }),
    );
  });
});
