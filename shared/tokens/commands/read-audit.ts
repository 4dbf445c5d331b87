import { defined } from '#shared/core/defined.ts';
import type { TokenRef } from '#shared/core/vocabulary.ts';
import { type Authority, isDenied } from '../authorise.ts';
import type { Command } from '../command.ts';
import { maySee, visibleEntries } from '../may-see.ts';
import type { Outcome } from '../outcome.ts';
import { isUnresolved, resolveToken } from '../resolve-token.ts';
import type { Services } from '../services.ts';

const HOUR_MS = 3_600_000;
/** Lines shown in a message, and lines put into a file. */
const LINES = { message: 20, file: 10_000 } as const;

/** Answers from the record; a file is asked for by `file`. */
export async function readAudit(
  services: Services,
  authority: Authority,
  command: Extract<Command, { verb: 'audit' }>,
): Promise<Outcome> {
  const allowed = authority.may('audit');
  if (isDenied(allowed)) return allowed;
  const limit = command.file === undefined ? LINES.message : LINES.file;
  const since =
    command.sinceHours === undefined
      ? undefined
      : new Date(services.now().getTime() - command.sinceHours * HOUR_MS).toISOString();
  const actorUserId = command.actorUserId === 'me' ? authority.actor.userId : command.actorUserId;
  const audited = command.token === undefined ? undefined : await auditedToken(services, authority, command.token);
  const token = audited?.token;
  const mayBeSeen = maySee(services, authority, 'audit');
  const seesAll = mayBeSeen(Object.keys(services.policy.profiles));
  const found = await services.store.audit.query({
    limit: seesAll ? limit + 1 : LINES.file + 1,
    ...defined({ token, actorUserId, since }),
  });
  const entries = seesAll ? found : await visibleEntries(services, found, mayBeSeen);
  // "Nothing on record" of a name that nobody has is a slip of the pen, and no fact about a token.
  if (entries.length === 0 && audited?.instead !== undefined) return audited.instead;
  return {
    kind: 'audited',
    entries: entries.slice(0, limit),
    more: entries.length > limit || found.length > LINES.file,
    ...defined({ file: command.file, since }),
  };
}

interface Audited {
  readonly token: TokenRef | { readonly id: string };
  /** What is said where nothing is on record of it. */
  readonly instead?: Outcome;
}

/** A deleted token has no name to look up any more: what was typed is then taken as its id. */
async function auditedToken(services: Services, authority: Authority, asked: string): Promise<Audited> {
  const answer = await resolveToken(services, authority, { verb: 'show', asked });
  if (!isUnresolved(answer)) return { token: { profile: answer.token.profile, id: answer.token.id } };
  const colon = asked.indexOf(':');
  const token = colon > 0 ? { profile: asked.slice(0, colon), id: asked.slice(colon + 1) } : { id: asked };
  if (answer.kind === 'denied') return { token };
  return { token, instead: answer.kind === 'unknown_token' ? { ...answer, verb: 'audit' } : answer };
}
