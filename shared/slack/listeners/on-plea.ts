import { sha256Hex } from '#shared/core/hmac-sha256.ts';
import { rolesGranting } from '#shared/policy/may.ts';
import { isOurs } from '#shared/policy/roles.ts';
import { stableId } from '#shared/tokens/attempt.ts';
import { withWhoMay } from '#shared/tokens/with-who-may.ts';
import { parseCommand } from '../grammar/parse-command.ts';
import { isProblem } from '../grammar/problem.ts';
import type { Answer } from './answer.ts';
import { lapsed } from './lapsed.ts';
import { changesSomething } from './on-command.ts';
import type { Press } from './press.ts';
import type { SlackContext } from './slack-context.ts';

/** For how long the same person's same plea is one. */
const ONE_PLEA_SECONDS = 3600;

/**
 * Asks those who may for what somebody was refused: where it was typed, or in the policy's channel for such where nobody else
 * would read it, or too many. It gives nobody a right: whoever presses it does it in their own name, by their own rights.
 */
export async function onPlea(slack: SlackContext, { value: line = '' }: Press): Promise<readonly Answer[]> {
  const { services, request, attempt } = slack;
  const { policy, store, channels, providers } = services;
  const { actor, place } = request;
  const command = parseCommand(line.replace(/^\/pat /, ''), {
    profiles: providers.names(),
    providerOf: providers.kindOf,
    now: services.now(),
  });
  if (isProblem(command) || !changesSomething(command)) return [lapsed('list')];
  const { verb } = command;
  const refusal = { kind: 'denied', verb, roles: rolesGranting(policy, { verb }) } as const;
  if (!isOurs(policy, actor)) return [{ outcome: { ...refusal, why: 'other_workspace', roles: [] }, to: 'me' }];
  const helped = await withWhoMay(services, { ...refusal, why: 'no_role' }, actor.userId);
  const people = helped.kind === 'denied' ? (helped.people ?? []) : [];
  if (people.length === 0) return [{ outcome: { ...refusal, why: 'no_role' }, to: 'me' }];
  const { channel } = place;
  const isAlone = channel === undefined || channel.startsWith('D') || (await channels.isShared(channel));
  const where = isAlone ? (policy.channels.approvals ?? policy.channels.security) : channel;
  const plea = sha256Hex(JSON.stringify([actor.teamId, actor.userId, line, where]));
  const claimant = await stableId(attempt, 'plea', services.newId);
  const isFirst = await store.notes.claim(`plea:${plea}`, ONE_PLEA_SECONDS, { by: claimant });
  const sent: Answer = { outcome: { kind: 'plea_sent', verb, people, where, isRepeat: !isFirst }, to: 'here' };
  return isFirst ? [sent, { outcome: { kind: 'plea', verb, by: actor, line, people }, to: 'channel', where }] : [sent];
}
