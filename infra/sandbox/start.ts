import { defined } from '#shared/core/defined.ts';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as z from 'zod';
import { fieldProblems, readCommandLine, readJson, runMain, Stop, wholeNumber } from '#infra/command-line.ts';
import { loadPolicy } from '#infra/policy.ts';
import { PROVIDER_NAMES } from '#shared/core/vocabulary.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { STAGE } from './lambda/deployment.ts';
import type { Ready } from './ready.ts';
import { type SandboxOptions, startSandbox } from './sandbox.ts';
import { tellSteps } from '#infra/tell-steps.ts';
import type { ProfileSecrets } from './secrets/seeds.ts';

const USAGE = `npm start -- [options]

  --port N             where to listen on 127.0.0.1 (4400; 0 picks a free port)
  --profiles FILE      use these Dfns or LangSmith credentials (JSON) instead of the stand-ins
  --policy FILE        use this policy instead of infra/policy.yml
  --slack-api-url URL  let Patrol call this Slack Web API instead of the stand-in
  --rtt MS             let everything outside AWS answer this much later (0)
  --slack-posts N      let Slack take N messages a minute in a channel (0: any number; Slack's own limit is about 60)
  --no-page            without the page
  --zips FOLDER        run these <function>.zip instead of building
  --json               print one line of JSON when everything answers, and nothing else
`;

/** Reads the command line of `npm start`. Throws `Stop`, for help too. */
function readOptions(): SandboxOptions & { readonly json: boolean } {
  const { values } = readCommandLine({
    usage: USAGE,
    options: {
      port: { type: 'string', default: '4400' },
      json: { type: 'boolean', default: false },
      profiles: { type: 'string' },
      policy: { type: 'string' },
      'slack-api-url': { type: 'string' },
      'no-page': { type: 'boolean', default: false },
      zips: { type: 'string' },
      rtt: { type: 'string', default: '0' },
      'slack-posts': { type: 'string', default: '0' },
    },
  });
  const profiles = values.profiles === undefined ? undefined : readProfiles(values.profiles);
  const slackApiUrl = values['slack-api-url'];
  if (slackApiUrl !== undefined && !URL.canParse(slackApiUrl)) throw new Stop('--slack-api-url must be a URL.');
  return {
    port: wholeNumber('--port', values.port, 65_535),
    policy: withProfiles(values.policy, profiles),
    ...defined({ profiles }),
    ...(slackApiUrl === undefined ? {} : { slackApiUrl: slackApiUrl.replace(/\/?$/, '/') }),
    page: !values['no-page'],
    ...(values.zips === undefined ? {} : { built: findZips(values.zips) }),
    rttMs: wholeNumber('--rtt', values.rtt, 60_000),
    slackPosts: wholeNumber('--slack-posts', values['slack-posts'], 6000),
    json: values.json,
  };
}

function findZips(folder: string): NonNullable<SandboxOptions['built']> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.zip'));
  if (files.length === 0) throw new Stop(`--zips: there are no zips in ${folder}.`);
  return files.map((file) => ({ name: basename(file, '.zip'), zip: join(folder, file) }));
}

const profilesSchema = z.record(z.string(), z.looseObject({ provider: z.enum(PROVIDER_NAMES), baseUrl: z.url() }));

function readProfiles(file: string): z.infer<typeof profilesSchema> {
  const parsed = profilesSchema.safeParse(readJson(file));
  if (parsed.success) return parsed.data;
  throw new Stop(
    fieldProblems(parsed.error)
      .map((problem) => `${file}: ${problem}.`)
      .join('\n'),
  );
}

/** The policy in force. One's own credentials take the place of the profiles that the project's own policy names. */
function withProfiles(file: string | undefined, profiles: ProfileSecrets | undefined): Policy {
  const policy = file === undefined ? loadPolicy({ stage: STAGE }) : loadPolicy({ file });
  if (profiles === undefined) return policy;
  if (file === undefined) {
    const named = Object.entries(profiles).map(([name, { provider }]) => [name, { provider }]);
    // What the project's policy protects in its own profile stays protected in each of the same provider.
    const shielded = policy.protected.flatMap((entry) =>
      entry.profile === '*'
        ? [entry]
        : Object.entries(profiles)
            .filter(([, { provider }]) => provider === policy.profiles[entry.profile]?.provider)
            .map(([profile]) => ({ ...entry, profile })),
    );
    return { ...policy, profiles: Object.fromEntries(named) as Policy['profiles'], protected: shielded };
  }
  const lacking = Object.keys(policy.profiles).filter((name) => profiles[name] === undefined);
  if (lacking.length > 0)
    throw new Stop(`--profiles has no credential for ${lacking.join(', ')}, which ${file} names.`);
  return policy;
}

const TRY = `
  1. Open the page, tab Stories: "Kill a leaked token" takes three minutes.
  2. Type /pat list there, then /pat deactivate laptop-anna, and press its Undo.
  3. Press Trace beside any message, and see the request on its way.

Another terminal:  npm run demo   the same without a browser, each word checked against the providers
`;

function greeting({ url, alerts, slack }: Ready, { profiles, slackApiUrl }: SandboxOptions): string {
  const isOffline = profiles === undefined && slackApiUrl === undefined;
  return `Patrol runs. ${isOffline ? 'Nothing here reaches the internet; all tokens are fake.' : 'It works with what you gave it: what it revokes is really revoked.'}

  Page     ${url}
  Slack    ${slack.endpoint}
  Alerts   ${alerts.endpoint}/<source>
${TRY}
Ctrl-C stops it.`;
}

async function main(): Promise<void> {
  const options = readOptions();
  const stop = Promise.withResolvers<undefined>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.resolve(undefined));
  const sandbox = await startSandbox({ ...options, ...(options.json ? {} : { onStep: tellSteps() }) });
  console.log(options.json ? JSON.stringify(sandbox.ready) : greeting(sandbox.ready, options));
  await stop.promise;
  if (!options.json) console.log('\nStopping …');
  await sandbox.close();
  process.exit(0);
}

if (import.meta.main) {
  await runMain(main);
  process.exit();
}
