import type { Mutation, VERBS } from '#shared/core/vocabulary.ts';
import { rightsOf } from '#shared/policy/rights.ts';
import { isOurs } from '#shared/policy/roles.ts';
import { type Authority, isDenied } from './authorise.ts';
import type { Command } from './command.ts';
import type { Context } from './context.ts';
import { examineProfiles, type SlackCheck } from './doctor.ts';
import { listTokens } from './list-tokens.ts';
import type { Outcome, OutcomeOf } from './outcome.ts';
import { readAudit, readStats } from './record.ts';
import { requestChange } from './request-change.ts';
import { isUnresolved, resolveToken } from './resolve-token.ts';
import type { Services } from './services.ts';

/** Every command but those about cases, whose room stands on this one. */
export type TokenCommand = Exclude<Command, { verb: 'cases' | 'case' }>;

/**
 * Does what a fully understood command asks for, as far as the rules let this person. Every refusal is in the record.
 * Throws retryable faults, so that the queue delivers the job again; what happened before them is in the journal.
 */
export async function executeCommand(
  context: Context,
  command: TokenCommand,
  slackCheck: SlackCheck,
): Promise<Outcome> {
  const { services, authority } = context;
  if (!isOurs(services.policy, authority.actor)) {
    return { kind: 'denied', verb: verbOf(command), why: 'other_workspace', roles: [] };
  }
  switch (command.verb) {
    case 'list':
      return listTokens(services, authority, { query: command.query, offset: 0, private: command.private });
    case 'show':
      return showToken(services, authority, command.token);
    case 'deactivate':
    case 'activate':
    case 'delete':
      return requestChange(context, command);
    case 'leak': {
      const allowed = authority.may('leak');
      return isDenied(allowed) ? allowed : { kind: 'leak_received', recognised: 0, unrecognised: 0 };
    }
    case 'audit':
      return readAudit(services, authority, command);
    case 'profiles':
      return examineProfiles(services, authority, slackCheck);
    case 'stats':
      return readStats(services, authority);
    case 'whoami':
      return describeActor(services, authority);
    case 'help':
      return help(services, authority, command.topic);
  }
}

function verbOf({ verb }: TokenCommand): (typeof VERBS)[number] {
  return verb === 'whoami' || verb === 'help' ? 'list' : verb;
}

async function showToken(services: Services, authority: Authority, asked: string): Promise<Outcome> {
  const answer = await resolveToken(services, authority, { verb: 'show', asked });
  if (isUnresolved(answer)) return answer;
  return { kind: 'shown', token: answer.token, may: mutationsFor(authority, answer.token.profile) };
}

/** The changes that this person may ask for on a profile; they decide which buttons a message offers. */
export function mutationsFor(authority: Authority, profile: string): readonly Mutation[] {
  return (['deactivate', 'activate', 'delete'] as const).filter((verb) => !isDenied(authority.may(verb, profile)));
}

/** How the rules see somebody here and now. */
export function describeActor({ policy }: Services, { actor, groups, roles }: Authority): OutcomeOf<'whoami'> {
  const approves = policy.approvals
    .filter((rule) => rule.by.some((role) => roles.includes(role)))
    .map((rule) => rule.name);
  return {
    kind: 'whoami',
    actor,
    roles,
    rights: rightsOf(policy, actor, groups),
    approves,
    ...(groups === 'unavailable' ? { problem: 'groups_unavailable' as const } : {}),
  };
}

/** Help with examples that work when pasted: a real profile, and a token of it where one can be read quickly. */
async function help(services: Services, authority: Authority, topic: string | undefined): Promise<Outcome> {
  const rights = rightsOf(services.policy, authority.actor, authority.groups);
  const [profile] = authority.profilesFor('list');
  const token = profile === undefined ? undefined : await exampleToken(services, profile);
  return {
    kind: 'help',
    verbs: [...new Set(rights.map(({ verb }) => verb))],
    examples: { ...(profile === undefined ? {} : { profile }), ...(token === undefined ? {} : { token }) },
    ...(topic === undefined ? {} : { topic }),
  };
}

async function exampleToken(services: Services, profile: string): Promise<string | undefined> {
  try {
    const { tokens } = await (await services.providers.open(profile)).list();
    const [example] = tokens.filter(({ own, state }) => !own && state === 'active');
    return example === undefined ? undefined : `${profile}:${example.id}`;
  } catch {
    // Help must work on the bad day too: then the examples show a made-up id.
    return undefined;
  }
}
