import { defined } from '#shared/core/defined.ts';
import { Fault } from '#shared/core/fault.ts';
import type { Delivery } from '#shared/tokens/delivery.ts';
import { type ActorFields, toActor } from './to-actor.ts';
import type { Submitted } from './listeners/submitted.ts';
import type { PressedAt } from './buttons.ts';
import type { Press } from './listeners/press.ts';
import type { Request, RequestPlace } from './listeners/request.ts';

/** Makes the request of a job and its payload. Throws `payload_invalid` where nobody is named. */
export function toRequest(job: Request['job'], body: object, delivery: Delivery): Request {
  const payload = body as ActorFields & PlaceFields;
  const actor = toActor(payload);
  if (actor === undefined) throw new Fault('payload_invalid', 'a request from Slack names no user or no team');
  return {
    job,
    payload: { ...body },
    actor,
    place: placeOf(payload, actor.userId),
    delivery,
    ...defined({ viewId: viewIdOf(body) }),
  };
}

interface PlaceFields {
  readonly channel_id?: string;
  readonly response_url?: string | null;
  readonly channel?: { readonly id: string } | null;
  readonly container?: {
    readonly message_ts?: string | null;
    readonly channel_id?: string | null;
    readonly is_ephemeral?: boolean | null;
  } | null;
  readonly message?: { readonly ts?: string | null } | null;
}

function placeOf(payload: PlaceFields, userId: string): RequestPlace {
  const channel = payload.channel?.id ?? payload.channel_id ?? payload.container?.channel_id ?? undefined;
  const ts = payload.message?.ts ?? payload.container?.message_ts ?? undefined;
  return {
    userId,
    ...defined({ channel }),
    ...(payload.response_url ? { responseUrl: payload.response_url } : {}),
    ...(channel === undefined || ts === undefined
      ? {}
      : { pressed: { channel, ts, ephemeral: payload.container?.is_ephemeral === true } }),
  };
}

/** Reads what was pressed or chosen. */
export function pressOf(action: object): Press {
  const { action_id, value, selected_option } = action as {
    readonly action_id: string;
    readonly value?: string | null;
    readonly selected_option?: { readonly value?: string | null } | null;
  };
  return { actionId: action_id, value: value ?? selected_option?.value ?? undefined };
}

/** Tells where a press was: in a message, or in a window or App Home. */
export function pressedAt({ actor, place }: Pick<Request, 'actor' | 'place'>, body: object): PressedAt {
  const { view } = body as { readonly view?: { readonly id?: string } | null };
  return { userId: actor.userId, ...defined({ channel: place.channel, ts: place.pressed?.ts, viewId: view?.id }) };
}

/** Names the modal that the edge opened for this press. */
export function viewIdOf(body: object): string | undefined {
  const { patrol_view_id: id } = body as { readonly patrol_view_id?: unknown };
  return typeof id === 'string' ? id : undefined;
}

/** Reads what was typed into a modal. */
export function submittedOf(view: {
  readonly private_metadata?: string;
  readonly state?: { readonly values: Submitted['values'] };
}): Submitted {
  return { metadata: view.private_metadata ?? '', values: view.state?.values ?? {} };
}
