import { spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';

const PROJECT = import.meta.dirname;
// Before anything is measured: what the bench itself adds to it says nothing.
const [load = 0] = loadavg();
const at = new Date().toISOString().slice(0, 10);

/** When and on what a bench was run, for the head of its section: date, machine, load before it began, commit. */
export function measuredOn(): string {
  const [cpu] = cpus();
  const machine = `${cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}, Node ${process.versions.node}`;
  return `${at}, ${machine}, load average ${load.toFixed(1)} before it began, ${commit()}`;
}

function commit(): string {
  const id = git('rev-parse', '--short=8', 'HEAD');
  if (id === '') return 'at no known commit';
  // What a bench has just written is no change of what it measured.
  const isChanged = git('status', '--porcelain', '--untracked-files=no', '--', ':/', ':!/docs') !== '';
  return `at commit ${id}${isChanged ? ' with changes' : ''}`;
}

function git(...args: readonly string[]): string {
  const { stdout, status } = spawnSync('git', args, { cwd: PROJECT, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : '';
}
