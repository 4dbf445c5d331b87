import { readdirSync, readFileSync } from 'node:fs';

/** The living processes of a function that a process has started; from /proc, so on Linux only. */
export function processesOf(functionName: string, parent: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
        if (!environment.includes(`AWS_LAMBDA_FUNCTION_NAME=${functionName}\0`)) return [];
        const status = readFileSync(`/proc/${pid}/status`, 'utf8');
        return status.includes(`PPid:\t${parent}\n`) ? [Number(pid)] : [];
      } catch {
        // It ended while we looked.
        return [];
      }
    });
}

/** The resident set of each living process of a function that a process has started, MB. */
export function residentMemory(functionName: string, parent: number, what: 'now' | 'peak'): readonly number[] {
  const figure = what === 'now' ? /VmRSS:\s+(\d+) kB/ : /VmHWM:\s+(\d+) kB/;
  return processesOf(functionName, parent).flatMap((pid) => {
    try {
      return [Number(figure.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024];
    } catch {
      return [];
    }
  });
}
