import type { Fingerprint } from '#shared/core/fingerprint.ts';
import { defined } from '#shared/core/defined.ts';
import type { LeakJob } from '#shared/jobs/job.ts';
import { toParts } from '#shared/jobs/to-parts.ts';
import { Secret } from '#shared/core/secret.ts';
import { FAULTS, Fault, isFault } from '#shared/core/fault.ts';
import { findOnce } from '#shared/providers/find-once.ts';
import type { CheckValidity } from './check-validity.ts';
import { findingsIn, sealDelivery, textsOf } from './seal-delivery.ts';
import { decodeText, MAX_BODY_BYTES } from './parse-json.ts';
import type { AlertRequest, Finding, Reading, Source } from './source.ts';
import type { Keyring } from './verify/keyring.ts';

/** What a sender is answered, what must be in the queue before it is, and what may be logged of it. */
export interface Received {
  readonly status: number;
  readonly body?: unknown;
  readonly jobs: readonly LeakJob[];
  readonly log: {
    readonly result: 'queued' | 'ignored' | 'answered' | 'refused';
    readonly fault?: string;
    readonly detail?: string;
    readonly count?: number;
    readonly skipped?: number;
  };
}

export interface ReceiveDeps {
  readonly now: () => Date;
  readonly fingerprint: Fingerprint;
  readonly checkValidity: CheckValidity;
  /** Names of the policy's profiles. */
  readonly profiles: readonly string[];
}

function refuseEncoded(request: AlertRequest): void {
  const encodings = request.headers.get('content-encoding') ?? [];
  if (encodings.some((encoding) => encoding.trim().toLowerCase() !== 'identity')) {
    // What is signed is what we see; nobody tells us what a decoder would make of it.
    throw new Fault('payload_invalid', 'content-encoding is not identity');
  }
}

/**
 * Makes jobs of what a source has read, and the answer that the sender expects. Its one effect is the validity check, which
 * costs the sender a bounded wait and decides no more than how sure a report is.
 */
export async function receiveReading(
  reading: Reading,
  origin: { readonly source: Pick<Source, 'name' | 'answer' | 'isSearched'>; readonly content: Buffer },
  { now, fingerprint, checkValidity, profiles }: ReceiveDeps,
): Promise<Received> {
  const { source, content } = origin;
  const receivedAt = now().toISOString();
  switch (reading.kind) {
    case 'ignored':
      return { status: 200, jobs: [], log: { result: 'ignored', detail: reading.why } };
    case 'answered': {
      const jobs: readonly LeakJob[] = reading.job === undefined ? [] : [{ v: 1, receivedAt, ...reading.job }];
      const body = defined({ body: reading.body });
      return { status: reading.status, ...body, jobs, log: { result: 'answered', count: jobs.length } };
    }
    case 'findings': {
      const { unread, deliveryId, signed } = reading;
      const find = findOnce();
      const found =
        source.isSearched === false ? [] : findingsIn([...unread, ...(reading.aside ?? [])], { fingerprint, find });
      const all = [...reading.findings, ...found];
      const isTooMany = all.length > MOST_FINDINGS;
      const findings = isTooMany ? [refusedFor(all.length)] : all;
      const skipped = isTooMany ? 0 : unread.length;
      const { jobs, verdicts } = sealDelivery({
        source: source.name,
        content: signed === undefined ? content : Buffer.from(signed),
        deliveryId,
        findings,
        skipped,
        unread: isTooMany ? [] : unread,
        receivedAt,
        fingerprint,
        find,
        profiles,
        validities: await checkValidity(textsOf(findings), find),
      });
      const log = { result: 'queued', count: jobs.length, skipped } as const;
      if (isTooMany) return { status: 413, body: { error: TOO_MANY }, jobs, log: { ...log, detail: TOO_MANY } };
      // Nothing at all was understood: the sender should learn it, and people are told in Slack.
      if (jobs.length === 0) return { status: 200, jobs, log: { result: 'ignored', detail: 'empty report' } };
      if (findings.length === 0)
        return { status: 400, body: { error: reading.why ?? 'no record is of a known form' }, jobs, log };
      return { ...(source.answer?.(verdicts) ?? { status: 202 }), jobs: toParts(jobs), log };
    }
  }
}

/** More than these are not sealed within an edge's time. */
const MOST_FINDINGS = 5000;
const TOO_MANY = `more than ${MOST_FINDINGS} findings in one report; send it in parts`;

/** What people are told of a report that was refused for its size. */
function refusedFor(count: number): Finding {
  return { remarks: [{ kind: 'refused_for_size', count, most: MOST_FINDINGS }] };
}

/** Reads a verified request. A body that cannot be read at all is one unread record, with why. */
async function readVerified(request: AlertRequest, source: Source, nowSeconds: number): Promise<Reading> {
  try {
    return await source.read(request, nowSeconds);
  } catch (error) {
    if (!isFault(error, 'payload_invalid') || source.isSearched === false) throw error;
    const text = request.body.length > MAX_BODY_BYTES ? '' : decodeText(request.body);
    return { kind: 'findings', findings: [], unread: [new Secret(text)], ...defined({ why: error.detail }) };
  }
}

/** Turns a fault into an answer: 401 without a word to strangers, 400 for what cannot be read, 503 for our own trouble. */
export function refuse(error: unknown, source?: Source, request?: AlertRequest): Received {
  const fault = error instanceof Fault ? error : undefined;
  const http = fault === undefined ? 503 : FAULTS[fault.code].http;
  const ours = (request && source?.busyStatus?.(request)) ?? 503;
  return {
    status: http === 401 || http === 400 ? http : ours,
    jobs: [],
    log: {
      result: 'refused',
      fault: fault?.code ?? 'unexpected',
      detail: fault?.detail ?? (error instanceof Error ? error.constructor.name : typeof error),
    },
  };
}

/** Where a delivery came in, and what it may be signed with. */
export interface Sender {
  readonly source: Source;
  /** Absent for sources that bring public keys. */
  readonly keyring?: Keyring;
}

/**
 * Verifies with the keys we know and, when the signature does not fit, once more with freshly read ones (rotation); also when it
 * is missing, since the form of a secret may tell in which header it stands.
 */
async function verify(request: AlertRequest, { source, keyring }: Sender, nowSeconds: number): Promise<void> {
  if (keyring === undefined) return source.verify(request, undefined, nowSeconds);
  try {
    await source.verify(request, await keyring.keys(source.name), nowSeconds);
  } catch (error) {
    if (!isFault(error, 'signature_invalid', 'signature_missing')) throw error;
    await source.verify(request, await keyring.freshKeys(source.name), nowSeconds);
  }
}

/**
 * Takes one delivery: verifies its bytes, reads it, seals every finding. Never throws; nothing that it returns holds a
 * secret. The caller answers with `status` only after every job is durably in the queue.
 */
export async function receiveAlert(request: AlertRequest, sender: Sender, deps: ReceiveDeps): Promise<Received> {
  const { source } = sender;
  try {
    const nowSeconds = Math.floor(deps.now().getTime() / 1000);
    await verify(request, sender, nowSeconds);
    refuseEncoded(request);
    return await receiveReading(
      await readVerified(request, source, nowSeconds),
      { source, content: request.body },
      deps,
    );
  } catch (error) {
    return refuse(error, source, request);
  }
}
