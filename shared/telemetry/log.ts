import { defined } from '#shared/core/defined.ts';
import { Fault, FAULTS } from '#shared/core/fault.ts';
import { figureOf } from './figures.ts';

/**
 * The only fields a log line may have (docs/LOGGING.md). There is no field for a body, a header, an event or an error's
 * own message, so none can be logged by mistake.
 */
export interface LogFields {
  readonly event: string;
  readonly function?: string;
  readonly requestId?: string;
  readonly kind?: string;
  readonly source?: string;
  readonly status?: number;
  readonly fault?: string;
  readonly detail?: string;
  readonly deliveryKey?: string;
  readonly profile?: string;
  readonly provider?: string;
  readonly verb?: string;
  readonly result?: string;
  readonly caseId?: string;
  readonly rule?: string;
  readonly entry?: string;
  readonly digest?: string;
  readonly attempt?: number;
  readonly count?: number;
  readonly skipped?: number;
  readonly milliseconds?: number;
}

export type Log = (level: 'info' | 'warn' | 'error', fields: LogFields) => void;

/** Who writes. Without a stage, to whose figures they would belong, no line is one. */
interface LogBase extends Pick<LogFields, 'function'> {
  readonly stage?: string | undefined;
}

/** Writes one JSON line per call; some are figures for CloudWatch too. */
export function createLog({ stage, ...base }: LogBase, write: (line: string) => void, now: () => Date): Log {
  return (level, fields) => {
    const at = now();
    const line = { ...base, ...fields };
    const figure = stage === undefined ? {} : figureOf(line, { stage, now: at });
    write(JSON.stringify({ at: at.toISOString(), level, ...line, ...figure }));
  };
}

/**
 * The level of an unexpected ending, as the table of faults states who is paged: `error` rings the alarm. An error that is
 * no fault is a defect of ours, told at once.
 */
export function levelOf(error: unknown, isLast: boolean): 'warn' | 'error' {
  const { page } = FAULTS[error instanceof Fault ? error.code : 'internal_error'];
  return page === 'always' || (page === 'if-lasting' && isLast) ? 'error' : 'warn';
}

/** What may be told of an error: a fault's code and detail; of anything else only its class. */
export function faultFields(error: unknown): Pick<LogFields, 'fault' | 'detail' | 'status'> {
  if (error instanceof Fault) {
    return { fault: error.code, detail: error.detail, ...defined({ status: error.status }) };
  }
  return { fault: 'unexpected', detail: error instanceof Error ? error.constructor.name : typeof error };
}
