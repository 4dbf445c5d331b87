import { defined } from '#shared/core/defined.ts';
import { Fault, FAULTS } from '#shared/core/fault.ts';

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
  readonly attempt?: number;
  readonly count?: number;
  readonly skipped?: number;
  readonly milliseconds?: number;
}

export type Log = (level: 'info' | 'warn' | 'error', fields: LogFields) => void;

/** Writes one JSON line per call. */
export function createLog(base: Pick<LogFields, 'function'>, write: (line: string) => void, now: () => Date): Log {
  return (level, fields) => {
    write(JSON.stringify({ at: now().toISOString(), level, ...base, ...fields }));
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
