import { requestChange } from '#shared/tokens/request-change.ts';
import { decodeClean } from '../blocks/press.ts';
import type { Press } from './on-press.ts';
import { deskOf, type Said, type Scene } from './request.ts';

/** Starts the clean-up that a hygiene digest offers: the same rights, preview and approvals as a typed request. */
export async function onClean(scene: Scene, press: Press): Promise<readonly Said[]> {
  const wanted = decodeClean(press.value);
  if (wanted === undefined) {
    return [{ outcome: { kind: 'denied', verb: 'deactivate', why: 'lapsed', roles: [] }, to: 'me' }];
  }
  const { verb, tokens } = wanted;
  const outcome = await requestChange(await deskOf(scene, true), { verb, tokens, keepGoing: false, ask: 'always' });
  return [{ outcome, to: outcome.kind === 'denied' ? 'me' : 'channel' }];
}
