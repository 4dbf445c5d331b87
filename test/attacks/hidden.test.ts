import { expect } from 'vitest';
import { pressCase } from '#shared/cases/press-case.ts';
import type { Case } from '#shared/store/store.ts';
import { readAudit } from '#shared/tokens/commands/read-audit.ts';
import { readStats } from '#shared/tokens/commands/read-stats.ts';
import { takeOrder } from '#shared/tokens/take-order.ts';
import { onCommand } from '#shared/slack/listeners/on-command.ts';
import { onGlassWanted } from '#shared/slack/listeners/on-glass-wanted.ts';
import type { Request } from '#shared/slack/listeners/request.ts';
import type { SlackContext } from '#shared/slack/listeners/slack-context.ts';
import type { Reply } from '#shared/slack/reply.ts';
import { attack } from '#test/support/attack.ts';
import { addToken, createRoom, NOW, PEOPLE } from '#test/support/room.ts';

const ID = 'C-ABCDABCDABCDABCD';

/** A weak case that may mean a token of another profile, and an operator who may not see that profile. */
async function weakCase() {
  const room = createRoom((policy) => {
    policy.roles['operator']!.may = [{ verbs: '*', profiles: ['langsmith-demo'] }];
  });
  const at = NOW.toISOString();
  const candidates = ['one', 'two'].map((id) => ({
    token: addToken(room, id, { provider: 'dfns', profile: 'dfns-demo' }),
    grade: 'weak' as const,
    because: [{ kind: 'claims_owner' as const }],
  }));
  await room.store.cases.open({
    ...{ id: ID, key: 'clue:x', state: 'asking', openedAt: at, updatedAt: at, generation: 0, count: 1 },
    ...{ reports: [{ source: 'github', key: 'r', at }], clue: { form: 'hashed', fingerprint: 'f' }, candidates },
  });
  return { room, context: await room.context(PEOPLE.operator) };
}

const WITHOUT_ALL = {
  file: 'shared/cases/press-case.ts',
  replace: 'const denied = answers.find(isDenied);',
  by: 'const denied = answers.length > 0 ? undefined : answers.find(isDenied);\n  answers[answers.length] = authority.may(verb);',
};

attack(
  {
    name: 'not-ours-of-a-hidden-profile',
    finding: 14,
    does: 'presses "Not ours", "Take it" and "Search again" on a case whose candidates are in a profile that the presser may not see',
    holds: 'nothing changes, and not even the profile’s name is told',
    without: [WITHOUT_ALL],
  },
  async () => {
    const { room, context } = await weakCase();
    const before = await room.store.cases.get(ID);
    for (const act of ['dismiss', 'take', 'retry'] as const) {
      const outcome = await pressCase(context, async () => expect.fail('no search'), { case: ID, act });
      expect(outcome).toMatchObject({ kind: 'denied' });
      expect(JSON.stringify(outcome)).not.toContain('dfns');
    }
    expect(await room.store.cases.get(ID)).toEqual(before satisfies Case | undefined);
  },
);

attack(
  {
    name: 'counted-although-hidden',
    finding: 14,
    does: 'asks for stats and the record without a right on the profile that they are about',
    holds: 'neither counts nor tells the cases, requests and refusals of a hidden profile',
    without: [
      {
        file: 'shared/tokens/may-see.ts',
        replace: 'return (profiles) => !profiles.some((profile) => hidden.has(profile));',
        by: "return (profiles) => profiles.length < 0 || hidden.has('');",
      },
    ],
  },
  async () => {
    const { room, context } = await weakCase();
    const entry = { at: NOW.toISOString(), actor: PEOPLE.admin, result: 'done' } as const;
    await room.store.audit.append({ ...entry, id: 'a', what: 'dismiss', caseId: ID, reason: 'hidden by its case' });
    await room.store.audit.append({ ...entry, id: 'b', what: 'denied', profiles: ['dfns-demo'], reason: 'hidden' });
    await room.store.audit.append({ ...entry, id: 'c', what: 'denied', reason: 'seen by everybody' });
    const [audited, stats] = [
      await readAudit(context.services, context.authority, { verb: 'audit' }),
      await readStats(context.services, context.authority),
    ];
    expect(audited).toMatchObject({ kind: 'audited', entries: [{ id: 'c' }] });
    expect(stats).toMatchObject({ kind: 'stats', denied: 1, openCases: 0 });
  },
);

attack(
  {
    name: 'profile-name-from-a-near-miss',
    finding: 21,
    does: 'types, from another workspace, a command with a misspelt profile',
    holds: 'no name is told: only that Patrol does not answer there',
    without: [
      {
        file: 'shared/slack/listeners/on-command.ts',
        replace: 'return names.filter((name) => known.has(name));',
        by: 'return names.filter((name) => known.size >= 0 || known.has(name));',
      },
      {
        file: 'shared/slack/listeners/on-command.ts',
        replace: '= isOurs(services.policy, request.actor)',
        by: '= isOurs(services.policy, request.actor) || true',
      },
    ],
  },
  async () => {
    const { context } = await weakCase();
    const job = { sealed: [], unrecognised: 0 } as unknown as Request['job'];
    for (const actor of [PEOPLE.stranger, PEOPLE.operator]) {
      const request = { actor, job } as Request;
      const slack = { services: context.services, attempt: context.attempt, request } as SlackContext;
      const answers = await onCommand(slack, 'list dfns-dem');
      expect(JSON.stringify(answers)).not.toContain('dfns-demo');
      expect(answers[0]?.outcome.kind).toBe(actor === PEOPLE.stranger ? 'denied' : 'misunderstood');
    }
  },
);

attack(
  {
    name: 'glass-looked-through',
    finding: 21,
    does: 'presses "Break the glass…" on a copied button, from another workspace or without the role',
    holds: 'the window shows a refusal, and neither token nor requester',
    without: [
      {
        file: 'shared/slack/listeners/on-glass-wanted.ts',
        replace: 'if (refusal !== undefined) {',
        by: 'if (refusal !== undefined && refusal.kind === "listed") {',
      },
    ],
  },
  async () => {
    const room = createRoom();
    addToken(room, 'glass', { name: 'name-of-the-token' });
    const named = { verb: 'delete', tokens: ['langsmith-demo:glass'], keepGoing: false, ask: 'never' } as const;
    room.services.policy.limits.confirm.length = 0;
    const asked = await takeOrder(await room.context(PEOPLE.operator), named);
    const value = asked.kind === 'approval' ? asked.approval.id : expect.fail(asked.kind);
    for (const actor of [PEOPLE.stranger, PEOPLE.viewer]) {
      const shown: unknown[] = [];
      const reply = { updateView: async (_: string, view: unknown) => void shown.push(view) } as unknown as Reply;
      const press = { actionId: 'patrol:modal:break-glass', value, viewId: 'V1' };
      await onGlassWanted({ services: room.services, request: { actor } as Request, reply }, press);
      expect(shown).toHaveLength(1);
      expect(JSON.stringify(shown)).not.toMatch(/name-of-the-token|U0OPERATOR1/);
    }
  },
);
