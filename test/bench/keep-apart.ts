import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { processesOf } from './resident-memory.ts';

/** So much less than what works for people: it has 800 ms to ask a leaked secret's issuer, and needs some. */
const SOMEWHAT_LOW = 5;

/**
 * A thread that has what works for alerts yield the processors, wherever a process of it starts: on AWS each function has
 * processors of its own, here all share a few, and the figure would be about the scheduler of this machine. The worker takes
 * none that somebody else wants, the edge the smaller part. It tells how many workers it has found. Apart from whoever
 * measures, since to look at all processes takes milliseconds.
 */
async function keepApart(parent: number): Promise<never> {
  const kept = new Set<number>();
  let workers = 0;
  const each = (name: string, yieldProcessors: (pid: number) => void): number => {
    const before = kept.size;
    for (const pid of processesOf(`patrol-sandbox-${name}`, parent)) {
      if (kept.has(pid)) continue;
      try {
        yieldProcessors(pid);
        kept.add(pid);
      } catch {
        // It ended while we looked.
      }
    }
    return kept.size - before;
  };
  for (;;) {
    each('alert-edge', (pid) => yieldAsSession(pid, SOMEWHAT_LOW));
    workers += each('alert-worker', yieldAll);
    parentPort?.postMessage(workers);
    await sleep(500);
  }
}

/** What only has a low priority keeps a processor for some milliseconds after somebody else wants it; what is idle, for none. */
function yieldAll(pid: number): void {
  yieldAsSession(pid, constants.priority.PRIORITY_LOW);
  const { status } = spawnSync('chrt', ['--all-tasks', '--idle', '--pid', '0', `${pid}`], { stdio: 'ignore' });
  if (status !== 0) setPriority(pid, constants.priority.PRIORITY_LOW);
}

/** Where the scheduler parts the processors among sessions, a priority counts within one alone, and each function has its own. */
function yieldAsSession(pid: number, priority: number): void {
  const ofSession = `/proc/${pid}/autogroup`;
  if (existsSync(ofSession)) writeFileSync(ofSession, `${priority}`);
  else setPriority(pid, priority);
}

await keepApart(workerData as number);
