import { expect, it } from 'vitest';
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
    expect(text).toContain('The next try is in about 6 s');
    expect(text).toMatch(/goes on by itself until about <!date\^17953/);
    expect(text).toContain('https://app.dfns.io &gt; Settings &gt; Personal access tokens');
  },
);

it.each(['given_up', 'final'] as const)('one that is %s promises no further try', (next) => {
  for (const outcome of [failed, unread]) {
    expect(say({ ...outcome, trouble: { ...trouble, next } })).not.toContain('The next try');
  }
});
