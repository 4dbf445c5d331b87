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

/** A terminal hands over the lines of one paste within this time. */
const PASTE_MS = 40;

/** The lines of a terminal or a pipe, one by one; those that nobody asked for yet wait. */
function openLines(input: NodeJS.ReadStream, output: NodeJS.WriteStream, ended: string) {
  let isMuted = false;
  const echo = new Writable({
    write: (chunk: Buffer, _, done) => {
      if (!isMuted) output.write(chunk);
      done();
    },
  });
  const terminal = input.isTTY && output.isTTY;
  const lines = createInterface({ input, output: echo, terminal, historySize: 0 });
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

  return {
    /** The next line. Throws `Stop` when there is none. */
    next: async (): Promise<string> => {
      while (waiting.length === 0) {
        if (hasEnded) throw new Stop(ended);
        await new Promise<void>((resolve) => (wake = resolve));
      }
      return waiting.shift() ?? '';
    },
    /** What else came with the last line: the rest of a paste. A pipe's lines are no paste. */
    pasted: async (): Promise<readonly string[]> => {
      if (!terminal) return [];
      await sleep(PASTE_MS);
      return waiting.splice(0);
    },
    /** Echoes nothing while `work` is under way. */
    hidden: async <T>(work: () => Promise<T>): Promise<T> => {
      isMuted = true;
      try {
        return await work();
      } finally {
        isMuted = false;
        output.write('\n');
      }
    },
    close: () => lines.close(),
  };
}

/** An answer, or what is wrong with it. */
type Checked<T> = { readonly answer: T } | { readonly problem: string };

const checked = <T>(answer: T, problem: string | undefined): Checked<T> =>
  problem === undefined ? { answer } : { problem };

/** What makes one line a secret. */
function checkSecret([first = '', ...more]: readonly string[], judge: Judge): Checked<Secret> {
  if (more.some((line) => line.trim() !== ''))
    return { problem: 'That was more than one line; nothing of it was taken.' };
  return checked(new Secret(first.trim()), judge(first.trim()));
}

/** What makes several lines a private key. */
function checkPem(lines: readonly string[]): Checked<Secret> {
  const whole = lines.join('\n').trim();
  return /^-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+-----END [A-Z ]*PRIVATE KEY-----$/.test(whole)
    ? { answer: new Secret(`${whole}\n`) }
    : { problem: 'That is not a private key in PEM: it starts with "-----BEGIN PRIVATE KEY-----".' };
}

/** A PEM ends with its END line; what does not begin as one, at once. */
const isWholePem = (lines: readonly string[]): boolean =>
  !/^\s*-----BEGIN /.test(lines[0] ?? '') || lines.some((line) => line.includes('-----END '));

/** What counts as yes and as no; nothing typed is `initial`. */
function checkYes(typed: string, initial: boolean): Checked<boolean> {
  const word = typed.trim().toLowerCase();
  if (word === '') return { answer: initial };
  if (word === 'y' || word === 'yes') return { answer: true };
  return word === 'n' || word === 'no' ? { answer: false } : { problem: 'Answer y or n.' };
}

/** Opens a prompt on a terminal (or a pipe); `ended` is said when the input ends too early. Keeps no history. */
export function createPrompt(input: NodeJS.ReadStream, output: NodeJS.WriteStream, ended: string): Prompt {
  const lines = openLines(input, output, ended);
  const say = (line: string): void => void output.write(`${line}\n`);

  /** Asks, again and again, until the answer is right. */
  const ask = async <T>(question: string, attempt: () => Promise<Checked<T>>): Promise<T> => {
    for (;;) {
      output.write(`${question}: `);
      const found = await attempt();
      if ('answer' in found) return found.answer;
      say(`  ${found.problem}`);
    }
  };
  const readHidden = (isDone: (soFar: readonly string[]) => boolean): Promise<readonly string[]> =>
    lines.hidden(async () => {
      const read: string[] = [];
      do read.push(await lines.next());
      while (!isDone(read));
      return [...read, ...(await lines.pasted())];
    });

  return {
    say,
    text: (question, judge, initial) =>
      ask(`${question}${initial === undefined ? '' : ` [${initial}]`}`, async () => {
        const typed = (await lines.next()).trim();
        const answer = typed === '' && initial !== undefined ? initial : typed;
        return checked(answer, judge(answer));
      }),
    secret: (question, judge) =>
      ask(`${question} (hidden)`, async () => checkSecret(await readHidden(() => true), judge)),
    pem: (question) => ask(`${question} (hidden, several lines)`, async () => checkPem(await readHidden(isWholePem))),
    confirm: (question, initial) =>
      ask(`${question}${initial ? ' [Y/n]' : ' [y/N]'}`, async () => checkYes(await lines.next(), initial)),
    choose: <const K extends string>(question: string, options: Readonly<Record<K, string>>) => {
      const keys = Object.keys(options) as K[];
      const listed = keys.map((key, index) => `  ${index + 1}  ${options[key]}\n`).join('');
      return ask<K>(`${listed}${question} [1-${keys.length}]`, async () => {
        const answer = keys[Number((await lines.next()).trim()) - 1];
        return answer === undefined ? { problem: `Answer a number from 1 to ${keys.length}.` } : { answer };
      });
    },
    close: lines.close,
  };
}
