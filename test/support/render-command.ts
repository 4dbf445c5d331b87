import type { Command, ListQuery } from '#shared/tokens/command.ts';
import { quote } from '#shared/slack/grammar/read-flags.ts';

/** Writes a command as the line that is read as exactly this command; without `/pat`. */
export function renderCommand(command: Command): string {
  const parts: (string | undefined)[] = [command.verb];
  switch (command.verb) {
    case 'list':
      parts.push(
        ...filterParts(command.query),
        `--sort ${command.query.sort}`,
        command.private ? '--private' : undefined,
        valued('file', command.file),
      );
      break;
    case 'show':
      parts.push(quote(command.token));
      break;
    case 'deactivate':
    case 'activate':
    case 'delete':
      if (command.filter !== undefined) parts.push(...filterParts(command.filter));
      parts.push(...command.tokens.map(quote), command.keepGoing ? '--keep-going' : undefined);
      if (command.reason !== undefined) parts.push('--reason', quote(command.reason));
      break;
    case 'cases':
      parts.push(command.open ? '--open' : undefined);
      break;
    case 'case':
      parts.push(command.id);
      break;
    case 'audit':
      parts.push(
        valued('token', command.token),
        valued('actor', command.actorUserId === undefined ? undefined : `@${command.actorUserId}`),
        command.sinceHours === undefined ? undefined : `--since ${command.sinceHours}h`,
        command.file === undefined ? undefined : `--file ${command.file}`,
      );
      break;
    case 'stats':
      parts.push(command.sinceHours === undefined ? undefined : `--since ${command.sinceHours}h`);
      break;
    case 'hygiene':
      parts.push(...command.profiles);
      break;
    case 'help':
      parts.push(command.topic);
      break;
    default:
  }
  return parts.filter((part) => part !== undefined).join(' ');
}

function filterParts(query: ListQuery): (string | undefined)[] {
  return [
    ...query.profiles,
    query.state === undefined ? undefined : `--${query.state}`,
    valued('owner', query.owner),
    valued('name', query.name),
    query.olderThanDays === undefined ? undefined : `--older-than ${query.olderThanDays}d`,
    query.unusedDays === undefined ? undefined : `--unused ${query.unusedDays}d`,
    query.expiresWithinDays === undefined ? undefined : `--expires ${query.expiresWithinDays}d`,
    query.noExpiry === true ? '--no-expiry' : undefined,
  ];
}

function valued(name: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : `--${name} ${quote(value)}`;
}
