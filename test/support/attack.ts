import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { it } from 'vitest';

/** One row of the table that `npm run test:attacks` prints. */
export interface Attack {
  /** In kebab-case, unlike every other; `npm run test:attacks -- <name>` runs this row. */
  readonly name: string;
  /** The number of the finding in the security review, where there was one. */
  readonly finding?: number;
  /** What an attacker does, without a name for him: "types …", "sends …". */
  readonly does: string;
  /** What must hold all the same. */
  readonly holds: string;
  /** What takes the protection out: with these edits the row must fail (`npm run test:attacks -- --without <name>`). */
  readonly without: readonly [Edit, ...Edit[]];
}

/** A text that a file of the project holds exactly once, and what would stand there without the protection. */
export interface Edit {
  readonly file: string;
  readonly replace: string;
  readonly by: string;
}

declare module 'vitest' {
  interface TaskMeta {
    attack?: Attack;
  }
}

const PROJECT = join(import.meta.dirname, '../..');

/** Adds a row: `proof` carries the attack out and expects what must hold. */
export function attack(row: Attack, proof: () => unknown): void {
  it(`${row.name}: ${row.holds}`, async ({ task }) => {
    task.meta.attack = row;
    await proof();
  });
}

/**
 * Calls an exported function of the project in a process of its own and gives what it returns, by way of JSON. Rejects
 * after `seconds`: what holds the loop could not be given up otherwise.
 */
export function callApart<T>(file: string, name: string, args: readonly unknown[], seconds = 10): Promise<T> {
  const script = `import { ${name} } from ${JSON.stringify(pathToFileURL(join(PROJECT, file)).href)};
process.stdout.write(JSON.stringify(await ${name}(...JSON.parse(process.argv[1]))) ?? 'null');`;
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      ['--input-type=module', '--eval', script, JSON.stringify(args)],
      { cwd: PROJECT, timeout: seconds * 1000, killSignal: 'SIGKILL', maxBuffer: 64 * 1024 * 1024 },
      (error, out) => (error === null ? resolve(JSON.parse(out) as T) : reject(new Error(error.message))),
    );
  });
}
