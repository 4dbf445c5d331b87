import { readDigest } from '#shared/hygiene/read-digest.ts';
import { readCase, readCases } from '#shared/cases/read-cases.ts';
import { defined } from '#shared/core/defined.ts';
import { type Mutation, VERBS } from '#shared/core/vocabulary.ts';
import { isOurs } from '#shared/policy/roles.ts';
import type { Command } from '#shared/tokens/command.ts';
import type { Context } from '#shared/tokens/context.ts';
import { authoriseNoting } from '#shared/tokens/authorise.ts';
import { lookAhead } from '#shared/tokens/look-ahead.ts';
import { executeCommand } from '#shared/tokens/execute-command.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import { isRetrying } from '#shared/tokens/trouble-of.ts';
import { parseCommand } from '../grammar/parse-command.ts';
import { isProblem } from '../grammar/problem.ts';
import { plainCommandText } from '../grammar/words.ts';
import { type Answer, askedApart, placeOf } from './answer.ts';
import { onLeakWanted } from './on-leak-wanted.ts';
import { contextOf, type SlackContext } from './slack-context.ts';

/** Answers one typed `/pat …`. Text that was not fully understood does nothing. */
export async function onCommand(slack: SlackContext, text: string): Promise<readonly Answer[]> {
  const { services, request } = slack;
  // A command that held a secret was refused at the edge, in words to the person alone.
  if (request.job.sealed.length + request.job.unrecognised > 0) return [];
  const asking = await contextOf(slack, false);
  const command = parseCommand(text, {
    profiles: knownProfiles(asking),
    providerOf: services.providers.kindOf,
    now: services.now(),
  });
  if (isProblem(command)) {
    // What is wrong with a stranger's words is not told either.
    const outcome: Outcome = isOurs(services.policy, request.actor)
      ? { kind: 'misunderstood', ...command }
      : { kind: 'denied', verb: 'help', why: 'other_workspace', roles: [] };
    return [{ outcome, to: 'me' }];
  }
  if (command.verb === 'leak') return onLeakWanted(slack);
  const outcome = await withSignOfLife(slack, command, async () =>
    changesSomething(command) ? doChange(slack, asking, command) : outcomeOf(asking, command),
  );
  // Whoever may do it can be asked for exactly this.
  const line = outcome.kind === 'denied' && outcome.why === 'no_role' && changesSomething(command);
  const told: Outcome = line ? { ...outcome, line: `/pat ${plainCommandText(text)}` } : outcome;
  const reason = 'reason' in command ? command.reason : undefined;
  return askedApart(
    { outcome: told, to: placeOf(outcome), ...defined({ reason }) },
    services.policy.channels.approvals,
  );
}

/** The profiles on which somebody may do anything: the only names that a misspelt one is answered with. */
function knownProfiles({ services, authority }: Context): readonly string[] {
  const names = services.providers.names();
  // While Slack cannot tell the groups, a refusal says so: the text must be understood for that.
  if (isOurs(services.policy, authority.actor) && authority.groups === 'unavailable') return names;
  const known = new Set(VERBS.flatMap((verb) => authority.profilesFor(verb)));
  return names.filter((name) => known.has(name));
}

/** How long a person waits for the first word. */
const QUIET_MS = 2000;

/** Says that a change is being worked on when that takes longer than usual; the answer then takes that message's place. */
async function withSignOfLife<T>(
  { services, attempt, request }: SlackContext,
  command: Command,
  work: () => Promise<T>,
): Promise<T> {
  if (!('tokens' in command) || request.delivery.attempt > 1) return work();
  let isOver = false;
  const sign = services.sleep(QUIET_MS).then(async () => {
    if (!isOver) await attempt.progress({ kind: 'working', asked: command.tokens });
  });
  // Words that fail must not stop the work.
  sign.catch(() => undefined);
  try {
    return await work();
  } finally {
    isOver = true;
  }
}

/** Does what was typed. */
async function outcomeOf(context: Context, command: Exclude<Command, { verb: 'leak' }>): Promise<Outcome> {
  const { services, authority } = context;
  switch (command.verb) {
    case 'cases':
      return readCases(services, authority, command.open);
    case 'case':
      return readCase(services, authority, command.id);
    case 'hygiene':
      return readDigest(services, authority, command.profiles);
    default:
      return executeCommand(context, command);
  }
}

/** Does a change by the rights as Slack tells them now; what is named is looked up meanwhile, as far as they were known before. */
async function doChange(slack: SlackContext, asking: Context, command: Change): Promise<Outcome> {
  const { services, request, attempt } = slack;
  const ahead = command.filter === undefined ? lookAhead(asking, command) : undefined;
  try {
    const { authority, note } = await authoriseNoting(services, request.actor, attempt.journal);
    const noting = { ...attempt, noting: note.along };
    const outcome = await executeCommand({ services, authority, attempt: noting, ahead }, command).catch(
      async (error: unknown) => {
        await note.put().catch(() => undefined);
        throw error;
      },
    );
    if (isRetrying(outcome)) await note.put();
    return outcome;
  } finally {
    await ahead?.end();
  }
}

type Change = Extract<Command, { verb: Mutation }>;

/** True for what would change a token. */
export function changesSomething(command: Command): command is Change {
  const { verb } = command;
  return verb === 'deactivate' || verb === 'activate' || verb === 'delete';
}
