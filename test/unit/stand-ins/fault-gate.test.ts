import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import { createFaultGate } from '#infra/sandbox/aws/fault-gate.ts';

/** A gate whose slow calls wait until they are let go, and a call to it. */
function setUp() {
  const waiting: (() => void)[] = [];
  const gate = createFaultGate(() => new Promise<void>((resolve) => waiting.push(resolve)));
  gate.set({ mode: 'slow' });
  const call = { isDropped: false };
  const request = { socket: { destroy: () => (call.isDropped = true) } } as unknown as IncomingMessage;
  const admitted = gate.admit(request, {} as unknown as ServerResponse);
  return { gate, call, admitted, letGo: () => waiting.splice(0).forEach((go) => go()) };
}

it('lets a slow call through when its time is over', async () => {
  const { call, admitted, letGo } = setUp();
  letGo();
  expect([await admitted, call.isDropped]).toEqual([true, false]);
});

it('drops a slow call that everything was reset under', async () => {
  const { gate, call, admitted, letGo } = setUp();
  gate.reset();
  letGo();
  expect([await admitted, call.isDropped]).toEqual([false, true]);
});

it('lets everything through after a reset', async () => {
  const { gate } = setUp();
  gate.reset();
  const request = { socket: { destroy: () => undefined } } as unknown as IncomingMessage;
  expect(await gate.admit(request, {} as unknown as ServerResponse)).toBe(true);
});
