import { expect } from 'vitest';
import type { AlertDriver } from './alert-driver.ts';
import './contain-no-secret.ts';
import type { TestSandbox } from './sandbox.ts';

/**
 * Waits until nothing is left to do, and holds that nothing went wrong on the way, nothing was given up, and no secret of a
 * token, nor one of these, stands in anything that was queued, stored, logged or said.
 */
export async function expectInOrder(
  sandbox: TestSandbox,
  driver: AlertDriver,
  secrets: readonly string[] = [],
): Promise<void> {
  await driver.quiet();
  expect(await driver.faults()).toEqual([]);
  expect(await driver.dead()).toBe(0);
  const known = (await sandbox.tokens()).map(({ secret }) => secret);
  expect(await driver.everything()).toContainNoSecret([...known, ...secrets]);
}
