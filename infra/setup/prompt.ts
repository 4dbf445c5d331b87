import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Writable } from 'node:stream';
import { Secret } from '#shared/core/secret.ts';
import { Stop } from '../command-line.ts';

/** Tells what is wrong with an answer, without quoting it; `undefined` when it is right. */
export type Judge = (answer: string) => string | undefined;

/** Asks a person, or a pipe that stands in for one. A wrong answer is asked again; the input's end throws `Stop`. */
export interface Prompt {
  say(line: string): void;
  text(question: string, judge: Judge, initial?: string): Promise<string>;
  /** Asks without echo. A paste of several lines is refused whole. */
  secret(question: string, judge: Judge): Promise<Secret>;
  /** Reads a pasted PEM without echo, from its BEGIN to its END line. */
  pem(question: string): Promise<Secret>;
  confirm(question: string, initial: boolean): Promise<boolean>;
  choose<const K extends string>(question: string, options: Readonly<Record<K, string>>): Promise<K>;
  close(): void;
}

const ENDED = 'The input ended here. What was stored before stays stored; run setup again for the rest.';
/** A terminal hands over the lines of one paste within this time. */
const PASTE_MS = 40;

/** Opens a prompt on a terminal (or a pipe). Keeps no history. */
export function createPrompt(input: NodeJS.ReadStream, output: NodeJS.WriteStream): Prompt {
  let isMuted = false;
  const echo = new Writable({
    write: (chunk: Buffer, _, done) => {
      if (!isMuted) output.write(chunk);
      done();
    },
  });
  const isTerminal = input.isTTY && output.isTTY;
  const lines = createInterface({ input, output: echo, terminal: isTerminal, historySize: 0 });
  const waiting: string[] = [];
  let hasEnded = false;
  let wake = (): void => undefined;
  lines.on('line', (line) => {
    waiting.push(line);
    wake();
  });
  lines.on('close', () => {
    hasEnded = true;
    wake();
  });
  lines.on('SIGINT', () => lines.close());

  const readLine = async (): Promise<string> => {
    while (waiting.length === 0) {
      if (hasEnded) throw new Stop(ENDED);
      await new Promise<void>((resolve) => (wake = resolve));
    }
    return waiting.shift() ?? '';
  };
  const readHidden = async (isDone: (lines: readonly string[]) => boolean): Promise<readonly string[]> => {
    isMuted = true;
    try {
      const read: string[] = [];
      do read.push(await readLine());
      while (!isDone(read));
      if (isTerminal) {
        await sleep(PASTE_MS);
        read.push(...waiting.splice(0));
      }
      return read;
    } finally {
      isMuted = false;
      output.write('\n');
    }
  };
  const untilRight = async <T>(attempt: () => Promise<T | { readonly problem: string }>): Promise<T> => {
    for (;;) {
      const answer = await attempt();
      if (typeof answer !== 'object' || answer === null || !('problem' in answer)) return answer;
      output.write(`  ${answer.problem}\n`);
    }
  };
  const question = (text: string, hint = ''): void => void output.write(`${text}${hint}: `);

  return {
    say: (line) => void output.write(`${line}\n`),
    text: (text, judge, initial) =>
      untilRight<string>(async () => {
        question(text, initial === undefined ? '' : ` [${initial}]`);
        const typed = (await readLine()).trim();
        const answer = typed === '' && initial !== undefined ? initial : typed;
        const problem = judge(answer);
        return problem === undefined ? answer : { problem };
      }),
    secret: (text, judge) =>
      untilRight<Secret>(async () => {
        question(text, ' (hidden)');
        const [first = '', ...more] = await readHidden(() => true);
        if (more.some((line) => line.trim() !== ''))
          return { problem: 'That was more than one line; nothing of it was taken.' };
        const problem = judge(first.trim());
        return problem === undefined ? new Secret(first.trim()) : { problem };
      }),
    pem: (text) =>
      untilRight<Secret>(async () => {
        question(text, ' (hidden, several lines)');
        const read = await readHidden(
          (soFar) => !/^\s*-----BEGIN /.test(soFar[0] ?? '') || soFar.some((line) => line.includes('-----END ')),
        );
        const whole = read.join('\n').trim();
        return /^-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+-----END [A-Z ]*PRIVATE KEY-----$/.test(whole)
          ? new Secret(`${whole}\n`)
          : { problem: 'That is not a private key in PEM: it starts with "-----BEGIN PRIVATE KEY-----".' };
      }),
    confirm: (text, initial) =>
      untilRight<boolean>(async () => {
        question(text, initial ? ' [Y/n]' : ' [y/N]');
        const answer = (await readLine()).trim().toLowerCase();
        if (answer === '') return initial;
        if (answer === 'y' || answer === 'yes') return true;
        return answer === 'n' || answer === 'no' ? false : { problem: 'Answer y or n.' };
      }),
    choose: <const K extends string>(text: string, options: Readonly<Record<K, string>>) =>
      untilRight<K>(async () => {
        const keys = Object.keys(options) as K[];
        keys.forEach((key, index) => output.write(`  ${index + 1}  ${options[key]}\n`));
        question(text, ` [1-${keys.length}]`);
        const chosen = keys[Number((await readLine()).trim()) - 1];
        return chosen ?? { problem: `Answer a number from 1 to ${keys.length}.` };
      }),
    close: () => lines.close(),
  };
}
