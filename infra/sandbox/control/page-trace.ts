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
 * Puts together what belongs to one request: the edge that queued it, its waiting, each attempt of a worker, the calls
 * made meanwhile and what was said. Calls carry no request's name, so where two workers overlap the span says so.
 */
export function readTraces(seen: Seen): Trace[] {
  const works = seen.invocations.map((each) => {
    const from = Date.parse(each.at);
    return { ...each, from, to: from + each.milliseconds };
  });
  return seen.jobs.map((job) => toTrace(job, works, seen)).toSorted((left, right) => right.at - left.at);
}

function toTrace(job: QueuedBody, works: readonly Work[], seen: Seen): Trace {
  const queuedAt = Date.parse(job.at);
  const edge = works.findLast((work) => work.function.endsWith('-edge') && holds(work, queuedAt));
  const attempts = works
    .filter(({ messageIds }) => messageIds.includes(job.messageId))
    .toSorted((left, right) => left.from - right.from);
  const calls = [...seen.providerCalls, ...seen.slackCalls].flatMap((call) => {
    const at = Date.parse(call.at);
    const mine = attempts.some((work) => holds(work, at));
    const others = works.filter((work) => !work.function.endsWith('-edge') && holds(work, at));
    return mine ? [toSpan(call, at, others.length > 1)] : [];
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
  `${action?.['text']?.['text'] ?? action?.['selected_option']?.['text']?.['text'] ?? action?.['action_id'] ?? 'a button'}`;

function parse(body: string): Json {
  try {
    return JSON.parse(body) as Json;
  } catch {
    return {};
  }
}
