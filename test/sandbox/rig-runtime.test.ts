import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildFunctions } from '#infra/build.ts';
import { loadPolicy } from '#infra/policy.ts';
import { createFleet, type Fleet } from '#infra/sandbox/lambda/fleet.ts';
import { prepareRuntime, type Runtime } from '#infra/sandbox/lambda/runtime.ts';
import { bareFunction } from '#test/support/bare-function.ts';

const FUNCTIONS = join(import.meta.dirname, '../fixtures/functions');
let folder: string;
let runtime: Runtime;
let clockOffsetMs = 0;
const printed: string[] = [];
const fleets: Fleet[] = [];
const sns = createServer((request, response) => response.end(`certificate of ${request.url}`));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'patrol-rig-'));
  await buildFunctions({ functions: FUNCTIONS, out: folder, policy: loadPolicy() });
  runtime = await prepareRuntime(folder);
  await new Promise<void>((resolve) => sns.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await Promise.all(fleets.map((fleet) => fleet.close()));
  sns.close();
  rmSync(folder, { recursive: true });
});

function fleetOf(name: string, options: { timeoutMs?: number; maxProcesses?: number } = {}): Fleet {
  const fleet = createFleet({
    ...bareFunction(name, folder),
    name,
    runtime,
    timeoutMs: options.timeoutMs ?? 10_000,
    maxProcesses: options.maxProcesses ?? 4,
    snsUrl: `http://127.0.0.1:${(sns.address() as AddressInfo).port}`,
    clockOffsetMs: () => clockOffsetMs,
    onPrint: (_, text) => printed.push(text),
  });
  fleets.push(fleet);
  return fleet;
}

async function ask(fleet: Fleet, event: unknown): Promise<any> {
  const { ok, payload } = await fleet.invoke(JSON.stringify(event));
  return { ok, ...(JSON.parse(payload) as object) };
}

describe("a function in AWS's runtime client", () => {
  it('gets the event as it is and answers, in the same process when it is free', async () => {
    const fleet = fleetOf('probe');
    const first = await ask(fleet, { a: ['ä', 1] });
    const second = await ask(fleet, {});
    expect(first).toMatchObject({ ok: true, event: { a: ['ä', 1] }, calls: 1 });
    expect(second).toMatchObject({ calls: 2, pid: first.pid });
  });

  it('works on one event at a time; more events start more processes, up to the limit, and then wait', async () => {
    const fleet = fleetOf('probe', { maxProcesses: 2 });
    const answers = await Promise.all([1, 2, 3, 4].map(() => ask(fleet, { do: 'sleep', ms: 200 })));
    expect(answers.every(({ ok }) => ok)).toBe(true);
    expect(new Set(answers.map(({ pid }) => pid)).size).toBe(2);
  });

  it("sees none of this machine's environment", async () => {
    process.env['PATROL_TEST_CANARY'] = 'visible';
    const seen = await ask(fleetOf('probe'), { do: 'environment' });
    const expected = /^(ok$|AWS_|_HANDLER|_X_AMZN|LAMBDA_TASK_ROOT|CALLS)/;
    expect(Object.keys(seen).filter((name) => !expected.test(name))).toEqual([]);
  });

  it('reports a thrown error as Lambda does and keeps its process', async () => {
    const fleet = fleetOf('probe');
    const { pid } = await ask(fleet, {});
    expect(await ask(fleet, { do: 'throw' })).toMatchObject({
      ok: false,
      errorType: 'TypeError',
      errorMessage: 'as asked',
    });
    expect(await ask(fleet, {})).toMatchObject({ pid });
  });

  it('is replaced by a fresh process when it exits, and the event ends as an error', async () => {
    const fleet = fleetOf('probe');
    const { pid } = await ask(fleet, {});
    const died = await ask(fleet, { do: 'exit' });
    expect(died).toMatchObject({ ok: false, errorType: 'Runtime.ExitError' });
    expect(died.errorMessage).toMatch(/exit status 3/);
    const next = await ask(fleet, {});
    expect(next).toMatchObject({ ok: true, calls: 1 });
    expect(next.pid).not.toBe(pid);
  });

  it('is killed at its time-out', async () => {
    const late = await ask(fleetOf('probe', { timeoutMs: 300 }), { do: 'sleep', ms: 60_000 });
    expect(late).toMatchObject({ ok: false, errorType: 'Sandbox.Timedout' });
    expect(late.errorMessage).toMatch(/timed out after 0\.30 seconds/);
  });

  it('dies in the middle of its work when it is crashed', async () => {
    const fleet = fleetOf('probe');
    await fleet.warm();
    const working = ask(fleet, { do: 'sleep', ms: 60_000 });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(fleet.crash()).toBe(1);
    expect(await working).toMatchObject({ ok: false, errorType: 'Runtime.ExitError' });
  });

  it('has the prints of both streams kept', async () => {
    await ask(fleetOf('probe'), { do: 'print' });
    await expect.poll(() => printed.join('\n')).toMatch(/one line[\s\S]*another line|another line[\s\S]*one line/);
  });

  it('has its clock shifted, its deadline with it, also while it runs', async () => {
    const fleet = fleetOf('probe');
    /** What the function takes for the time, in an answer between these two of ours. */
    const clock = async () => {
      const from = Date.now();
      const told = await ask(fleet, { do: 'clock' });
      return { ...told, from, to: Date.now() };
    };
    const { now, from, to } = await clock();
    expect([now >= from, now <= to]).toEqual([true, true]);
    clockOffsetMs = 3_600_000;
    const shifted = await clock();
    clockOffsetMs = 0;
    const meant = shifted.now - 3_600_000;
    expect([meant >= shifted.from, meant <= shifted.to]).toEqual([true, true]);
    // Made between two reads of the clock, which may go on meanwhile.
    const made = Date.parse(shifted.string);
    expect([made >= shifted.now, made <= shifted.then]).toEqual([true, true]);
    expect(shifted.left).toBeGreaterThan(8000);
    expect(shifted.left).toBeLessThanOrEqual(10_000);
  });

  it("reaches SNS's own hosts inside the sandbox, by fetch and by node:https", async () => {
    const fleet = fleetOf('probe');
    const answer = { text: 'certificate of /some.pem?a=b' };
    expect(await ask(fleet, { do: 'sns', by: 'fetch' })).toMatchObject(answer);
    expect(await ask(fleet, { do: 'sns', by: 'https' })).toMatchObject(answer);
  });

  it('starts anew with another environment, and with its own again when all is cleared', async () => {
    const fleet = fleetOf('probe');
    const before = await ask(fleet, {});
    expect(await fleet.restart({ EXTRA: 'yes', AWS_EXECUTION_ENV: null })).toBeUndefined();
    const after = await ask(fleet, { do: 'environment' });
    expect(after).toMatchObject({ EXTRA: 'yes', CALLS: '1' });
    expect(after).not.toHaveProperty('AWS_EXECUTION_ENV');
    await fleet.clear();
    const cleared = await ask(fleet, { do: 'environment' });
    expect(cleared).not.toHaveProperty('EXTRA');
    expect((await ask(fleet, {})).pid).not.toBe(before.pid);
  });

  it('keeps a process that has seen no event when all is cleared, and none that has', async () => {
    const fleet = fleetOf('probe');
    await fleet.warm();
    const warmAt = Date.now();
    await fleet.clear();
    const { pid, calls, startedAt } = await ask(fleet, {});
    expect(calls).toBe(1);
    expect(startedAt).toBeLessThan(warmAt);
    await fleet.clear();
    expect((await ask(fleet, {})).pid).not.toBe(pid);
  });

  it('refuses a handler with three arguments when it loads, as Lambda has since Node 24', async () => {
    const fleet = fleetOf('callback');
    const failed = await fleet.warm();
    expect(JSON.parse(failed?.payload ?? '{}')).toMatchObject({ errorType: 'Runtime.CallbackHandlerDeprecated' });
    expect(await ask(fleet, {})).toMatchObject({ ok: false, errorType: 'Runtime.CallbackHandlerDeprecated' });
  });
});
