import { tryParseJson } from '#shared/core/try-parse-json.ts';
import type { Actor } from '#shared/core/vocabulary.ts';

/** The parts of any Slack payload that say who acts and where. */
export interface ActorFields {
  readonly team_id?: string | null;
  readonly enterprise_id?: string | null;
  readonly user_id?: string | null;
  readonly channel_id?: string | null;
  readonly team?: { readonly id: string } | null;
  readonly enterprise?: { readonly id: string } | null;
  readonly user?: { readonly id: string; readonly team_id?: string | null } | null;
  readonly channel?: { readonly id: string } | null;
  readonly container?: { readonly channel_id?: string | null } | null;
  readonly event?: { readonly user?: string | null } | null;
  readonly view?: { readonly private_metadata?: string | null } | null;
}

/**
 * Tells who acts, by the person's own workspace. In a shared channel Slack names *our* team and enterprise beside a
 * stranger's user, so the enterprise counts only for people of the very team it was given with. `undefined` when the
 * payload names no user or no team.
 */
export function toActor(payload: ActorFields): Actor | undefined {
  const userId = payload.user?.id ?? payload.user_id ?? payload.event?.user;
  const givenTeam = payload.team?.id ?? payload.team_id;
  const teamId = payload.user?.team_id ?? givenTeam;
  const enterpriseId = teamId === givenTeam ? (payload.enterprise?.id ?? payload.enterprise_id) : undefined;
  const channelId =
    payload.channel?.id ?? payload.channel_id ?? payload.container?.channel_id ?? openedFrom(payload.view);
  if (!userId || !teamId) return undefined;
  return {
    userId,
    teamId,
    ...(enterpriseId ? { enterpriseId } : {}),
    ...(channelId ? { channelId } : {}),
  };
}

/** A modal has no channel of its own: what counts is where it was opened, which only we can have written into it. */
function openedFrom(view: ActorFields['view']): string | undefined {
  const metadata = tryParseJson(view?.private_metadata ?? '{}') as { readonly channel?: unknown } | null | undefined;
  return typeof metadata?.channel === 'string' ? metadata.channel : undefined;
}
