import { describe, expect, it } from 'vitest';
import { render } from '#shared/slack/blocks/render.ts';
import { withWhoMay } from '#shared/tokens/with-who-may.ts';
import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import { createRoom, NOW, PEOPLE } from '#test/support/room.ts';

const denied: OutcomeOf<'denied'> = {
  kind: 'denied',
  verb: 'deactivate',
  why: 'no_role',
  roles: ['operator', 'admin'],
};

function services(members: readonly string[] | undefined = ['U0GROUPMEM1']) {
  const { services: all } = createRoom((policy) => {
    policy.roles['operator']!.groups = ['S0ONCALL001'];
  });
  return { ...all, groups: { ...all.groups, members: async () => members } };
}

describe('whoever is refused', () => {
  it('reads the names of those who may, of groups too, without their own', async () => {
    const outcome = await withWhoMay(services(), denied, 'U0OPERATOR1');
    expect(outcome).toMatchObject({ people: ['U0ADMIN0001', 'U0GROUPMEM1'] });
    expect(render(outcome, { actor: PEOPLE.viewer, now: NOW }).text).toContain(
      'you may not deactivate tokens. Ask <@U0ADMIN0001> or <@U0GROUPMEM1>: they have the role `operator` or `admin`.',
    );
  });

  it('reads the roles alone where Slack tells nobody', async () => {
    const none = await withWhoMay(services(undefined), { ...denied, roles: ['gone'] }, 'U1');
    expect(render(none, { actor: PEOPLE.viewer, now: NOW }).text).toContain('Ask somebody with the role `gone`.');
  });

  it('is told no names where nobody can help, and as a stranger', async () => {
    for (const outcome of [
      { ...denied, why: 'other_workspace', roles: [] },
      { ...denied, why: 'lapsed' },
      { ...denied, roles: [] },
    ] as const)
      expect(await withWhoMay(services(), outcome, 'U1')).toEqual(outcome);
  });
});
