import { afterAll, beforeAll, expect, it } from 'vitest';
import { type SlackStandIn, startSlack } from '#infra/sandbox/slack/slack.ts';
import { Secret } from '#shared/core/secret.ts';
import type { CaseChange } from '#shared/cases/keep-case.ts';
import { onCase } from '#shared/slack/listeners/on-case.ts';
import { createPerform } from '#shared/slack/listeners/perform.ts';
import type { Request } from '#shared/slack/listeners/request.ts';
import type { Case, Store } from '#shared/store/store.ts';
import type { Services } from '#shared/tokens/services.ts';
import { type LeakBench, startLeakBench } from '#test/support/leak-bench.ts';
import { replyTo } from '#test/support/reply-to.ts';
import { OPERATOR } from '#test/support/services.ts';

let bench: LeakBench;
let slack: SlackStandIn;
beforeAll(async () => {
  [bench, slack] = await Promise.all([startLeakBench(), startSlack()]);
});
afterAll(() => Promise.all([bench.close(), slack.close()]));

let made = 0;
/** A case that asks what to do. */
async function ask(): Promise<string> {
  made += 1;
  const { secret } = bench.mint(`pressed-${made}`);
  const finding = { secret: new Secret(secret), test: true };
  return (await bench.handle(bench.jobs([finding], { delivery: `pressed-${made}` })[0])).caseId;
}

/** The job of one press, whose deliveries are the same. */
function pressOn(caseId: string, act: 'take' | 'dismiss' | 'reopen') {
  const request: Request = {
    job: {
      ...{ v: 1, kind: 'command', sealed: [], unrecognised: 0 },
      ...{ receivedAt: new Date().toISOString(), deliveryKey: `${act}-${caseId}` },
    },
    payload: {},
    actor: OPERATOR,
    place: { channel: 'C0GENERAL01', userId: OPERATOR.userId },
    delivery: { attempt: 1, isLast: false },
  };
  const press = { actionId: `patrol:case:${act}`, value: JSON.stringify({ case: caseId, act }) };
  const more = { sendLeaks: () => Promise.resolve(), again: () => Promise.resolve(false) };
  return (services: Services) =>
    createPerform({ services, reply: replyTo(slack, services) })(request, (attempt) =>
      onCase({ services, request, attempt, ...more }, press),
    );
}

/** The store for a process that dies as soon as the press has changed the case. */
function dyingAfterChange({ cases, ...store }: Store): Store {
  const change = async (id: string, next: CaseChange, how?: Parameters<Store['cases']['change']>[2]) => {
    const changed = await cases.change(id, next, how);
    if (changed?.changed === true) throw new TypeError('the process dies');
    return changed;
  };
  return { ...store, cases: { ...cases, change } };
}

/** The rules once whoever pressed is in no role of theirs any more. */
const withoutOperator = () =>
  bench.withPolicy(({ roles }) => {
    for (const role of Object.values(roles)) {
      Object.assign(role, { users: role.users.filter((userId) => userId !== OPERATOR.userId), groups: [] });
    }
  });

const standing = ({ state, takenBy, dismissedBy }: Partial<Case> = {}) => ({ state, takenBy, dismissedBy });

it.each(['take', 'dismiss', 'reopen'] as const)(
  '%s that its process had made when it died is on record and told as made, also where whoever pressed has lost the right since',
  async (act) => {
    const { services } = bench;
    const caseId = await ask();
    if (act === 'reopen') await pressOn(caseId, 'dismiss')(services);
    const press = pressOn(caseId, act);
    await expect(press({ ...services, store: dyingAfterChange(services.store) })).rejects.toThrow();
    const then = standing(await services.store.cases.get(caseId));
    const before = slack.messages().length;
    await press(withoutOperator());
    expect(standing(await services.store.cases.get(caseId))).toEqual(then);
    const lines = await services.store.audit.query({ caseId, limit: 10 });
    expect(lines.filter(({ what }) => what === act)).toMatchObject([
      { actor: OPERATOR, rule: 'role:operator', result: 'done' },
    ]);
    const theirs = await services.store.audit.query({ actorUserId: OPERATOR.userId, limit: 10 });
    expect(theirs.filter(({ result }) => result === 'refused')).toEqual([]);
    expect(slack.messages().length).toBe(before);
  },
);
