import { App } from '@slack/bolt';
import { defined } from '#shared/core/defined.ts';
import type { CommandJob, LeakJob } from '#shared/jobs/job.ts';
import type { CaseEffects } from '#shared/cases/follow-cases.ts';
import type { LookAgain } from '#shared/cases/press-case.ts';
import { Fault } from '#shared/core/fault.ts';
import type { Attempt } from '#shared/tokens/attempt.ts';
import type { Delivery } from '#shared/tokens/delivery.ts';
import type { Services } from '#shared/tokens/services.ts';
import { toActor } from './actor.ts';
import { onCase } from './listeners/on-case.ts';
import { onClean } from './listeners/on-clean.ts';
import { onCommand } from './listeners/on-command.ts';
import { onHome } from './listeners/on-home.ts';
import { onCaseDetails, onGlassWanted } from './listeners/on-modal.ts';
import { onApproval, onConfirmation, onPage, onTokens } from './listeners/on-press.ts';
import type { Press } from './listeners/press.ts';
import { onGlassBroken, onLeak, type Submitted } from './listeners/on-view.ts';
import { createPerform } from './listeners/perform.ts';
import type { Request, RequestPlace } from './listeners/request.ts';
import type { SlackContext } from './listeners/slack-context.ts';
import { createQueueReceiver } from './queue-receiver.ts';
import type { Reply } from './reply.ts';

export interface SlackAppDeps {
  readonly services: Services;
  readonly reply: Reply;
  readonly botToken: string;
  readonly sendLeaks: (jobs: readonly LeakJob[]) => Promise<void>;
  readonly cases: CaseEffects;
  readonly lookAgain: LookAgain;
}

export interface SlackApp {
  /**
   * Does what one job asks for. Resolves when it is done and said, false when nothing here knows it (a button of another
   * release); rejects with the fault that ended it.
   */
  handle(job: CommandJob, delivery: Delivery): Promise<boolean>;
}

/** Creates the Bolt app behind the queue: routes each command, press, modal and Home visit to its listener. */
export function createSlackApp(deps: SlackAppDeps): SlackApp {
  const { services, reply } = deps;
  const perform = createPerform({ services, reply, cases: deps.cases });
  const slack = (request: Request, attempt: Attempt): SlackContext => ({
    services,
    lookAgain: deps.lookAgain,
    request,
    attempt,
  });
  const receiver = createQueueReceiver();
  const app = new App({
    receiver,
    // Never a bare `token`: with it Bolt calls auth.test before the first event and keeps a failure for ever.
    authorize: () => Promise.resolve({ botToken: deps.botToken }),
    convoStore: false,
    ignoreSelf: false,
  });
  // Bolt wraps what a listener throws; the queue needs the fault itself.
  app.error((error) => {
    throw 'original' in error && error.original instanceof Error ? error.original : error;
  });

  app.command(/.*/, async ({ ack, command, context }) => {
    await ack();
    const request = requestOf(context['patrol'], command);
    await perform(request, (attempt) => onCommand(slack(request, attempt), command.text));
  });

  type Listener = (request: Request, press: Press, viewId: string | undefined) => Promise<void>;
  const onAction = (id: RegExp, listener: Listener): void => {
    app.action(id, async ({ ack, body, action, context }) => {
      await ack();
      await listener(requestOf(context['patrol'], body), pressOf(action), viewIdOf(body));
    });
  };
  onAction(/^patrol:(confirm|cancel)(:|$)/, (request, press) =>
    perform(request, (attempt) => onConfirmation(slack(request, attempt), press)),
  );
  onAction(/^patrol:(approve|refuse)(:|$)/, (request, press) => {
    const answer = press.actionId.startsWith('patrol:approve') ? 'approve' : 'refuse';
    const approvalId = press.value ?? '';
    return perform(request, (attempt) => onApproval(slack(request, attempt), { approvalId, answer }));
  });
  onAction(/^patrol:page(:|$)/, (request, press) =>
    perform(request, (attempt) => onPage(slack(request, attempt), press)),
  );
  onAction(/^patrol:row(:|$)/, (request, press) =>
    perform(request, (attempt) => onTokens(slack(request, attempt), press, 'always')),
  );
  onAction(/^patrol:(undo|retry)(:|$)/, (request, press) =>
    perform(request, (attempt) => onTokens(slack(request, attempt), press, 'never')),
  );
  onAction(/^patrol:clean(:|$)/, (request, press) =>
    perform(request, (attempt) => onClean(slack(request, attempt), press)),
  );
  onAction(/^patrol:case(:|$)/, (request, press) =>
    perform(request, (attempt) => onCase(slack(request, attempt), press)),
  );
  onAction(/^patrol:refresh(:|$)/, (request) => onHome(services, reply, request));
  onAction(/^patrol:modal:case(:|$)/, (request, press, viewId) =>
    onCaseDetails({ services, request, reply }, { ...press, viewId }),
  );
  onAction(/^patrol:modal:break-glass(:|$)/, (request, press, viewId) =>
    onGlassWanted({ services, request, reply }, { ...press, viewId }),
  );

  app.view('patrol:leak', async ({ ack, body, view, context }) => {
    await ack();
    const request = requestOf(context['patrol'], body);
    await perform(request, (attempt) => onLeak(slack(request, attempt), submittedOf(view), deps.sendLeaks));
  });
  app.view('patrol:break-glass', async ({ ack, body, view, context }) => {
    await ack();
    const request = requestOf(context['patrol'], body);
    await perform(request, (attempt) => onGlassBroken(slack(request, attempt), submittedOf(view)));
  });
  app.event('app_home_opened', async ({ body, context }) => {
    await onHome(services, reply, requestOf(context['patrol'], body));
  });

  const deliveries = new Map<string, Delivery>();
  return {
    handle: async (job, delivery) => {
      deliveries.set(job.deliveryKey, delivery);
      try {
        return (await receiver.process(job)).handled;
      } finally {
        deliveries.delete(job.deliveryKey);
      }
    },
  };

  function requestOf(job: unknown, body: unknown): Request {
    const meta = job as Request['job'];
    const payload = body as Parameters<typeof toActor>[0] & PlaceFields;
    const actor = toActor(payload);
    if (actor === undefined) throw new Fault('payload_invalid', 'a request from Slack names no user or no team');
    const delivery = deliveries.get(meta.deliveryKey) ?? { attempt: 1, isLast: false };
    return { job: meta, actor, place: placeOf(payload, actor.userId), delivery };
  }
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

function pressOf(action: object): Press {
  const { action_id, value, selected_option } = action as {
    readonly action_id: string;
    readonly value?: string | null;
    readonly selected_option?: { readonly value?: string | null } | null;
  };
  return { actionId: action_id, value: value ?? selected_option?.value ?? undefined };
}

/** The modal that the edge opened for this press. */
function viewIdOf(body: object): string | undefined {
  const { patrol_view_id: id } = body as { readonly patrol_view_id?: unknown };
  return typeof id === 'string' ? id : undefined;
}

function submittedOf(view: {
  readonly private_metadata?: string;
  readonly state?: { readonly values: Submitted['values'] };
}): Submitted {
  return { metadata: view.private_metadata ?? '', values: view.state?.values ?? {} };
}
