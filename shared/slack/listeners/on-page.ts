import { listTokens } from '#shared/tokens/commands/list-tokens.ts';
import { decodePage } from '../blocks/press.ts';
import type { Answer } from './answer.ts';
import { lapsed } from './lapsed.ts';
import type { Press } from './press.ts';
import { contextOf, type SlackContext } from './slack-context.ts';

/** Turns a page of a list, in place. */
export async function onPage(slack: SlackContext, press: Press): Promise<readonly Answer[]> {
  const page = decodePage(press.value);
  if (page === undefined) return [lapsed('list')];
  const { services, authority } = await contextOf(slack, false);
  const outcome = await listTokens(services, authority, page);
  return [{ outcome, to: outcome.kind === 'denied' ? 'me' : 'here' }];
}
