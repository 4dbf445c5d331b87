import { readCase, readCases } from '#shared/cases/read-cases.ts';
import { defined } from '#shared/core/defined.ts';
import type { Command } from '#shared/tokens/command.ts';
import type { Context } from '#shared/tokens/context.ts';
import { executeCommand } from '#shared/tokens/execute-command.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import { parseCommand } from '../grammar/parse-command.ts';
import { isProblem } from '../grammar/problem.ts';
import { type Answer, placeOf } from './answer.ts';
import { onLeakWanted } from './on-leak-wanted.ts';
import { contextOf, type SlackContext } from './slack-context.ts';

/** Answers one typed `/pat …`. Text that was not fully understood does nothing. */
export async function onCommand(slack: SlackContext, text: string): Promise<readonly Answer[]> {
  const { services, request } = slack;
  // A command that held a secret was refused at the edge, in words to the person alone.
  if (request.job.sealed.length + request.job.unrecognised > 0) return [];
  const command = parseCommand(text, { profiles: services.providers.names() });
  if (isProblem(command)) {
    const outcome: Outcome = { kind: 'misunderstood', ...command };
    return [{ outcome, to: 'me' }];
  }
  if (command.verb === 'leak') return onLeakWanted(slack);
  const outcome = await outcomeOf(await contextOf(slack, changesSomething(command)), command);
  const reason = 'reason' in command ? command.reason : undefined;
  return [{ outcome, to: placeOf(outcome), ...defined({ reason }) }];
}

/** Does what was typed. */
async function outcomeOf(context: Context, command: Exclude<Command, { verb: 'leak' }>): Promise<Outcome> {
  const { services, authority } = context;
  switch (command.verb) {
    case 'cases':
      return readCases(services, authority, command.open);
    case 'case':
      return readCase(services, authority, command.id);
    default:
      return executeCommand(context, command);
  }
}

function changesSomething({ verb }: Command): boolean {
  return verb === 'deactivate' || verb === 'activate' || verb === 'delete';
}
