import { authorise } from '#shared/tokens/authorise.ts';
import { requestChange } from '#shared/tokens/request-change.ts';
import type { Run } from '#shared/tokens/run.ts';
import type { Services } from '#shared/tokens/services.ts';
import { decodeClean } from '../blocks/press.ts';
import type { Press } from './on-press.ts';
import type { Request, Said } from './request.ts';

/** Starts the clean-up that a hygiene digest offers: the same rights, preview and approvals as a typed request. */
export async function onClean(services: Services, request: Request, run: Run, press: Press): Promise<readonly Said[]> {
  const wanted = decodeClean(press.value);
  if (wanted === undefined) {
    return [{ outcome: { kind: 'denied', verb: 'deactivate', why: 'lapsed', roles: [] }, to: 'me' }];
  }
  const authority = await authorise(services, request.actor, true);
  const { verb, tokens } = wanted;
  const outcome = await requestChange(services, authority, run, { verb, tokens, keepGoing: false, ask: 'always' });
  return [{ outcome, to: outcome.kind === 'denied' ? 'me' : 'channel' }];
}
