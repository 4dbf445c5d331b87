import { expect } from 'vitest';
import type { StandInToken } from '#infra/sandbox/kit/stand-in.ts';
import { type BadDay, PATIENCE_MS } from './chaos.ts';

type Act = (day: BadDay, at: string) => Promise<void>;

/** What is asked for while a worker is killed at a moment of it, and what must be so and be said in the end. */
export const KILLED_ACTS: Readonly<Record<string, Act>> = {
  deactivate: async (day, at) => {
    const { driver, sandbox, killed, expectTruth, about } = day;
    const token = await driver.mint(`off-${at}`);
    await killed('slack-worker', at, () => sandbox.pat(`deactivate ${token.id}`, 'operator'));
    await expectTruth(token);
    await sandbox.said(new RegExp(`^Deactivated: .*${token.name}`), PATIENCE_MS);
    await expectOnce(day, token, ['inactive', 1]);
    expect((await about(token.name)).map(({ text }) => text)).toEqual([expect.not.stringContaining('already')]);
  },
  activate: async (day, at) => {
    const { driver, sandbox, killed } = day;
    const token = await driver.mint(`on-${at}`);
    await driver.ask(`deactivate ${token.id}`, 'operator');
    await killed('slack-worker', at, () => sandbox.pat(`activate ${token.id}`, 'operator'));
    await sandbox.said(new RegExp(`^Active again: .*${token.name}`), PATIENCE_MS);
    await expectOnce(day, token, ['active', 2]);
  },
  delete: async (day, at) => {
    const { driver, killed, expectTruth } = day;
    const token = await driver.mint(`gone-${at}`);
    const fits = /Nothing has been done yet|cannot be undone/;
    const question = await driver.ask(`delete ${token.name}`, 'admin', { fits });
    await killed('slack-worker', at, () => driver.press(question, 'Yes, delete', 'admin'));
    await expectTruth(token);
    // Nothing is found by the name any more, and it is told all the same.
    await driver.reads(question, new RegExp(`Deleted: .*${token.name}`), PATIENCE_MS);
    await expectOnce(day, token, ['deleted', 1]);
  },
  bulk: async (day, at) => {
    const { driver, killed } = day;
    const tokens = await Promise.all([1, 2, 3].map((nth) => driver.mint(`bulk-${at}-${nth}`)));
    const ids = tokens.map(({ id }) => id).join(' ');
    const question = await driver.ask(`deactivate ${ids}`, 'operator', { fits: /Nothing has been done yet/ });
    await killed('slack-worker', at, () => driver.press(question, 'Yes, deactivate', 'operator'));
    const told = await driver.reads(question, /3 tokens: 3 deactivated/, PATIENCE_MS);
    expect(told.text).not.toMatch(/already|NOT/);
    for (const token of tokens) await expectOnce(day, token, ['inactive', 1]);
  },
  lever: async (day, at) => {
    const { driver, sandbox, killed } = day;
    const card = await leaked(day, `lever-${at}`);
    const pulls = async () =>
      (await sandbox.calls()).filter(({ mutation, path }) => mutation && path.endsWith('/info')).length;
    const before = await pulls();
    const fits = /Approval needed: may <@U\w+> (?:stop the creation|deactivate the Dfns)/;
    const request = await driver.next(() => driver.press(card, 'Block new tokens…', 'admin'), fits);
    await killed('slack-worker', at, () => driver.press(request, 'Approve', 'approver'));
    const isTold = async () => (await sandbox.messages()).filter((one) => /^Lever/.test(one.text)).length;
    await sandbox.until('the lever to be told', async () => (await isTold()) > levers, PATIENCE_MS);
    levers = await isTold();
    // A lever that is pulled twice is where it was after the first time; it is told as pulled in each case.
    expect((await pulls()) - before).toBeGreaterThanOrEqual(1);
    expect((await sandbox.messages()).filter((one) => /^Lever NOT/.test(one.text))).toEqual([]);
  },
  undo: async (day, at) => {
    const { driver, killed, expectTruth } = day;
    const token = await driver.issue('langsmith', `undone-${at}`);
    await driver.report('generic', token);
    const card = await driver.card(token.name, /Deactivated, confirmed\./, PATIENCE_MS);
    const asked = await driver.next(() => driver.press(card, 'Undo: activate', 'operator'), /has leaked/);
    await killed('slack-worker', at, () => driver.press(asked, 'Yes, activate', 'operator'));
    await expectTruth(token);
    await driver.reads(card, /Active again: it was brought back/, PATIENCE_MS);
    await driver.idle(PATIENCE_MS);
    await expectOnce(day, token, ['active', 2]);
    expect(await driver.cards(token.name)).toHaveLength(1);
  },
  'a second person': async (day, at) => {
    const { driver, killed, expectTruth, sandbox, about } = day;
    const token = await driver.mint(`agreed-${at}`);
    const question = await driver.ask(`delete ${token.id}`, 'operator', { fits: /cannot be undone/ });
    const request = await driver.next(() => driver.press(question, 'Yes, delete', 'operator'), /Approval needed: may/);
    await killed('slack-worker', at, () => driver.press(request, 'Approve', 'approver'));
    await expectTruth(token);
    await driver.reads(request, /^Approved: delete/, PATIENCE_MS);
    await sandbox.said(new RegExp(`^Deleted: .*${token.name}`), PATIENCE_MS);
    await driver.idle(PATIENCE_MS);
    await expectOnce(day, token, ['deleted', 1]);
    expect((await about(token.name)).filter(({ text }) => text.startsWith('Deleted: '))).toHaveLength(1);
  },
  alert: async (day, at) => {
    const { driver, killed } = day;
    const token = await driver.issue('langsmith', `leaked-${at}`);
    await killed('alert-worker', at, () => driver.report('gitleaks', token));
    await driver.card(token.name, /Deactivated, confirmed\./, PATIENCE_MS);
    await expectOnce(day, token, ['inactive', 1]);
    await driver.quiet();
    expect(await driver.cards(token.name)).toHaveLength(1);
  },
};
let levers = 0;

async function expectOnce(
  { driver }: BadDay,
  token: StandInToken,
  end: readonly [StandInToken['state'], number],
): Promise<void> {
  expect([await driver.stateOf(token), await driver.mutationsOf(token)]).toEqual(end);
}

async function leaked({ driver }: BadDay, name: string) {
  await driver.report('generic', await driver.issue('langsmith', name));
  return driver.card(name, /Deactivated, confirmed\./, PATIENCE_MS);
}
