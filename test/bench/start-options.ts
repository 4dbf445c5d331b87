import { orExit, readCommandLine, wholeNumber } from '#infra/command-line.ts';

/** What the benches take that start something again and again. */
export interface StartOptions {
  readonly rounds: number;
  readonly write: boolean;
  readonly json: string | undefined;
}

/** Reads the options of a bench that starts something again and again; `rounds`: how often, unless told. */
export function readStartOptions(call: string, does: string, rounds: number): StartOptions {
  const usage = `npm run ${call} -- [options]

${does}

  --rounds N   how often (${rounds})
  --write      put the figures into docs/bench.md
  --json FILE  write the medians there as well
`;
  return orExit(() => {
    const { values } = readCommandLine({
      usage,
      options: {
        rounds: { type: 'string', default: String(rounds) },
        write: { type: 'boolean', default: false },
        json: { type: 'string' },
      },
    });
    return { rounds: wholeNumber('--rounds', values.rounds), write: values.write, json: values.json };
  });
}
