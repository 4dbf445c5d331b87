import { expect } from 'vitest';
import type { OwnersAct } from '#shared/cases/case-press.ts';
import { needsPerson } from '#shared/cases/needs-person.ts';
import { pressCase } from '#shared/cases/press-case.ts';
import type { LeakJob } from '#shared/jobs/job.ts';
import { authorise } from '#shared/tokens/authorise.ts';
import { attack } from '#test/support/attack.ts';
import { addToken, createRoom, NOW, openCase } from '#test/support/room.ts';

const OWNER = { teamId: 'T0SANDBOX01', userId: 'U0OWNER0001' };
const ID = 'C-ABCDABCDABCDABCD';
const MINUTE = 60_000;

attack(
  {
    name: 'time-again-and-again',
    finding: 4,
    does: 'owns a leaked token that he would like to keep, and asks for time, says something, and asks for time again, before it is over each time',
    holds: 'time is given once for each question: nobody holds it back longer than the policy says',
    inside: 'half an hour has to pass between the presses',
    without: [
      {
        file: 'shared/cases/press-as-owner.ts',
        replace: '{ ...current, ...endOfWait(current, press), ownerWord',
        by: '{ ...without({ ...current, ...endOfWait(current, press) }, "wait"), ownerWord',
      },
    ],
  },
  async () => {
    const room = createRoom((policy) => Object.assign(policy.alerts.owner, { afterWait: 'deactivate' }));
    const owned = addToken(room, 'leaked', { owner: { id: 'o-1', name: 'owner@example.com' } });
    await openCase(room, owned, { id: ID, grade: 'exact' });
    let ms = NOW.getTime();
    const services = {
      ...room.services,
      now: () => new Date(ms),
      people: { ...room.services.people, byEmail: async () => OWNER.userId },
    };
    const jobs: LeakJob[] = [];
    const press = async (act: OwnersAct) => {
      const { value } = await room.store.remember(`${act} ${ms}`, async (journal) => {
        const attempt = { journal, requestedAt: new Date(ms).toISOString(), progress: async () => {} };
        const context = { services, attempt, authority: await authorise(services, OWNER) };
        return pressCase(context, async (sent) => void jobs.push(...sent), { case: ID, act });
      });
      return value.kind;
    };
    const given: string[] = [];
    for (const act of ['wait', 'not_mine', 'wait', 'mine', 'wait', 'wait'] as const) {
      const answer = await press(act);
      if (act === 'wait') given.push(answer);
      ms += 29 * MINUTE;
    }
    expect(given).toEqual(['case', 'denied', 'denied', 'denied']);
    expect(needsPerson((await room.store.cases.get(ID)) ?? expect.fail('gone'))).toBe(true);
  },
);
