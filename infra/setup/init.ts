import { existsSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parse } from 'yaml';
import { SOURCES_WITH_SECRET } from '#shared/alerts/routes.ts';
import { Secret } from '#shared/core/secret.ts';
import { PROVIDER_NAMES, type ProviderName } from '#shared/core/vocabulary.ts';
import { checkPolicy } from '#shared/policy/check-policy.ts';
import { FACTS } from '#shared/providers/facts.ts';
import { checkStage, readCommandLine, runMain, Stop } from '../command-line.ts';
import { type FirstPolicy, type FirstProfile, writeFirstPolicy } from './first-policy.ts';
import { readGivenFile } from './read-given-file.ts';
import { createPrompt, type Prompt } from './prompt.ts';
import { createSlackCall } from './slack-call.ts';
import {
  findChannel,
  findMember,
  findMembers,
  type Found,
  readSlackDirectory,
  type SlackDirectory,
} from './slack-directory.ts';
import { checkBotToken } from './slack-item.ts';

const USAGE = `npm run init -- --stage NAME [options]

Writes a stage's first policy, infra/policy.NAME.yml: asks Slack who and what is there, and you for the rest. It never
overwrites a file. Whatever a flag tells is not asked; with all but --team it runs without a terminal.

  --stage NAME       which one: lower-case letters and digits
  --from FILE        take the bot token from the file that npm run setup takes, instead of asking
  --security NAME    the channel for cards
  --mention NAME     the user group or person who is called on cards that need a person; "" for nobody
  --admins A,B       who may do everything: names, e-mail addresses, ids, @groups
  --operators A,B    who may list, deactivate, activate and delete; "" for nobody
  --approvers A,B    who is asked to agree; "" for nobody but the admins
  --profiles A,B     each as name=provider, as main=${PROVIDER_NAMES[0]}, or name=provider@address for another of its servers
  --sources A,B      whose alerts are taken: ${SOURCES_WITH_SECRET.map(({ name }) => name).join(', ')}
  --mode MODE        shadow (alerts say what they would have done) or enforce
  --team T…          the workspace, where the app is installed for an organisation
`;
const ENDED = 'The input ended here; nothing was written.';
const PROFILE = /^([a-z0-9][a-z0-9_.-]{0,62})=([a-z-]+)(?:@(https:\/\/\S+))?$/;

type Flags = Readonly<Record<string, string | boolean | undefined>>;

/** What one question wants to know, and how its answer is read. */
interface Question<T> {
  readonly flag: string;
  readonly ask: string;
  readonly initial?: string | undefined;
  readonly read: (typed: string) => Found<T>;
}

/** Answers by the flag where there is one, and by asking otherwise. A flag that does not fit throws `Stop`. */
async function answer<T>({ flag, ask, initial, read }: Question<T>, flags: Flags, prompt: Prompt): Promise<T> {
  const problemOf = (typed: string): string | undefined => {
    const one = read(typed);
    return 'problem' in one ? one.problem : undefined;
  };
  const told = flags[flag];
  const given = typeof told === 'string' ? told : undefined;
  const problem = given === undefined ? undefined : problemOf(given);
  if (problem !== undefined) throw new Stop(`--${flag}: ${problem}`);
  const one = read(given ?? (await prompt.text(ask, problemOf, initial)));
  if ('problem' in one) throw new Stop(`--${flag}: ${one.problem}`);
  return one.found;
}

const listOf = (typed: string): readonly string[] =>
  typed
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

function readProfiles(typed: string): Found<readonly FirstProfile[]> {
  const profiles: FirstProfile[] = [];
  for (const each of listOf(typed)) {
    const [, name, provider, address] = PROFILE.exec(each) ?? [];
    const known = PROVIDER_NAMES.find((one) => one === provider);
    if (name === undefined || known === undefined)
      return {
        problem: `"${each}" is not name=provider; a name has lower-case letters, digits, ".", "_" and "-", the providers are ${PROVIDER_NAMES.join(', ')}.`,
      };
    if (address !== undefined && !URL.canParse(address)) return { problem: `"${address}" is no https address.` };
    if (profiles.some((one) => one.name === name)) return { problem: `"${name}" is there twice.` };
    profiles.push({ name, provider: known, issuer: address ?? addressOf(known) });
  }
  return profiles.length === 0 ? { problem: 'Patrol needs one credential at least.' } : { found: profiles };
}

/** Where a provider mostly is. */
function addressOf(provider: ProviderName): string {
  const question = FACTS[provider].credential.find(({ kind }) => kind === 'address');
  return question?.kind === 'address' ? question.initial : '';
}

function readSources(typed: string): Found<readonly string[]> {
  const names = SOURCES_WITH_SECRET.map(({ name }) => name);
  const wanted = [...new Set(listOf(typed))];
  const unknown = wanted.find((name) => !names.some((each) => each === name));
  if (unknown !== undefined) return { problem: `There is no source ${unknown}; there are ${names.join(', ')}.` };
  return wanted.length === 0 ? { problem: 'One source at least.' } : { found: wanted };
}

const readMode = (typed: string): Found<FirstPolicy['mode']> =>
  typed === 'shadow' || typed === 'enforce' ? { found: typed } : { problem: 'It is shadow or enforce.' };

/** Asks what only people know, in the order of the file. */
async function askRules(stage: string, directory: SlackDirectory, { flags, prompt }: Asking): Promise<FirstPolicy> {
  const members = (typed: string) => findMembers(directory, typed);
  const find = <T>(question: Question<T>): Promise<T> => answer(question, flags, prompt);
  const guess = directory.channels.find(({ name }) => /secur|leak|alert/.test(name));
  const security = await find({
    flag: 'security',
    ask: 'Which channel gets the cards',
    initial: guess?.name,
    read: (typed) => findChannel(directory, typed),
  });
  const mention = await find({
    flag: 'mention',
    ask: 'Who is called on cards that need a person (@group or person, Enter for nobody)',
    initial: '',
    read: (typed) => (typed.trim() === '' ? members('') : findMember(directory, typed)),
  });
  const admin = await find({
    flag: 'admins',
    ask: 'Who may do everything (names, e-mail addresses or @groups, with commas)',
    read: (typed) => (listOf(typed).length === 0 ? { problem: 'One at least.' } : members(typed)),
  });
  const operator = await find({
    flag: 'operators',
    ask: 'Who may deactivate and delete besides (Enter for nobody)',
    initial: '',
    read: members,
  });
  const approver = await find({
    flag: 'approvers',
    ask: 'Who may agree to a delete besides the admins (Enter for nobody)',
    initial: '',
    read: members,
  });
  return {
    stage,
    team: directory.team,
    ...(directory.enterprise === undefined ? {} : { enterprise: directory.enterprise }),
    security,
    mention,
    roles: { admin, operator, approver },
    profiles: await find({
      flag: 'profiles',
      ask: `Which credentials, each as name=provider (${PROVIDER_NAMES.join(', ')}), with commas`,
      initial: PROVIDER_NAMES.map((name) => `${name}-main=${name}`).join(','),
      read: readProfiles,
    }),
    sources: await find({
      flag: 'sources',
      ask: `Whose alerts are taken (${SOURCES_WITH_SECRET.map(({ name }) => name).join(', ')})`,
      initial: 'github,generic',
      read: readSources,
    }),
    mode: await find({
      flag: 'mode',
      ask: 'shadow (alerts say what they would have done) or enforce',
      initial: 'shadow',
      read: readMode,
    }),
  };
}

interface Asking {
  readonly flags: Flags;
  readonly prompt: Prompt;
}

async function readToken(file: string | undefined, prompt: Prompt): Promise<Secret> {
  if (file === undefined)
    return prompt.secret('Bot user OAuth token, under "OAuth & Permissions" of the installed app', checkBotToken);
  const token = readGivenFile(file).slack?.botToken;
  if (token === undefined) throw new Stop(`${file}: slack is missing.`);
  return new Secret(token);
}

/** Asks Slack and a person, and writes a stage's first policy; never over one that is there. */
async function init(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values: flags } = readCommandLine({
    usage: USAGE,
    options: {
      stage: text,
      from: text,
      security: text,
      mention: text,
      admins: text,
      operators: text,
      approvers: text,
      profiles: text,
      sources: text,
      mode: text,
      team: text,
    },
  });
  const stage = checkStage(flags.stage);
  const file = join(import.meta.dirname, '..', `policy.${stage}.yml`);
  const shown = relative(process.cwd(), file);
  if (existsSync(file)) throw new Stop(`${shown} is there already, and is left as it is.`);

  const prompt = createPrompt(process.stdin, process.stdout, ENDED);
  try {
    const call = createSlackCall(
      process.env['SLACK_API_URL'] ?? 'https://slack.com/api/',
      await readToken(flags.from, prompt),
    );
    prompt.say('Asking Slack for channels, people and user groups …');
    const directory = await readSlackDirectory(call, flags.team);
    prompt.say(
      `Workspace "${directory.team.name}" (${directory.team.id}): ${directory.channels.length} channels, ${directory.people.length} people, ${directory.groups.length} user groups.`,
    );
    for (const note of directory.notes) prompt.say(note);
    const text = writeFirstPolicy(await askRules(stage, directory, { flags, prompt }));
    checkPolicy(parse(text));
    writeFileSync(file, text, { flag: 'wx' });
  } finally {
    prompt.close();
  }
  console.log(`✔ ${shown}. Read it, then run: npm run deploy -- --stage ${stage}`);
}

await runMain(init);
