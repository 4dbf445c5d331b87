import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { processesOf } from './resident-memory.ts';

/**
 * A thread that has the worker of alerts yield the processors, wherever a process of it starts: on AWS each function has
 * processors of its own, here all share a few, and the figure would be about the scheduler of this machine. The edge does not
 * yield: a leaked secret's issuer has 800 ms to answer it. It tells how many it has found. Apart from whoever measures, since
 * to look at all processes takes milliseconds.
 */
async function keepApart(parent: number): Promise<never> {
  const kept = new Set<number>();
  for (;;) {
    for (const pid of processesOf('patrol-sandbox-alert-worker', parent)) {
      if (kept.has(pid)) continue;
      try {
        yieldProcessors(pid);
        kept.add(pid);
        parentPort?.postMessage(kept.size);
      } catch {
        // It ended while we looked.
      }
    }
    await sleep(500);
  }
}

/**
 * What only has a low priority keeps a processor for some milliseconds after somebody else wants it; what is idle, for none.
 * Both count within a session alone where the scheduler parts the processors among sessions first, and a function has its own.
 */
function yieldProcessors(pid: number): void {
  const ofSession = `/proc/${pid}/autogroup`;
  if (existsSync(ofSession)) writeFileSync(ofSession, `${constants.priority.PRIORITY_LOW}`);
  const { status } = spawnSync('chrt', ['--all-tasks', '--idle', '--pid', '0', `${pid}`], { stdio: 'ignore' });
  if (status !== 0) setPriority(pid, constants.priority.PRIORITY_LOW);
}

await keepApart(workerData as number);
