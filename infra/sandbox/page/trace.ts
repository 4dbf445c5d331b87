/** One thing that happened on a request's way, and how long it took. */
export interface Span {
  /** `edge`, `queue`, `worker`, or whom the worker called. */
  readonly lane: string;
  readonly name: string;
  readonly at: number;
  readonly milliseconds: number;
  /** HTTP status of a call; 0 where nothing was answered. */
  readonly status?: number;
  /** The call changed something at the provider. */
  readonly isChange?: true;
  /** Another job of the same delivery was worked on at the same time: this call may belong to that one. */
  readonly isShared?: true;
}

/** One request from its arrival to the last word about it (`GET /sandbox/traces`); times in milliseconds of the epoch. */
export interface Trace {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly at: number;
  readonly milliseconds: number;
  readonly isDone: boolean;
  readonly spans: readonly Span[];
  /** Time stamps of the messages that were said or edited on the way. */
  readonly messages: readonly string[];
}

/** When each stage of an alert was reached, counted from its arrival; a stage that was not reached is missing. */
export interface Stages {
  readonly accepted?: number;
  readonly dead?: number;
  readonly told?: number;
}

/** Reads the stages from a trace: accepted by the edge, changed at the provider, the first word after that. */
export function stagesOf(trace: Trace): Stages {
  const edge = trace.spans.find(({ lane }) => lane === 'edge');
  const change = trace.spans.findLast(
    (span) => span.isChange === true && span.lane !== 'slack' && span.lane !== 'github',
  );
  const since = (span: Span): number => span.at + span.milliseconds - trace.at;
  const told =
    change === undefined
      ? undefined
      : trace.spans.find((span) => span.lane === 'slack' && span.isChange === true && span.at >= change.at);
  return {
    ...(edge === undefined ? {} : { accepted: since(edge) }),
    ...(change === undefined ? {} : { dead: since(change) }),
    ...(told === undefined ? {} : { told: since(told) }),
  };
}

const SECOND_MS = 1000;
const LONG_MS = 10_000;

/** How long something took, in the unit that a reader wants: "134 ms", "13.4 s". */
export const lasting = (milliseconds: number): string =>
  milliseconds < LONG_MS ? `${Math.round(milliseconds)} ms` : `${(milliseconds / SECOND_MS).toFixed(1)} s`;

/** The value that this share of the values does not exceed (nearest rank), or `undefined` of none. */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}
