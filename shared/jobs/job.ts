import * as z from 'zod';
import { VALIDITIES } from '#shared/core/vocabulary.ts';
import { remarkSchema } from '#shared/core/remark.ts';
import { whereSchema } from '#shared/core/where.ts';
import { clueSchema } from '#shared/providers/clue.ts';
import { fingerprintField } from '#shared/providers/kit/fingerprint-field.ts';

/**
 * The queue contract: everything that crosses a queue. It has no field that could hold a secret: secrets are sealed to
 * clues before a job is made, and free text is scrubbed. Unknown fields are dropped.
 */
const text = (max: number) => z.string().max(max);

/** `CheckedValidity`, as it crosses a queue. */
const validitySchema = z.object({
  validity: z.enum(VALIDITIES),
  by: z.enum(['issuer', 'scanner']),
  checkedAt: z.iso.datetime(),
  tokenIds: z.array(text(64)).max(100).readonly().exactOptional(),
  likely: text(64).exactOptional(),
  acceptedBy: z.array(text(300)).max(8).readonly().exactOptional(),
  shown: z
    .object({
      at: z.iso.datetime(),
      hosts: z
        .array(z.object({ host: text(260), answered: z.boolean() }))
        .max(8)
        .readonly(),
    })
    .exactOptional(),
});

/** One sealed report: what is left of a finding when its secret is gone. */
export const reportSchema = z.object({
  /** Unique per finding: source, content hash, position. */
  key: text(200),
  clue: clueSchema.exactOptional(),
  locator: z
    .object({ kind: z.literal('github'), repository: text(200), number: z.number().int().positive() })
    .exactOptional(),
  validity: validitySchema.exactOptional(),
  where: whereSchema.exactOptional(),
  detector: text(200).exactOptional(),
  /** What whoever reported it wrote beside it. */
  note: text(2000).exactOptional(),
  remarks: z.array(remarkSchema).max(4).readonly().exactOptional(),
  /** The person who pasted it, where no scanner found it. */
  reporter: z
    .object({
      enterpriseId: text(40).exactOptional(),
      teamId: text(40),
      userId: text(40),
      channelId: text(40).exactOptional(),
    })
    .exactOptional(),
  /** How many secrets that person pasted at once. */
  pasted: z.number().int().positive().exactOptional(),
  /** How many findings its delivery brought, where it brought several. */
  among: z.number().int().positive().exactOptional(),
  publiclyLeaked: z.boolean().exactOptional(),
  /** It tells one more place of an alert, which may be known already. */
  isPlace: z.literal(true).exactOptional(),
  test: z.boolean().exactOptional(),
  /** Keyed fingerprint of what was reported where no clue names it, so that two leaks are not taken for one. */
  rawFingerprint: fingerprintField.exactOptional(),
  /** The sender gave a secret, and no recogniser knew its form. */
  unrecognised: z.boolean().exactOptional(),
});
export type Report = z.infer<typeof reportSchema>;

/** The request that a job comes from, also by way of other jobs: the one id from the edge to the reply. */
const traced = { requestId: text(60).exactOptional() };

export const leakJobSchema = z.discriminatedUnion('kind', [
  z.object({
    v: z.literal(1),
    kind: z.literal('report'),
    ...traced,
    source: text(40),
    receivedAt: z.iso.datetime(),
    /** Same for a redelivery: hash over source, sender's delivery id if any, and the sealed content. */
    deliveryKey: text(200),
    report: reportSchema,
  }),
  /** Some reports of a delivery that is too large for one go; each becomes a job of its own. */
  z.object({
    v: z.literal(1),
    kind: z.literal('report-part'),
    ...traced,
    source: text(40),
    receivedAt: z.iso.datetime(),
    deliveryKey: text(220),
    /** How many of the delivery's reports come before these. */
    offset: z.number().int().nonnegative(),
    reports: z.array(reportSchema).min(1).max(100),
  }),
  /** Searches for the token of a case again: at `at`, where it was planned, else at once. */
  z.object({
    v: z.literal(1),
    kind: z.literal('search-again'),
    ...traced,
    receivedAt: z.iso.datetime(),
    deliveryKey: text(200),
    caseId: text(40),
    at: z.iso.datetime().exactOptional(),
  }),
  /** Calls somebody to a case that needs a person, at `at`, if nobody has taken it by then. */
  z.object({
    v: z.literal(1),
    kind: z.literal('wake'),
    ...traced,
    receivedAt: z.iso.datetime(),
    deliveryKey: text(200),
    caseId: text(40),
    step: z.enum(['remind', 'escalate', 'disowned']),
    at: z.iso.datetime(),
  }),
  /** Ends, at `at`, the time for which a token's owner holds the question about it. */
  z.object({
    v: z.literal(1),
    kind: z.literal('wait-over'),
    ...traced,
    receivedAt: z.iso.datetime(),
    deliveryKey: text(200),
    caseId: text(40),
    at: z.iso.datetime(),
  }),
  /** Reads the token of a case that is dead on its card again, at the planned time. */
  z.object({
    v: z.literal(1),
    kind: z.literal('read-again'),
    ...traced,
    receivedAt: z.iso.datetime(),
    deliveryKey: text(200),
    caseId: text(40),
    at: z.iso.datetime(),
  }),
  /** Reminds of a request that waits for others, or ends it, at `at`. */
  z.object({
    v: z.literal(1),
    kind: z.literal('approval-due'),
    ...traced,
    receivedAt: z.iso.datetime(),
    deliveryKey: text(200),
    approvalId: text(60),
    step: z.enum(['remind', 'lapse']),
    at: z.iso.datetime(),
  }),
  z.object({
    v: z.literal(1),
    kind: z.literal('sns-confirm'),
    ...traced,
    receivedAt: z.iso.datetime(),
    topicArn: text(300),
    token: text(1000),
  }),
]);
export type LeakJob = z.infer<typeof leakJobSchema>;
/** One leak that a sender reported, to be handled. */
export type ReportJob = Extract<LeakJob, { kind: 'report' }>;
export type ApprovalDueJob = Extract<LeakJob, { kind: 'approval-due' }>;

/** Queues jobs for the leaks' worker, to be handled after a delay; a longer one than a quarter of an hour is cut to that. */
export type SendLeaksLater = (jobs: readonly LeakJob[], delaySeconds: number) => Promise<void>;

/** Queues jobs for the alert worker, to be handled at once or after a delay. Resolves only when every one is stored. */
export type SendLeaks = (jobs: readonly LeakJob[], delaySeconds?: number) => Promise<void>;

/** A request from Slack: its payload cut down to the fields named in `shared/slack/payload.ts`, text scrubbed. */
export const commandJobSchema = z.object({
  v: z.literal(1),
  kind: z.enum(['command', 'action', 'view', 'event']),
  ...traced,
  receivedAt: z.iso.datetime(),
  /** Same for a redelivery of the same press or command. */
  deliveryKey: text(200),
  /** Slack's payload, allow-listed. */
  payload: z.record(z.string(), z.unknown()),
  /** What was sealed out of the person's text or modal. */
  sealed: z.array(clueSchema).max(200),
  /** Texts pasted as leaks that no recogniser knew. */
  unrecognised: z.number().int().nonnegative(),
});
export type CommandJob = z.infer<typeof commandJobSchema>;
