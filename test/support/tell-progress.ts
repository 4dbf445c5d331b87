import { basename } from 'node:path';

/** Nobody waits longer than this without a word. */
const QUIET_MS = 10_000;
const NAMED = 4;

interface Rim {
  /** Milliseconds since any moment. */
  now(): number;
  write(line: string): void;
  /** Calls back about every second for as long as the process lives, and keeps it alive for no longer. */
  everySecond(look: () => void): void;
}

const PROCESS: Rim = {
  now: () => performance.now(),
  write: console.log,
  everySecond: (look) => void setInterval(look, 1000).unref(),
};

type File = { readonly moduleId: string };

/** As much of a reporter of vitest's as is needed. */
interface Progress {
  onTestRunStart(files: readonly object[]): void;
  onTestModuleStart(file: File): void;
  onTestCaseResult(): void;
  onTestModuleEnd(file: File): void;
  onTestRunEnd(): void;
}

/**
 * A reporter for where there is no terminal to redraw: whenever no file was finished for ten seconds it says how far the run is
 * and which files are at work.
 */
export function tellProgress({ now, write, everySecond }: Rim = PROCESS): Progress {
  const startedAt = now();
  const atWork = new Set<string>();
  const run = { files: 0, done: 0, tests: 0, saidAt: startedAt, isOn: false };
  everySecond(() => {
    if (!run.isOn || now() - run.saidAt < QUIET_MS) return;
    run.saidAt = now();
    write(lineOf(Math.round((now() - startedAt) / 1000), run, [...atWork]));
  });
  return {
    onTestRunStart: (files) => void Object.assign(run, { files: files.length, saidAt: now(), isOn: true }),
    onTestModuleStart: ({ moduleId }) => void atWork.add(basename(moduleId)),
    onTestCaseResult: () => void (run.tests += 1),
    onTestModuleEnd: ({ moduleId }) => {
      atWork.delete(basename(moduleId));
      // The reporter of results has just named it.
      Object.assign(run, { done: run.done + 1, saidAt: now() });
    },
    onTestRunEnd: () => void (run.isOn = false),
  };
}

function lineOf(
  seconds: number,
  { files, done, tests }: { readonly files: number; readonly done: number; readonly tests: number },
  atWork: readonly string[],
): string {
  const more = atWork.length > NAMED ? ` and ${atWork.length - NAMED} more` : '';
  const what =
    atWork.length === 0 ? 'the next ones are made ready' : `at work: ${atWork.slice(0, NAMED).join(', ')}${more}`;
  return ` … ${seconds} s: ${done} of ${files} files, ${tests} tests done; ${what}`;
}
