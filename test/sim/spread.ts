import { spawn } from 'node:child_process';

interface Spread {
  readonly seed: number;
  readonly histories: number;
  readonly workers: number;
}

/**
 * Plays histories in as many processes, since a world holds its process' clock and timers: each has its own run of seeds and
 * prints what one process would print of them, in their order. False where a promise was broken, or a process ended otherwise.
 */
export async function spread({ seed, histories, workers }: Spread, more: readonly string[]): Promise<boolean> {
  const share = Math.ceil(histories / workers);
  const runs = Array.from({ length: workers }, (_, index) => ({
    first: seed + index * share,
    count: Math.min(share, histories - index * share),
  }));
  const ended = runs
    .filter(({ count }) => count > 0)
    .map(({ first, count }) => playApart(['--seed', `${first}`, '--histories', `${count}`, ...more]));
  let isKept = true;
  for (const end of ended) {
    const { words, code } = await end;
    process.stdout.write(words);
    isKept &&= code === 0;
  }
  return isKept;
}

function playApart(options: readonly string[]): Promise<{ readonly words: string; readonly code: number | null }> {
  const [node, script] = process.argv;
  return new Promise((resolve, reject) => {
    const child = spawn(node!, [...process.execArgv, script!, ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
    const parts: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => parts.push(part));
    child.on('error', reject);
    child.on('close', (code) => resolve({ words: Buffer.concat(parts).toString(), code }));
  });
}
