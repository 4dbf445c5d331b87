import { isOurs } from '#shared/policy/roles.ts';
import type { Command } from './command.ts';
import { describeActor } from './commands/describe-actor.ts';
import { examineProfiles } from './commands/examine-profiles.ts';
import { giveHelp } from './commands/give-help.ts';
import { listTokens } from './commands/list-tokens.ts';
import { readAudit } from './commands/read-audit.ts';
import { readStats } from './commands/read-stats.ts';
import { showToken } from './commands/show-token.ts';
import type { Context } from './context.ts';
import type { Outcome } from './outcome.ts';
import { takeOrder } from './take-order.ts';

/** The commands about tokens and about Patrol itself; leaks and their cases are answered elsewhere. */
export type TokenCommand = Exclude<Command, { readonly verb: 'leak' | 'cases' | 'case' | 'hygiene' }>;

/**
 * Does what a fully understood command asks for, as far as the rules let this person. Throws retryable faults, so that
 * the queue delivers the job again; what happened before them is in the journal.
 */
export async function executeCommand(context: Context, command: TokenCommand): Promise<Outcome> {
  const { services, authority } = context;
  if (!isOurs(services.policy, authority.actor)) {
    return { kind: 'denied', verb: command.verb, why: 'other_workspace', roles: [] };
  }
  switch (command.verb) {
    case 'list':
      return listTokens(services, authority, { offset: 0, ...command });
    case 'show':
      return showToken(services, authority, command.token);
    case 'deactivate':
    case 'activate':
    case 'delete':
      return takeOrder(context, command);
    case 'audit':
      return readAudit(services, authority, command);
    case 'profiles':
      return examineProfiles(services, authority);
    case 'stats':
      return readStats(services, authority, command.sinceHours);
    case 'whoami':
      return describeActor(services, authority);
    case 'version':
      return { kind: 'version', version: services.version };
    case 'help':
      return giveHelp(services, authority, command.topic);
  }
}
