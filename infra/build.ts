import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import {
  build as bundle,
  type BuildOptions as BundleOptions,
  formatMessages,
  type Metafile,
  type Plugin,
} from 'esbuild';
import { defined } from '#shared/core/defined.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { openDoorsOf } from '#shared/policy/read-open-doors.ts';
import {
  builtinsWithoutFacade,
  credentialsOfEnvironment,
  namesOfBuiltins,
  withoutBoltReceivers,
} from './bundle-plugins.ts';
import { readCommandLine, runMain } from './command-line.ts';
import { loadPolicy } from './policy.ts';
import { tighten } from './tighten.ts';
import { zipFiles } from './zip-files.ts';

const PROJECT = join(import.meta.dirname, '..');

/** CommonJS dependencies inside an ES module expect these three. */
const BANNER = [
  // Names longer than any that renaming makes.
  "import{createRequire as $require}from'node:module';import{fileURLToPath as $file}from'node:url';import{dirname as $folder}from'node:path';",
  'const require=$require(import.meta.url),__filename=$file(import.meta.url),__dirname=$folder(__filename);',
].join('');

/** What an edge must not carry: Slack's three seconds begin with its cold start, and it has no business with a provider. */
const TOO_HEAVY_FOR_AN_EDGE = [
  /(?:^|\/)node_modules\/(?:@slack|@aws-sdk|@smithy|undici|zod)\//,
  /^shared\/(?:providers\/(?:facts|clients?|[^/]+\/(?:client|facts))\.ts|store\/|tokens\/|core\/http\.ts)/,
];

/** What a zip may weigh without its policy, in kB: a little more than it does. Whoever raises one says in the commit what it is paid for. */
const BUDGETS: Readonly<Record<string, number>> = {
  'slack-edge': 20,
  'alert-edge': 30,
  'slack-worker': 298,
  'alert-worker': 251,
  hygiene: 237,
};

/** What runs beside the loop of each function behind a queue. */
const WATCHDOG = join(PROJECT, 'functions/runtime/watchdog-thread.ts');

const POLICY = 'policy.json';

/** The only function that decides nothing by policy. */
const WITHOUT_POLICY = new Set(['slack-edge']);

/** What of the policy a function is given: an edge no more than it goes by, and nobody's name. */
export function policyFor(name: string, policy: Policy): unknown {
  if (WITHOUT_POLICY.has(name)) return undefined;
  return name.endsWith('-edge') ? openDoorsOf(policy) : policy;
}

interface BuildOptions {
  /** Folder with one file per function, each of which exports its `handler`. */
  readonly functions?: string;
  /** Where `<name>/index.mjs`, `<name>.zip` and `meta.json` go; it is emptied first. */
  readonly out?: string;
  readonly policy: Policy;
  /** Which functions; all, unless it is said. */
  readonly only?: (name: string) => boolean;
}

/** Name of a function and the zip that is deployed for it. */
export interface BuiltFunction {
  readonly name: string;
  readonly zip: string;
}

/**
 * Bundles each function with its policy and zips it. The zips are byte for byte the same for the same sources.
 * Throws for a file that exports no handler, and when an edge would carry Bolt, the AWS SDK, a client of a provider or zod.
 */
export async function buildFunctions(options: BuildOptions): Promise<readonly BuiltFunction[]> {
  const { functions = join(PROJECT, 'functions'), out = join(PROJECT, 'dist'), policy, only = () => true } = options;
  rmSync(out, { recursive: true, force: true });
  const names = readdirSync(functions)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => basename(file, '.ts'))
    .filter(only)
    .toSorted();
  const other = names.find((name) => !isFunction(readFileSync(join(functions, `${name}.ts`), 'utf8')));
  if (other !== undefined) throw new Error(`${other}.ts exports no handler: only functions stand in ${functions}`);
  const metafile = await bundleFunctions(out, [
    ...names.map((name): Entry => [`${name}/index`, join(functions, `${name}.ts`)]),
    // A thread starts from a file of its own.
    ...names.filter((name) => name.endsWith('-worker')).map((name): Entry => [`${name}/watchdog`, WATCHDOG]),
  ]);
  writeFileSync(join(out, 'meta.json'), JSON.stringify(metafile));
  assertLightEdges(metafile);
  return names.map((name) => ({ name, zip: pack(name, out, policyFor(name, policy)) }));
}

type Entry = readonly [output: string, source: string];

/** Bundles functions, each with all that it needs; tells what is in them. */
async function bundleFunctions(outdir: string, entries: readonly Entry[]): Promise<Metafile> {
  const [edges, others] = await Promise.all([
    bundleEdges(outdir, entries.filter(isEdge)),
    bundleAll(
      outdir,
      entries.filter((entry) => !isEdge(entry)),
      WORKERS,
    ),
  ]);
  return {
    inputs: { ...edges.inputs, ...others.inputs },
    outputs: { ...edges.outputs, ...others.outputs },
  };
}

/** Bundles the edges, each byte of which is read in a cold start that somebody waits for. */
async function bundleEdges(outdir: string, entries: readonly Entry[]): Promise<Metafile> {
  const metafile = await bundleAll(outdir, entries, { plugins: [namesOfBuiltins, builtinsWithoutFacade] });
  for (const [output] of entries) {
    const file = join(outdir, `${output}.mjs`);
    writeFileSync(file, await tighten(readFileSync(file, 'utf8')));
  }
  return metafile;
}

const isEdge = ([, source]: Entry): boolean => source.endsWith('-edge.ts');

/** Bundles one function behind a queue as for its zip, with other plugins before the usual ones and without a budget: for what is measured beside it. */
export async function bundleWorker(outdir: string, source: string, plugins: readonly Plugin[]): Promise<void> {
  await bundleAll(outdir, [[`${basename(source, '.ts')}/index`, source]], {
    ...WORKERS,
    plugins: [...plugins, ...WORKERS.plugins],
  });
}

const WORKERS = {
  banner: { js: BANNER },
  plugins: [withoutBoltReceivers, credentialsOfEnvironment, builtinsWithoutFacade],
};

/** Bundles what is bundled alike. */
async function bundleAll(
  outdir: string,
  entries: readonly Entry[],
  options: Pick<BundleOptions, 'banner' | 'plugins'>,
): Promise<Metafile> {
  const { metafile, warnings } = await bundle({
    absWorkingDir: PROJECT,
    entryPoints: Object.fromEntries(entries),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minifyWhitespace: true,
    minifySyntax: true,
    // A seventh smaller, and no slower to load; no code goes by a name.
    minifyIdentifiers: true,
    // The AWS SDK's ES sources are smaller than what its `main` points to.
    mainFields: ['module', 'main'],
    legalComments: 'none',
    // Letters of other scripts as they are: escapes are longer.
    charset: 'utf8',
    metafile: true,
    logLevel: 'silent',
    ...options,
  });
  for (const line of await formatMessages(warnings, { kind: 'warning' })) console.error(line);
  return metafile;
}

const isFunction = (source: string): boolean => /^export (?:const|async function|function) handler\b/m.test(source);

/** Throws when a bundled edge carries what it must not. Goes by path, so that no provider has to be named here. */
export function assertLightEdges({ outputs }: Pick<Metafile, 'outputs'>): void {
  for (const { entryPoint, inputs } of Object.values(outputs)) {
    if (entryPoint === undefined || !entryPoint.endsWith('-edge.ts')) continue;
    const heavy = Object.keys(inputs).find((input) => TOO_HEAVY_FOR_AN_EDGE.some((heavy) => heavy.test(input)));
    if (heavy !== undefined) throw new Error(`${entryPoint} must not carry ${heavy}`);
  }
}

/** Throws when the zip of a function is heavier than its budget; one that has none may weigh anything. */
export function assertWithinBudget(name: string, bytes: number): void {
  const budget = BUDGETS[name] ?? Number.POSITIVE_INFINITY;
  if (bytes > budget * 1024) {
    throw new Error(
      `${name}.zip weighs ${Math.ceil(bytes / 1024)} kB without its policy, and its budget in infra/build.ts is ${budget} kB`,
    );
  }
}

/** What counts of a function's files for its budget, zipped: not its policy, which may be as long as it has to be. */
export function weightOf(files: Readonly<Record<string, Uint8Array>>): number {
  return zipFiles(Object.fromEntries(Object.entries(files).filter(([file]) => file !== POLICY))).length;
}

/** Zips a function's folder with its policy. */
function pack(name: string, out: string, policy: unknown): string {
  const folder = join(out, name);
  const code = Object.fromEntries(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file))]));
  assertWithinBudget(name, weightOf(code));
  const zip = join(out, `${name}.zip`);
  if (policy !== undefined) {
    writeFileSync(join(folder, POLICY), JSON.stringify(policy));
    code[POLICY] = readFileSync(join(folder, POLICY));
  }
  writeFileSync(zip, zipFiles(code));
  return zip;
}

const USAGE = `npm run build -- [options]

Bundles each function with its policy and zips it.

  --stage NAME    whose policy goes in: infra/policy.<stage>.yml over infra/policy.yml (dev)
  --policy FILE   use this policy instead of infra/policy.yml
  --out FOLDER    where the zips go; it is emptied first (dist)
`;

async function main(): Promise<void> {
  const { values } = readCommandLine({
    usage: USAGE,
    options: { stage: { type: 'string', default: 'dev' }, policy: { type: 'string' }, out: { type: 'string' } },
  });
  const policy = loadPolicy({ stage: values.stage, ...defined({ file: values.policy }) });
  const built = await buildFunctions({ policy, ...defined({ out: values.out }) });
  for (const { zip } of built) {
    console.log(`${relative(process.cwd(), zip)}  ${Math.ceil(readFileSync(zip).length / 1024)} kB`);
  }
}

if (import.meta.main) await runMain(main);
