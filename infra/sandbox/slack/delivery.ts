import type { Json } from './protocol.ts';
import type { ResponseUrls } from './response-urls.ts';
import type { SlackViews } from './views.ts';

/** A request as Slack sends it to the app: exact bytes and content type. */
export interface SentRequest {
  readonly contentType: string;
  readonly body: Buffer;
}

/** What the app answered over HTTP. */
export interface SentAnswer {
  readonly status: number;
  readonly body: string;
}

export interface SlackDelivery {
  /** Learns from a request that is about to be passed on: its `response_url`s and its trigger, which starts to run now. */
  observe(request: SentRequest): void;
  /** Does what Slack does with the app's answer: shows a command's reply, changes or closes a submitted modal. */
  settle(request: SentRequest, answer: SentAnswer): void;
  /** Closes a modal as a person does with its cross. */
  closeView(id: string): void;
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const idOf = (value: unknown): string | undefined => (isObject(value) ? textOf(value['id']) : undefined);

function parse(source: string): Json {
  try {
    const json = JSON.parse(source) as unknown;
    return isObject(json) ? json : {};
  } catch {
    return {};
  }
}

/** Reads a command's fields, or the payload of an interaction. */
function readRequest({ contentType, body }: SentRequest): Json {
  if (!contentType.startsWith('application/x-www-form-urlencoded')) return parse(body.toString());
  const form = Object.fromEntries(new URLSearchParams(body.toString()));
  return form['payload'] === undefined ? form : parse(form['payload']);
}

/** Creates Slack's side of the requests it sends: what it remembers of them, and what it does with the answers. */
export function createSlackDelivery(deps: {
  readonly views: SlackViews;
  readonly responses: ResponseUrls;
}): SlackDelivery {
  const { views, responses } = deps;

  const learnUrl = (url: unknown, channel: string | undefined, user: string, payload: Json): void => {
    const address = textOf(url);
    if (address === undefined || channel === undefined || !URL.canParse(address)) return;
    const container = isObject(payload['container']) ? payload['container'] : {};
    responses.learn(new URL(address).pathname, { channel, user, messageTs: textOf(container['message_ts']) });
  };

  const observe = (request: SentRequest): void => {
    const payload = readRequest(request);
    const user = textOf(payload['user_id']) ?? idOf(payload['user']);
    if (user === undefined) return;
    const trigger = textOf(payload['trigger_id']);
    if (trigger !== undefined) views.learnTrigger(trigger, user);
    learnUrl(payload['response_url'], textOf(payload['channel_id']) ?? idOf(payload['channel']), user, payload);
    const more = payload['response_urls'];
    if (!Array.isArray(more)) return;
    for (const one of more.filter(isObject)) learnUrl(one['response_url'], textOf(one['channel_id']), user, payload);
  };

  const showCommandReply = (payload: Json, body: string): void => {
    const channel = textOf(payload['channel_id']);
    const user = textOf(payload['user_id']);
    if (channel === undefined || user === undefined || body.trim() === '') return;
    const reply = body.trimStart().startsWith('{') ? parse(body) : { text: body };
    responses.post({ channel, user }, reply);
  };

  return {
    observe,
    settle: (request, { status, body }) => {
      if (status !== 200) return;
      const payload = readRequest(request);
      if (textOf(payload['command']) !== undefined) showCommandReply(payload, body);
      else if (payload['type'] === 'view_submission') views.answerSubmission(idOf(payload['view']) ?? '', parse(body));
      else if (payload['type'] === 'view_closed') views.close(idOf(payload['view']) ?? '');
    },
    closeView: views.close,
  };
}
