import { describe, expect, it } from 'vitest';
import { pressCase } from '#shared/cases/press-case.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import { offeredChanges } from '#shared/policy/offered-changes.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { caseCard } from '#shared/slack/blocks/case-card.ts';
import { decodeCase } from '#shared/slack/blocks/press.ts';
import type { Case, CaseState } from '#shared/store/store.ts';
import { addToken, createRoom, NOW, PEOPLE } from '#test/support/room.ts';

const STATES: readonly CaseState[] = ['asking', 'noted', 'shadowed', 'not_revoked', 'dead', 'restored'];
const AT = NOW.toISOString();
const ID = 'C-AAAAAAAA';

interface Situation {
  readonly token?: Partial<Token>;
  readonly policy?: (policy: Policy) => unknown;
}

const GUARDED = { profile: 'langsmith-demo', id: 'guarded', reason: 'emergency access' } as const;
const guard = (policy: Policy) => void policy.protected.push({ ...GUARDED });

/** Whatever may keep a change from happening, whoever asks for it. */
const SITUATIONS: Readonly<Record<string, Situation>> = {
  'an ordinary token': {},
  'the token that Patrol works with': { token: { own: true } },
  'a protected token': { policy: guard },
  'a protected token that nobody can agree about': {
    policy: (policy) => {
      guard(policy);
      policy.approvals = policy.approvals.filter(({ verbs }) => !verbs.includes('lever'));
      policy.alerts.levers = [];
    },
  },
  'a profile on which nobody may delete': {
    policy: (policy) => {
      for (const role of Object.values(policy.roles)) role.may = [{ verbs: ['deactivate', 'activate'], profiles: '*' }];
    },
  },
};

async function buttonsOf({ token = {}, policy: change }: Situation, state: CaseState, grade: Case['grade']) {
  const room = createRoom(change);
  const shown = addToken(room, 'guarded', { state: state === 'dead' ? 'inactive' : 'active', ...token });
  const { record: kase } = await room.store.cases.open({
    id: ID,
    key: 'token:langsmith-demo:guarded',
    state,
    token: shown,
    openedAt: AT,
    updatedAt: AT,
    reports: [],
    count: 1,
    generation: 0,
    ...(grade === undefined ? {} : { grade }),
    ...(state === 'dead' ? { verb: 'deactivate' as const } : {}),
  });
  const { policy } = room.services;
  const card = caseCard(kase, {
    now: NOW,
    showWhere: true,
    offers: (one, isProved) => offeredChanges(policy, one, isProved),
  });
  const values = [...JSON.stringify(card.blocks).matchAll(/"value":"((?:[^"\\]|\\.)*)"/g)];
  return { room, presses: values.flatMap(([, text]) => decodeCase(JSON.parse(`"${text}"`) as string) ?? []) };
}

describe.each(Object.entries(SITUATIONS))('the card of %s', (_name, situation) => {
  it.each(STATES)('shows no button that can only refuse (%s)', async (state) => {
    for (const grade of ['proved', 'exact'] as const) {
      const { presses } = await buttonsOf(situation, state, grade);
      for (const press of presses.filter(({ act }) => act !== 'take' && act !== 'dismiss')) {
        const { room } = await buttonsOf(situation, state, grade);
        const outcome = await pressCase(await room.context(PEOPLE.admin), async () => {}, press);
        expect([grade, press.act, outcome.kind]).not.toContain('refused');
        expect([grade, press.act, outcome.kind]).not.toContain('denied');
        expect([grade, press.act, outcome.kind]).not.toContain('no_approver');
      }
    }
  });
});

it('offers two people to lift the protection of a token whose leak is proved, and of no other', async () => {
  const acts = async (grade: Case['grade']) =>
    (await buttonsOf(SITUATIONS['a protected token']!, 'asking', grade)).presses.map(({ act }) => act);
  expect(await acts('proved')).toEqual(['deactivate', 'take', 'dismiss']);
  expect(await acts('exact')).toEqual(['take', 'dismiss']);
});
