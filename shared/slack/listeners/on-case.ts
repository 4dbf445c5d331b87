import type { CasePress } from '#shared/cases/case-press.ts';
import { readLiveCase } from '#shared/store/read-live-case.ts';
import { pressCase } from '#shared/cases/press-case.ts';
import { isChange, type Outcome } from '#shared/tokens/outcome.ts';
import { isRetrying } from '#shared/tokens/trouble-of.ts';
import { decodeCase, refOf } from '../blocks/press.ts';
import { type Answer, askedApart } from './answer.ts';
import { lapsed } from './lapsed.ts';
import type { Press } from './press.ts';
import { contextOf, type SlackContext } from './slack-context.ts';

/**
 * Answers a press on a case's card. What the card itself will show is not said apart. A card that was drawn before its case
 * went on in another one is about that one, unless another token than that one's is chosen on it.
 */
export async function onCase(slack: SlackContext, press: Press): Promise<readonly Answer[]> {
  const wanted = decodeCase(press.value);
  if (wanted === undefined) return [lapsed('cases')];
  const live = await readLiveCase(slack.services.store, wanted.case);
  const isOther = live?.token !== undefined && wanted.token !== undefined && wanted.token !== refOf(live.token);
  const id = isOther ? wanted.case : (live?.id ?? wanted.case);
  const outcome = await pressCase(await contextOf(slack, true), slack.sendLeaks, { ...wanted, case: id });
  return askedApart({ outcome, to: placeOf(outcome, wanted), caseId: id }, slack.services.policy.channels.approvals);
}

function placeOf(outcome: Outcome, { act }: CasePress): Answer['to'] {
  if (outcome.kind === 'denied' || outcome.kind === 'asked_before' || outcome.kind === 'hindered') return 'me';
  // What is tried again stands on the card, which says how it ended: a word to one alone is there for ever.
  if (isChange(outcome) && isRetrying(outcome)) return 'card';
  if (outcome.kind === 'changed' || (outcome.kind === 'case' && act !== 'open')) return 'card';
  return isChange(outcome) ? 'me' : 'channel';
}
