import { describe, expect, it } from 'vitest';
import { render } from '#shared/slack/blocks/render.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import type { Trouble } from '#shared/tokens/trouble.ts';
import { laptop, NOW, operator } from '#test/fixtures/outcomes.ts';

const trouble: Trouble = {
  fault: 'provider_unavailable',
  provider: 'dfns',
  profile: 'dfns-demo',
  status: 503,
  next: 'retrying',
  attempt: 3,
};
const failed: Outcome = {
  kind: 'failed',
  verb: 'deactivate',
  ref: { profile: 'dfns-demo', id: laptop.id },
  name: laptop.name,
  trouble,
};
const unread: Outcome = { kind: 'trouble', verb: 'deactivate', trouble, asked: ['alice laptop'] };
const say = (outcome: Outcome) =>
  JSON.stringify(render(outcome, { actor: operator, now: NOW, requestedAt: '2026-11-22T14:02:12.000Z' }));

it.each([failed, unread])(
  'a change that is tried again says whose it is, which token, when next, until when, and the way by hand',
  (outcome) => {
    const text = say(outcome);
    expect(text).toContain('NOT deactivated yet: `alice laptop`');
    expect(text).toContain('Asked for by <@U0OPERATOR1>');
    expect(text).toMatch(/The next try comes by itself about <!date\^1795356146\^/);
    expect(text).toMatch(/goes on by itself until about <!date\^17953/);
    expect(text).toContain('https://app.dfns.io &gt; Settings &gt; Personal access tokens');
  },
);

it.each(['given_up', 'final'] as const)('one that is %s promises no further try', (next) => {
  for (const outcome of [failed, unread]) {
    expect(say({ ...outcome, trouble: { ...trouble, next } })).not.toContain('The next try');
  }
});

describe('Try now and Give up', () => {
  const buttons = (outcome: Outcome, run?: string) =>
    render(outcome, { actor: operator, now: NOW, ...(run === undefined ? {} : { run }) })
      .blocks.flatMap((block) => (block.type === 'actions' ? block.elements : []))
      .map((element) => [element.action_id, 'value' in element && element.value]);

  it.each([failed, unread])(
    'stand under what is tried again and can be edited, with the request that they are for',
    (outcome) => {
      expect(buttons(outcome, 'slack:1')).toEqual([
        ['patrol:try-now', 'slack:1'],
        ['patrol:give-up', 'slack:1'],
      ]);
      expect(say(outcome)).toContain('There is nothing to press');
      expect(JSON.stringify(render(outcome, { actor: operator, now: NOW, run: 'slack:1' }))).not.toContain(
        'nothing to press',
      );
      expect(buttons(outcome)).toEqual([]);
    },
  );

  it.each([failed, unread])('are gone when it was given up', (outcome) => {
    const calledOff = { by: operator, at: NOW.toISOString() };
    const ended = { ...outcome, trouble: { ...trouble, next: 'final' as const, calledOff } };
    expect(buttons(ended).map(([action]) => action)).toEqual(['patrol:retry']);
    expect(say(ended)).not.toMatch(/next try|tries again/);
  });

  it('are gone too while what had begun before is read, and when that is done next is said', () => {
    const calledOff = { by: operator, at: NOW.toISOString() };
    const read: Outcome = { ...failed, trouble: { ...trouble, begun: true, calledOff } };
    expect(say(read)).toMatch(/gave it up .*nothing more is begun.*tries again by itself to read what came of it/);
    expect(say(read)).toMatch(/The next look comes by itself about <!date\^1795356146\^/);
    expect(say(read)).not.toMatch(/next try|yet:/);
  });
});
