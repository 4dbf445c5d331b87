import type { CasePress } from '#shared/cases/case-press.ts';
import { pressCase } from '#shared/cases/press-case.ts';
import { isChange, type Outcome } from '#shared/tokens/outcome.ts';
import { decodeCase } from '../blocks/press.ts';
import type { Answer } from './answer.ts';
import { lapsed } from './lapsed.ts';
import type { Press } from './press.ts';
import { contextOf, type SlackContext } from './slack-context.ts';

/** Answers a press on a case's card. What the card itself will show is not said apart. */
export async function onCase(slack: SlackContext, press: Press): Promise<readonly Answer[]> {
  const wanted = decodeCase(press.value);
  if (wanted === undefined) return [lapsed('cases')];
  const outcome = await pressCase(await contextOf(slack, true), slack.sendLeaks, wanted);
  return [{ outcome, to: placeOf(outcome, wanted), caseId: wanted.case }];
}

function placeOf(outcome: Outcome, { act }: CasePress): Answer['to'] {
  if (outcome.kind === 'denied') return 'me';
  if (outcome.kind === 'changed' || (outcome.kind === 'case' && act !== 'open')) return 'card';
  return isChange(outcome) ? 'me' : 'channel';
}
