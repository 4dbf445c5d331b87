import { readCase, readCases } from '#shared/cases/read-cases.ts';
import type { Command } from '#shared/tokens/command.ts';
import type { Context } from '#shared/tokens/context.ts';
import type { SlackCheck } from '#shared/tokens/doctor.ts';
import { executeCommand } from '#shared/tokens/execute-command.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import { parseCommand } from '../grammar.ts';
import { isProblem } from '../grammar/problem.ts';
import { placeOf, type Answer } from './answer.ts';
import { contextOf, type SlackContext } from './slack-context.ts';

/** Answers one typed `/pat …`. Text that was not fully understood does nothing. */
export async function onCommand(slack: SlackContext, text: string, slackCheck: SlackCheck): Promise<readonly Answer[]> {
  const { services, request } = slack;
  // A command that held a secret was refused at the edge, in words to the person alone.
  if (request.job.sealed.length + request.job.unrecognised > 0) return [];
  const command = parseCommand(text, { profiles: services.providers.names() });
  if (isProblem(command)) {
    const outcome: Outcome = { kind: 'misunderstood', ...command };
    return [{ outcome, to: 'me' }];
  }
  const context = await contextOf(slack, changesSomething(command));
  const outcome = await carryOut(context, command, slackCheck);
  // The window for a leak was opened by the edge; here only a refusal is left to say.
  if (outcome.kind === 'leak_received') return [];
  const reason = 'reason' in command ? command.reason : undefined;
  return [{ outcome, to: placeOf(outcome), ...(reason === undefined ? {} : { reason }) }];
}

function carryOut(context: Context, command: Command, slackCheck: SlackCheck): Promise<Outcome> {
  const { services, authority } = context;
  if (command.verb === 'cases') return readCases(services, authority, command.open);
  if (command.verb === 'case') return readCase(services, authority, command.id);
  return executeCommand(context, command, slackCheck);
}

function changesSomething({ verb }: Command): boolean {
  return verb === 'deactivate' || verb === 'activate' || verb === 'delete';
}
