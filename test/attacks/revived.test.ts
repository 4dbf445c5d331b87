import { afterAll, beforeAll, expect } from 'vitest';
import { Secret } from '#shared/core/secret.ts';
import { type AlertDriver, createAlertDriver } from '#test/support/alert-driver.ts';
import { attack } from '#test/support/attack.ts';
import { type LeakBench, startLeakBench } from '#test/support/leak-bench.ts';
import { sharedSandbox } from '#test/support/shared-sandbox.ts';

let bench: LeakBench;
let driver: AlertDriver;

beforeAll(async () => {
  [bench, driver] = await Promise.all([startLeakBench(), sharedSandbox().then(createAlertDriver)]);
});
afterAll(() => bench.close());

attack(
  {
    name: 'reinstated-at-the-provider',
    finding: 13,
    does: 'brings a token that Patrol has just killed back at the provider, and waits for the next report to be folded into "nothing was done twice"',
    holds: 'the report reads afresh, and the token is killed again',
    without: [
      {
        file: 'shared/alerts/act-on-case.ts',
        replace: 'if (wasUndone(known, reported.journal)) {',
        by: "if (wasUndone(known, reported.journal) || known.state === 'dead') {",
      },
    ],
  },
  async () => {
    const token = await driver.issue('langsmith', 'reinstated by its thief');
    await driver.report('gitleaks', token);
    await driver.card(token.name, /Deactivated, confirmed\./);
    await driver.quiet();
    await driver.reinstate(token);
    expect(await driver.stateOf(token)).toBe('active');
    await driver.report('trufflehog', token);
    await driver.card(token.name, /Reported 2 times/);
    await driver.quiet();
    expect(await driver.stateOf(token)).toBe('inactive');
  },
);

attack(
  {
    name: 'reinstated-and-never-reported-again',
    finding: 13,
    does: 'brings a token that Patrol has just killed back at the provider, and sees to it that nobody reports it again',
    holds: 'Patrol looks again by itself, and the card says that it works',
    inside: 'the next look comes after five minutes, and a queue’s delay cannot be hurried',
    without: [
      {
        file: 'shared/cases/read-again.ts',
        replace: "return revived.length > 0 ? 'alive_again' : 'dead';",
        by: "return revived.length < 0 ? 'alive_again' : 'dead';",
      },
    ],
  },
  async () => {
    const token = bench.langsmith.mint({ profile: 'langsmith-demo', name: 'reinstated unseen' });
    const [job] = bench.jobs([{ secret: new Secret(token.secret) }], { delivery: 'only' });
    const { caseId } = await bench.handle(job);
    const provider = await bench.services.providers.open('langsmith-demo');
    await provider.activate(token.id);
    const planned = bench.planned.findLast(({ job: { kind } }) => kind === 'read-again');
    expect(planned?.delaySeconds).toBeCloseTo(300, 0);
    if (planned?.job.kind !== 'read-again') throw new Error('no look is planned');
    const { at } = planned.job;
    // Its time has come.
    const due = new Date(Date.now() - 1).toISOString();
    await bench.services.store.cases.change(caseId, (kase) => ({ ...kase, look: { ...kase.look!, at: due } }));
    expect(at > due).toBe(true);
    expect(await bench.readAgain.read({ ...planned.job, at: due })).toBe('alive_again');
    expect(bench.channel.cards.at(-1)?.kase).toMatchObject({ id: caseId, state: 'not_revoked' });
  },
);
