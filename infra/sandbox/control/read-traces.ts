import type { QueuedBody } from '../aws/queue-history.ts';
import type { RecordedInvocation } from '../lambda/cloud.ts';
import type { Span, Trace } from '../page/trace.ts';
import type { SlackMessage } from '../slack/workspace.ts';
import type { Call } from '../kit/stand-in.ts';

/** Everything that the sandbox saw happen. */
export interface Seen {
  readonly jobs: readonly QueuedBody[];
  readonly invocations: readonly RecordedInvocation[];
  readonly providerCalls: readonly Call[];
  readonly slackCalls: readonly Call[];
  readonly messages: readonly SlackMessage[];
}

interface Work extends RecordedInvocation {
  readonly from: number;
  readonly to: number;
}

/** Clocks of one machine, rounded to milliseconds. */
const SLACK_MS = 2;

/**
 * Puts together what belongs to one request: the edge that queued it, its waiting, each attempt of a worker, the calls that
 * carry its id and what was said. Where one delivery made several jobs that are worked on at once, the span says so.
 */
export function readTraces(seen: Seen): Trace[] {
  const works = seen.invocations.map((each) => {
    const from = Date.parse(each.at);
    return { ...each, from, to: from + each.milliseconds };
  });
  const requests = new Map(seen.jobs.map(({ messageId, body }) => [messageId, requestOf(body)]));
  return seen.jobs.map((job) => toTrace(job, { works, requests, seen })).toSorted((left, right) => right.at - left.at);
}

interface World {
  readonly works: readonly Work[];
  /** The id of the request that each queued message belongs to. */
  readonly requests: ReadonlyMap<string, string>;
  readonly seen: Seen;
}

/** The id that the edge gave a job. */
const requestOf = (body: string): string => String(parse(body)['requestId'] ?? 'none');

function toTrace(job: QueuedBody, { works, requests, seen }: World): Trace {
  const queuedAt = Date.parse(job.at);
  const requestId = requestOf(job.body);
  const edge = works.find((work) => work.requestId === requestId && holds(work, queuedAt));
  const attempts = works
    .filter(({ messageIds }) => messageIds.includes(job.messageId))
    .toSorted((left, right) => left.from - right.from);
  // Workers at other jobs of the same delivery: their calls carry the same id.
  const siblings = works.filter(({ messageIds }) =>
    messageIds.some((id) => id !== job.messageId && requests.get(id) === requestId),
  );
  const calls = [...seen.providerCalls, ...seen.slackCalls].flatMap((call) => {
    const at = Date.parse(call.at);
    const attempt = attempts.find((work) => holds(work, at));
    const isMine = [requestId, attempt?.requestId].includes(call.requestId);
    if (call.requestId === undefined || !isMine || (attempt === undefined && (edge === undefined || !holds(edge, at))))
      return [];
    const isShared = siblings.some((sibling) => holds(sibling, at));
    return [toSpan(call, at, attempt !== undefined && isShared)];
  });
  const spans = [
    ...(edge === undefined ? [] : [workSpan('edge', edge)]),
    ...waits(queuedAt, attempts),
    ...attempts.map((work) => workSpan('worker', work)),
    ...calls,
  ].toSorted((left, right) => left.at - right.at);
  const at = Math.min(queuedAt, ...spans.map((span) => span.at));
  const end = Math.max(queuedAt, ...spans.map((span) => span.at + span.milliseconds));
  return {
    id: job.messageId,
    ...describe(job.body),
    at,
    milliseconds: end - at,
    isDone: attempts.at(-1)?.ok === true,
    spans,
    messages: messagesOf(seen.messages, spans),
  };
}

const holds = ({ from, to }: Work, at: number): boolean => at >= from - SLACK_MS && at <= to + SLACK_MS;

const workSpan = (lane: string, work: Work): Span => ({
  lane,
  name: work.ok ? work.function : `${work.function} failed`,
  at: work.from,
  milliseconds: work.milliseconds,
});

function waits(queuedAt: number, attempts: readonly Work[]): Span[] {
  const starts = attempts.map(({ from }) => from);
  const ends = [queuedAt, ...attempts.map(({ to }) => to)];
  return starts.map((start, index) => ({
    lane: 'queue',
    name: index === 0 ? 'waits for a worker' : 'waits to be tried again',
    at: Math.min(ends[index] ?? start, start),
    milliseconds: Math.max(0, start - (ends[index] ?? start)),
  }));
}

function toSpan(call: Call, at: number, isShared: boolean): Span {
  return {
    lane: call.provider,
    name: `${call.method} ${call.path.replace(/^\/api\/(?=[a-z]+\.)/, '')}`,
    at,
    milliseconds: call.milliseconds,
    status: call.status,
    ...(call.mutation ? { isChange: true } : {}),
    ...(isShared ? { isShared: true } : {}),
  };
}

/** A message is stamped, or edited, while Slack answers the call that made it. */
function messagesOf(messages: readonly SlackMessage[], spans: readonly Span[]): string[] {
  const words = spans.filter(({ lane, isChange }) => lane === 'slack' && isChange === true);
  const isSaid = (at: number): boolean =>
    words.some((span) => at >= span.at - SLACK_MS && at <= span.at + span.milliseconds + SLACK_MS);
  return messages
    .filter(({ ts, editedAt }) => isSaid(Number(ts) * 1000) || (editedAt !== undefined && isSaid(Date.parse(editedAt))))
    .map(({ ts }) => ts);
}

type Json = Readonly<Record<string, any>>;

/** What the request was, in its own words; a job holds no secret. */
function describe(body: string): Pick<Trace, 'kind' | 'title'> {
  const job = parse(body);
  const kind = String(job['kind'] ?? 'unknown');
  const payload = (job['payload'] ?? {}) as Json;
  switch (kind) {
    case 'command':
      return { kind, title: `/pat ${String(payload['text'] ?? '')}`.trim() };
    case 'action':
      return { kind, title: `press of ${pressedName(payload['actions']?.[0])}` };
    case 'report':
      return { kind: 'alert', title: `alert of ${String(job['source'])}` };
    case 'event':
      return { kind, title: String(payload['event']?.['type'] ?? kind) };
    default:
      return { kind, title: OTHERS[kind] ?? kind };
  }
}

const OTHERS: Readonly<Record<string, string>> = { view: 'a form was sent', wake: 'something that is due later' };

/** What the button says, where the request still tells it. */
const pressedName = (action: Json | undefined): string =>
  `${action?.['text']?.['text'] ?? action?.['selected_option']?.['text']?.['text'] ?? action?.['action_id'] ?? 'a button'}`.replace(
    /^patrol:/,
    '',
  );

function parse(body: string): Json {
  try {
    return JSON.parse(body) as Json;
  } catch {
    return {};
  }
}
