import { App, type Context, type Receiver } from '@slack/bolt';
import { defined } from '#shared/core/defined.ts';
import type { CommandJob, SendLeaks } from '#shared/jobs/job.ts';
import type { CaseEffects } from '#shared/cases/follow-cases.ts';
import { type Delivery, refuseHeldLoop } from '#shared/tokens/delivery.ts';
import type { Services } from '#shared/tokens/services.ts';
import type { Answer } from './listeners/answer.ts';
import { onCase } from './listeners/on-case.ts';
import { onChooseWanted } from './listeners/on-choose-wanted.ts';
import { onChosen } from './listeners/on-chosen.ts';
import { onClean } from './listeners/on-clean.ts';
import { onCommand } from './listeners/on-command.ts';
import { onLeakWanted } from './listeners/on-leak-wanted.ts';
import { onHeld } from './listeners/on-held.ts';
import { onHome } from './listeners/on-home.ts';
import { onApproval } from './listeners/on-approval.ts';
import { onCaseDetails } from './listeners/on-case-details.ts';
import { onConfirmation } from './listeners/on-confirmation.ts';
import { onDismissWanted } from './listeners/on-dismiss-wanted.ts';
import { onDismissed } from './listeners/on-dismissed.ts';
import { onGiveUp } from './listeners/on-give-up.ts';
import { onGlassBroken } from './listeners/on-glass-broken.ts';
import { onGlassWanted } from './listeners/on-glass-wanted.ts';
import { onLeak } from './listeners/on-leak.ts';
import { onPage } from './listeners/on-page.ts';
import { onPlea } from './listeners/on-plea.ts';
import type { Press } from './listeners/press.ts';
import { onRequestTokens } from './listeners/on-request-tokens.ts';
import { onRun } from './listeners/on-run.ts';
import { onStop } from './listeners/on-stop.ts';
import { onTokens } from './listeners/on-tokens.ts';
import { onTryNow } from './listeners/on-try-now.ts';
import { createPerform } from './listeners/perform.ts';
import type { Request } from './listeners/request.ts';
import type { SlackContext } from './listeners/slack-context.ts';
import { createQueueReceiver } from './queue-receiver.ts';
import type { Buttons } from './buttons.ts';
import type { Reply } from './reply.ts';
import { pressedAt, pressOf, submittedOf, toRequest, viewIdOf } from './to-request.ts';
import { SILENT_LOGGER } from './silent-logger.ts';

export interface SlackAppDeps {
  readonly services: Services;
  readonly reply: Reply;
  readonly botToken: string;
  /** What tells our own buttons, in their own places, from all others. */
  readonly buttons: Buttons;
  readonly sendLeaks: SendLeaks;
  readonly cases: CaseEffects;
  /** Tells those who may agree to a request. */
  readonly followApproval: (approvalId: string) => Promise<void>;
}

export interface SlackApp {
  /**
   * Does what one job asks for. Resolves when it is done and said, false when nothing here knows it (a button of another
   * release); rejects with the fault that ended it.
   */
  handle(job: CommandJob, delivery: Delivery): Promise<boolean>;
}

type Listener = (slack: SlackContext, press: Press) => Promise<readonly Answer[]>;

/** What answers a press, by its action id; a kill from under a token is asked once more. */
const PRESSES: readonly (readonly [RegExp, Listener])[] = [
  [/^patrol:(confirm|cancel)(:|$)/, onConfirmation],
  [/^patrol:(approve|refuse)(:|$)/, onVote],
  [/^patrol:page(:|$)/, onPage],
  [/^patrol:row(:|$)/, (slack, press) => onTokens(slack, press, 'always')],
  [/^patrol:(undo|retry)(:|$)/, (slack, press) => onTokens(slack, press, 'never')],
  [/^patrol:clean(:|$)/, onClean],
  [/^patrol:run(:|$)/, onRun],
  [/^patrol:stop(:|$)/, onStop],
  [/^patrol:try-now(:|$)/, onTryNow],
  [/^patrol:give-up(:|$)/, onGiveUp],
  [/^patrol:plea(:|$)/, onPlea],
  [/^patrol:go-on(:|$)/, onHeld],
  [/^patrol:case(:|$)/, onCase],
];

/** What takes in a submitted window, by its callback id. */
const SUBMISSIONS = [
  ['patrol:leak', onLeak],
  ['patrol:break-glass', onGlassBroken],
  ['patrol:dismiss', onDismissed],
  ['patrol:choose', onChosen],
] as const;

/** What fills a view, by the id of the action that asks for it. */
const WINDOWS: readonly (readonly [RegExp, typeof onCaseDetails])[] = [
  [/^patrol:refresh(:|$)/, ({ services, reply, request }) => onHome(services, reply, request)],
  [/^patrol:modal:case(:|$)/, onCaseDetails],
  [/^patrol:modal:break-glass(:|$)/, onGlassWanted],
  [/^patrol:modal:request(:|$)/, onRequestTokens],
  [/^patrol:modal:dismiss(:|$)/, onDismissWanted],
  [/^patrol:modal:choose(:|$)/, onChooseWanted],
];

/** Creates the Bolt app behind the queue: routes each command, press, modal and Home visit to its listener. */
export function createSlackApp(deps: SlackAppDeps): SlackApp {
  const receiver = createQueueReceiver();
  const app = createBoltApp(receiver, deps.botToken);
  const requestOf: RequestOf = ({ patrol, delivery }, body) =>
    toRequest(patrol as Request['job'], body, delivery as Delivery);
  const handle: SlackApp['handle'] = async (job, delivery) => (await receiver.process(job, delivery)).handled;
  routeAnswers(app, { ...deps, handle }, requestOf);
  routeViews(app, deps, requestOf);
  return { handle };
}

/** A delivery beside those of the queue, within what is left of the one that asks for it. */
const extraDelivery = ({ timeLeftMs }: Delivery): Delivery => ({
  attempt: 2,
  isLast: false,
  isExtra: true,
  ...defined({ timeLeftMs }),
});

/** Gives the request that a Bolt event is, with the delivery of the job that brought it. */
type RequestOf = (context: Context, body: object) => Request;

/** Routes what is answered: what a listener gives is said, remembered and repeated by the queue until it is said. */
function routeAnswers(app: App, deps: SlackAppDeps & SlackApp, requestOf: RequestOf): void {
  const { services, reply, sendLeaks, cases, followApproval, handle } = deps;
  const perform = createPerform({ services, reply, cases, followApproval });
  const answer = (request: Request, listener: (slack: SlackContext) => Promise<readonly Answer[]>): Promise<void> =>
    perform(request, (attempt) => {
      const again: SlackContext['again'] = (job) => handle(job, extraDelivery(request.delivery));
      return listener({ services, sendLeaks, request, attempt, again });
    });

  app.command(/.*/, async ({ ack, command, context }) => {
    await ack();
    await answer(requestOf(context, command), (slack) => onCommand(slack, command.text));
  });
  app.shortcut(/^(patrol:)?leak$/, async ({ ack, body, context }) => {
    await ack();
    await answer(requestOf(context, body), onLeakWanted);
  });
  for (const [id, listener] of PRESSES) {
    app.action(id, async ({ ack, body, action, context }) => {
      await ack();
      const request = requestOf(context, body);
      await answer(request, async (slack) =>
        listener(slack, await deps.buttons.open(pressOf(action), pressedAt(request, body))),
      );
    });
  }
  for (const [id, listener] of SUBMISSIONS) {
    app.view(id, async ({ ack, body, view, context }) => {
      await ack();
      await answer(requestOf(context, body), (slack) => listener(slack, submittedOf(view)));
    });
  }
}

/** Routes what is only shown, in App Home and in windows: it is refused without a word, and the press can be made again. */
function routeViews(app: App, { services, reply, buttons }: SlackAppDeps, requestOf: RequestOf): void {
  const shownTo: RequestOf = (context, body) => {
    const request = requestOf(context, body);
    refuseHeldLoop(request.delivery);
    return request;
  };
  for (const [id, show] of WINDOWS) {
    app.action(id, async ({ ack, body, action, context }) => {
      await ack();
      const request = shownTo(context, body);
      const opened = await buttons.open(pressOf(action), pressedAt(request, body));
      await show({ services, reply, request }, { ...opened, viewId: viewIdOf(body) });
    });
  }
  app.event('app_home_opened', async ({ body, context }) => {
    await onHome(services, reply, shownTo(context, body));
  });
}

function createBoltApp(receiver: Receiver, botToken: string): App {
  const app = new App({
    receiver,
    // Never a bare `token`: with it Bolt calls auth.test before the first event and keeps a failure for ever.
    authorize: () => Promise.resolve({ botToken }),
    convoStore: false,
    logger: SILENT_LOGGER,
    ignoreSelf: false,
  });
  // Bolt wraps what a listener throws; the queue needs the fault itself.
  app.error((error) => {
    throw 'original' in error && error.original instanceof Error ? error.original : error;
  });
  return app;
}

function onVote(slack: SlackContext, { actionId, value = '' }: Press): Promise<readonly Answer[]> {
  const answer = actionId.startsWith('patrol:approve') ? 'approve' : 'refuse';
  return onApproval(slack, { approvalId: value, answer });
}
