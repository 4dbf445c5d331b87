import { expect, it } from 'vitest';
import { requestsToSandboxes } from './sandbox.ts';

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
  /** Why it is carried out inside a process, over the modules; a row without it goes by HTTP through the zips. */
  readonly inside?: string;
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

/** Adds a row: `proof` carries the attack out and expects what must hold. It goes through a sandbox, or the row says why not. */
export function attack(row: Attack, proof: () => unknown): void {
  it(`${row.name}: ${row.holds}`, async ({ task }) => {
    task.meta.attack = row;
    const before = requestsToSandboxes();
    await proof();
    expect(requestsToSandboxes() > before, 'it goes through the zips, or says why it stays inside').toBe(
      row.inside === undefined,
    );
  });
}
