import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesOf } from './resident-memory.ts';

/** What makes a process tell its heap whenever it is asked. */
export interface HeapProbe {
  /** Has to be in the environment of the process from its start. */
  readonly environment: Readonly<Record<string, string>>;
  /** The heap that is left after a collection, MB. The process has nothing to do meanwhile. */
  read(functionName: string, parent: number): Promise<number>;
  close(): void;
}

const SCRIPT = `const { writeFileSync } = require('node:fs');
require('node:v8').setFlagsFromString('--expose-gc');
const collect = require('node:vm').runInNewContext('gc');
process.on('SIGUSR2', () => {
  collect();
  collect();
  writeFileSync(process.env.HEAP_FILE, String(process.memoryUsage().heapUsed));
});
`;

/** Makes the probe of one process at a time. */
export function createHeapProbe(): HeapProbe {
  const folder = mkdtempSync(join(tmpdir(), 'patrol-heap-'));
  const [script, file] = [join(folder, 'heap.cjs'), join(folder, 'heap')];
  writeFileSync(script, SCRIPT);
  return {
    environment: { NODE_OPTIONS: `--require ${script}`, HEAP_FILE: file },
    read: async (functionName, parent) => {
      const [pid] = processesOf(functionName, parent);
      if (pid === undefined) throw new Error(`there is no process of ${functionName}`);
      writeFileSync(file, '');
      process.kill(pid, 'SIGUSR2');
      for (;;) {
        await sleep(20);
        const told = readFileSync(file, 'utf8');
        if (told !== '') return Number(told) / 2 ** 20;
      }
    },
    close: () => rmSync(folder, { recursive: true }),
  };
}
