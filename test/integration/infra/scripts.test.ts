import { execFile, spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import * as z from 'zod';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'patrol-scripts-'));
afterAll(() => rmSync(folder, { recursive: true }));

const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync('package.json', 'utf8')));
/** Every npm script that is one of ours, with the file that it runs. */
const OURS = Object.entries(scripts).flatMap(([name, command]) => {
  const file = /^(?:exec )?node ((?:infra|test)\/\S+\.ts)/.exec(command)?.[1];
  return file === undefined ? [] : [[name, file] as const];
});
const fileOf = (name: string): string => OURS.find(([each]) => each === name)?.[1] ?? '';
const callOf = (name: string): string => (name === 'start' ? 'npm start' : `npm run ${name}`);

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function call(name: string, ...args: readonly string[]): Promise<Ended> {
  const env = { ...process.env, DEBUG: '', PATROL_ALERT_SECRET: 'not json' };
  try {
    return { code: 0, ...(await run(process.execPath, [fileOf(name), ...args], { env })) };
  } catch (error) {
    return error as Ended;
  }
}

const helps = new Map<string, Promise<Ended>>();

/** What a script says to --help; it is started once for all that look at it. */
function helpOf(name: string): Promise<Ended> {
  const said = helps.get(name) ?? call(name, '--help');
  helps.set(name, said);
  return said;
}

function expectSentence({ code, stdout, stderr }: Ended, words: string | RegExp): void {
  expect(stderr).toMatch(words);
  expect(stderr).not.toMatch(/^\s+at |node:internal|\[object/m);
  expect([code, stdout]).toEqual([1, '']);
}

const given = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

it('knows every script', () => {
  expect(OURS.map(([name]) => name)).toEqual(
    expect.arrayContaining(['start', 'demo', 'build', 'replay', 'policy', 'setup', 'doctor', 'deploy', 'bench:slack']),
  );
});

describe.concurrent.each(OURS)('%s', (name) => {
  it('answers --help with how it is called, and does nothing', async () => {
    const { code, stdout, stderr } = await helpOf(name);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.startsWith(callOf(name))).toBe(true);
    expect(stdout.split('\n').length).toBeGreaterThan(2);
  });

  it('answers an unknown flag with a sentence that names it and those there are', async () => {
    expectSentence(await call(name, '--nonsense'), /'--nonsense'.*--help.*npm /s);
  });
});

describe.concurrent.each([
  'start',
  'demo',
  'build',
  'setup',
  'doctor',
  'manifest',
  'deploy',
  'remove',
  'check:template',
])('%s', (name) => {
  it('tells what to do when npm kept a flag to itself and handed over its value', async () => {
    const ended = await call(name, 'dev');
    expectSentence(ended, '"dev" is not expected here. npm keeps flags to itself unless "--" comes first');
    expect(ended.stderr).toContain(`${callOf(name)} -- `);
  });
});

const PAGES = [...globSync('*.md'), ...globSync('docs/**/*.md'), ...globSync('detectors/*.md')];

/** What the documents call of our scripts with flags, script by script. */
const DOCUMENTED = Map.groupBy(
  PAGES.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/\bnpm (?:run )?([a-z:]+) -- ((?:[^`\n|#]|\\\n)*)/g)].flatMap(
      ([, name = '', words = '']) =>
        [...words.matchAll(/(?<![\w-])--([a-z-]+)/g)].map(([, flag = '']) => ({ name, flag })),
    ),
  ),
  ({ name }) => name,
);

describe.concurrent('the documents', () => {
  it.each(PAGES)('print no line for a shell that a shell cannot parse: %s', (page) => {
    const snippets = [...readFileSync(page, 'utf8').matchAll(/^( *)```sh\n([^]*?)^ *```$/gm)].map(
      ([, indent = '', body = '']) => body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    );
    for (const input of snippets) expect(spawnSync('bash', ['-n'], { input, encoding: 'utf8' }).stderr).toBe('');
  });

  it.each([...DOCUMENTED].filter(([name]) => fileOf(name) !== ''))(
    'give %s no flag that its --help does not tell',
    async (name, calls) => {
      const { stdout } = await helpOf(name);
      const unknown = calls.map(({ flag }) => flag).filter((flag) => flag !== 'help' && !stdout.includes(`--${flag}`));
      expect(unknown).toEqual([]);
    },
  );
});

describe.concurrent('files and values that do not fit', () => {
  const nothing = join(folder, 'nothing');
  const secret = given('broken.json', '{"p":{"authToken":"eyJ-a-secret"');
  it.each<[string, string[], string | RegExp]>([
    ['start', ['--port', 'x'], '--port must be a whole number up to 65535.'],
    ['start', ['--profiles', nothing], `${nothing}: there is no such file or folder.`],
    ['start', ['--profiles', secret], /^\S+broken\.json is not JSON\.\n$/],
    [
      'start',
      ['--profiles', given('p.json', '{"p":{"provider":"acme"}}')],
      /p\.provider: must be one of dfns, langsmith/,
    ],
    ['start', ['--policy', nothing], `${nothing}: there is no such file or folder.`],
    ['start', ['--zips', nothing], `${nothing}: there is no such file or folder.`],
    ['demo', ['--policy', nothing], `${nothing}: there is no such file or folder.`],
    ['build', ['--policy', given('policy.yml', 'version: 2')], /policy\.yml:1: version: /],
    ['replay', [nothing, '--source', 'github'], `${nothing}: there is no such file or folder.`],
    ['replay', [folder, '--source', 'acme'], 'There is no source acme; there are '],
    [
      'replay',
      [secret, '--source', 'github', '--ready', secret],
      'this is not the line that "npm start -- --json" prints',
    ],
    ['replay', [secret, '--source', 'github', '--url', 'here'], '--url must be a URL.'],
    ['replay', [secret, '--source', 'sns', '--url', 'https://example.org'], 'PATROL_ALERT_SECRET: not in the form'],
    ['policy', [], 'npm run policy -- explain'],
    ['policy', ['explain', nothing], `${nothing}: there is no such file or folder.`],
    ['policy', ['explain', given('r1.json', '{}')], /r1\.json: source: is missing\.\n$/],
    [
      'policy',
      ['explain', given('r2.json', '{"source":3,"grade":"x"}')],
      /source: must be a text\.\n.*grade: must be one of proved/,
    ],
    ['policy', ['explain', given('r3.json', '[]')], 'the whole: must be a JSON object.'],
    ['mutate', ['acme'], 'There is no subject acme; there are '],
    ['setup', [], 'Say which stage'],
    ['deploy', ['--stage', 'dev', '--reserve', 'maybe'], '--reserve must be yes or no.'],
    ['screenshots', ['acme'], 'There is no scene acme; there are '],
    ['bench:slack', ['--lists', '10,x'], '--lists must be a whole number.'],
    ['bench:storm', ['--alerts', '-1'], "'--alerts"],
    ['bench:cold', ['--rounds', 'many'], '--rounds must be a whole number.'],
    ['bench:warm', ['--rounds', 'many'], '--rounds must be a whole number.'],
  ])('%s %j', async (name, args, words) => {
    expectSentence(await call(name, ...args), words);
  });
});

describe.concurrent('policy explain', () => {
  const report = (source: string): string => given(`report-${source}.json`, JSON.stringify({ source, grade: 'exact' }));

  it('says which policy it explains', async () => {
    const other = given('other.yml', readFileSync('infra/policy.yml', 'utf8'));
    expect((await call('policy', 'explain', report('github'))).stderr).toContain('infra/policy.yml says.');
    expect((await call('policy', 'explain', report('github'), '--policy', other)).stderr).toContain('other.yml says.');
  });

  it('takes what a person pasted for what it is: no delivery over HTTP', async () => {
    const { code, stdout } = await call('policy', 'explain', report('slack'));
    expect(code).toBe(0);
    expect(stdout).not.toContain('404');
  });
});

it('replay finds the line of a sandbox among what npm prints around it', async () => {
  const ready = given(
    'ready.txt',
    '\n> patrol@0.0.0 start\n> exec node infra/sandbox/start.ts --json\n\n{"ready":true,"url":"http://127.0.0.1:1","alerts":{"endpoint":"http://127.0.0.1:1/alerts","secrets":{}}}\n',
  );
  expectSentence(
    await call('replay', ready, '--source', 'github', '--ready', ready),
    'The sandbox has no secret for github.',
  );
});
