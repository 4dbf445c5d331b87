import { distance } from 'fastest-levenshtein';
import * as z from 'zod';
import { isFault } from '#shared/core/fault.ts';
import { visible } from '#shared/slack/blocks/text.ts';
import { Stop } from '../command-line.ts';
import type { SlackCall } from './slack-call.ts';

/** Something with an id that people know by its name. */
export interface Named {
  readonly id: string;
  readonly name: string;
}

interface Person extends Named {
  /** Everything that somebody may type for this person, in lower case. */
  readonly known: readonly string[];
}

/** Who and what is there in a workspace, as its bot sees it. */
export interface SlackDirectory {
  readonly team: Named;
  /** Where the app is installed for a whole organisation. */
  readonly enterprise?: string;
  readonly channels: readonly Named[];
  readonly people: readonly Person[];
  readonly groups: readonly Named[];
  /** Why a part is missing. */
  readonly notes: readonly string[];
}

/** A finding, or the sentence that says why there is none. */
export type Found<T> = { readonly found: T } | { readonly problem: string };

/** Ids are written into a file as they are. */
const id = z.string().regex(/^[A-Z0-9]+$/);
const replySchema = z.object({
  ok: z.boolean(),
  error: z.string().optional(),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});
const teamSchema = z.object({
  team: z.string().optional(),
  team_id: id,
  enterprise_id: id.nullish(),
  is_enterprise_install: z.boolean().optional(),
});
const channelSchema = z.object({ id, name: z.string() });
const groupSchema = z.object({ id, handle: z.string() });
const memberSchema = z.object({
  id,
  name: z.string(),
  real_name: z.string().optional(),
  deleted: z.boolean().optional(),
  is_bot: z.boolean().optional(),
  is_stranger: z.boolean().optional(),
  profile: z.object({ email: z.string().optional(), display_name: z.string().optional() }).optional(),
});

/** Slack gives fewer than a thousand at once. */
const PAGE = '999';
/** Slack's own assistant, which it does not call a bot. */
const SLACKBOT = 'USLACKBOT';

/** What Slack answers, be it a refusal. */
async function reach(call: SlackCall, method: string, form: Readonly<Record<string, string>>): Promise<unknown> {
  try {
    return (await call(method, form)).json;
  } catch (error) {
    if (isFault(error)) throw new Stop(`Slack cannot be reached (${error.detail}). Look at the network and try again.`);
    throw error;
  }
}

/** One call whose refusal ends everything, in a sentence that says what to do. */
async function ask(call: SlackCall, method: string, form: Readonly<Record<string, string>>): Promise<object> {
  const json = await reach(call, method, form);
  const { ok, error = 'no reason' } = replySchema.parse(json);
  if (ok) return json as object;
  throw new Stop(
    `Slack refuses ${method} (${visible(error)}). ${
      error === 'missing_scope'
        ? 'Update the app from "npm run manifest" and reinstall it.'
        : 'Is it the bot token of the installed app, and is Slack well?'
    }`,
  );
}

/** Reads a listing to its end. */
async function askAll(
  call: SlackCall,
  method: string,
  form: Readonly<Record<string, string>>,
): Promise<readonly object[]> {
  const pages: object[] = [];
  let cursor: string | undefined = '';
  while (cursor !== undefined) {
    const page: object = await ask(call, method, { ...form, limit: PAGE, ...(cursor === '' ? {} : { cursor }) });
    pages.push(page);
    const next: string = replySchema.parse(page).response_metadata?.next_cursor ?? '';
    cursor = next === '' ? undefined : next;
  }
  return pages;
}

function toPerson({ id: own, name, real_name: realName, profile }: z.infer<typeof memberSchema>): Person {
  const names = [own, name, realName, profile?.display_name, profile?.email].filter((each) => each !== undefined);
  return { id: own, name: visible(profile?.display_name || name), known: names.map((each) => each.toLowerCase()) };
}

/** User groups belong to paid plans, and not every app may read them: without them a policy names people. */
async function readGroups(
  call: SlackCall,
  form: Readonly<Record<string, string>>,
): Promise<Pick<SlackDirectory, 'groups' | 'notes'>> {
  const json = await reach(call, 'usergroups.list', form);
  const { ok, error = 'no reason' } = replySchema.parse(json);
  if (!ok) return { groups: [], notes: [`User groups cannot be read (${visible(error)}): name people instead.`] };
  const { usergroups } = z.object({ usergroups: z.array(groupSchema) }).parse(json);
  return { groups: usergroups.map(({ id, handle }) => ({ id, name: visible(handle) })), notes: [] };
}

/**
 * Reads the workspace, its channels, people and user groups by the bot token; `team` says which one where the app is
 * installed for an organisation. Throws `Stop` with a sentence when Slack refuses.
 */
export async function readSlackDirectory(call: SlackCall, team: string | undefined): Promise<SlackDirectory> {
  const self = teamSchema.parse(await ask(call, 'auth.test', {}));
  const isOrganisation = self.is_enterprise_install === true;
  if (isOrganisation && !/^T[A-Z0-9]{2,20}$/.test(team ?? ''))
    throw new Stop('The app is installed for the whole organisation: say which workspace is meant, as --team T….');
  const form = isOrganisation ? { team_id: team ?? '' } : {};
  const channels = await askAll(call, 'conversations.list', {
    ...form,
    types: 'public_channel,private_channel',
    exclude_archived: 'true',
  });
  const people = await askAll(call, 'users.list', form);
  return {
    team: { id: isOrganisation ? (team ?? '') : self.team_id, name: visible(self.team ?? '') },
    ...(isOrganisation && self.enterprise_id ? { enterprise: self.enterprise_id } : {}),
    channels: channels
      .flatMap((page) => z.object({ channels: z.array(channelSchema) }).parse(page).channels)
      .map(({ id, name }) => ({ id, name: visible(name) })),
    people: people
      .flatMap((page) => z.object({ members: z.array(memberSchema) }).parse(page).members)
      .filter((one) => one.deleted !== true && one.is_bot !== true && one.is_stranger !== true && one.id !== SLACKBOT)
      .map(toPerson),
    ...(await readGroups(call, form)),
  };
}

const MOST_SUGGESTED = 4;

/** The names that are most like a word: those that hold it first, then by the distance of their letters. */
function suggest(word: string, names: readonly string[]): string {
  const rank = (name: string): number => (name.includes(word) || word.includes(name) ? 0 : distance(name, word));
  const near = [...new Set(names)]
    .filter((name) => rank(name) <= Math.max(2, word.length / 2))
    .toSorted((a, b) => rank(a) - rank(b))
    .slice(0, MOST_SUGGESTED);
  return near.length === 0 ? '' : ` Is it ${near.join(', ')}?`;
}

/** Finds a channel by its name, with or without "#", or by its id. */
export function findChannel({ channels }: SlackDirectory, typed: string): Found<Named> {
  const word = typed.trim().replace(/^#/, '');
  const found = channels.find(({ id, name }) => id === word || name === word.toLowerCase());
  if (found !== undefined) return { found };
  const near = suggest(
    word.toLowerCase(),
    channels.map(({ name }) => name),
  );
  return {
    problem: `Patrol sees no channel #${word}.${near} A private one is seen only after /invite @Patrol there.`,
  };
}

/** People and user groups, as a role of the policy holds them. */
export interface Members {
  readonly users: readonly Named[];
  readonly groups: readonly Named[];
}

/** Finds one person (id, @name, full name, e-mail address) or user group (@handle, id). */
export function findMember({ people, groups }: SlackDirectory, typed: string): Found<Members> {
  const word = typed.trim().replace(/^@/, '').toLowerCase();
  const users = people.filter(({ known }) => known.includes(word));
  const group = groups.find(({ id, name }) => id.toLowerCase() === word || name.toLowerCase() === word);
  const count = users.length + (group === undefined ? 0 : 1);
  if (count === 1) return { found: { users, groups: group === undefined ? [] : [group] } };
  if (count > 1)
    return {
      problem: `${count} are called ${typed.trim()}: ${[...users, ...(group === undefined ? [] : [group])]
        .map(({ id, name }) => `${name} (${id})`)
        .join(', ')}. Give the id.`,
    };
  const names = [...people.map(({ name }) => name), ...groups.map(({ name }) => name)];
  return { problem: `Nobody here is called ${typed.trim()}.${suggest(word, names)}` };
}

/** Finds all of a list with commas between them; nothing typed is nobody. */
export function findMembers(directory: SlackDirectory, typed: string): Found<Members> {
  const words = typed.split(',').filter((word) => word.trim() !== '');
  let members: Members = { users: [], groups: [] };
  for (const word of words) {
    const one = findMember(directory, word);
    if ('problem' in one) return one;
    members = { users: unique(members.users, one.found.users), groups: unique(members.groups, one.found.groups) };
  }
  return { found: members };
}

const unique = (some: readonly Named[], more: readonly Named[]): readonly Named[] => [
  ...new Map([...some, ...more].map((one) => [one.id, one])).values(),
];
