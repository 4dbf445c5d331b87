import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Reply } from '../kit/exchange.ts';

const tag = z.strictObject({ Key: z.string().min(1).max(128), Value: z.string().max(256) });
const value = { SecretString: z.string().max(65_536).optional(), SecretBinary: z.base64().optional() };
const token = { ClientRequestToken: z.string().min(32).max(64).optional() };
const target = { SecretId: z.string().min(1).max(2_048) };
const name = z.string().regex(/^[\w/+=.@-]{1,512}$/);

/** What each action takes; anything else is a ValidationException, as at AWS. */
export const ACTIONS = {
  CreateSecret: z.strictObject({
    Name: name,
    Description: z.string().optional(),
    Tags: z.array(tag).optional(),
    ...value,
    ...token,
  }),
  PutSecretValue: z.strictObject({
    ...target,
    ...value,
    ...token,
    VersionStages: z.array(z.string()).min(1).optional(),
  }),
  UpdateSecret: z.strictObject({ ...target, Description: z.string().optional(), ...value, ...token }),
  GetSecretValue: z.strictObject({ ...target, VersionId: z.string().optional(), VersionStage: z.string().optional() }),
  BatchGetSecretValue: z.strictObject({ SecretIdList: z.array(target.SecretId).min(1).max(20) }),
  DescribeSecret: z.strictObject(target),
  TagResource: z.strictObject({ ...target, Tags: z.array(tag) }),
  UntagResource: z.strictObject({ ...target, TagKeys: z.array(z.string()) }),
  DeleteSecret: z.strictObject({
    ...target,
    ForceDeleteWithoutRecovery: z.boolean().optional(),
    RecoveryWindowInDays: z.number().int().min(7).max(30).optional(),
  }),
  RestoreSecret: z.strictObject(target),
  ListSecrets: z.strictObject({
    MaxResults: z.number().int().min(1).max(100).optional(),
    NextToken: z.string().optional(),
    IncludePlannedDeletion: z.boolean().optional(),
    SortOrder: z.enum(['asc', 'desc']).optional(),
    Filters: z
      .array(
        z.strictObject({
          Key: z.enum(['name', 'description', 'tag-key', 'tag-value', 'all']),
          Values: z.array(z.string()),
        }),
      )
      .optional(),
  }),
} as const;
export type Action = keyof typeof ACTIONS;
/** The checked input of an action. */
export type Input<A extends Action> = z.infer<(typeof ACTIONS)[A]>;

/** The actions that change something. */
export const CHANGES: readonly string[] = [
  'CreateSecret',
  'PutSecretValue',
  'UpdateSecret',
  'TagResource',
  'UntagResource',
  'DeleteSecret',
  'RestoreSecret',
];

/** AWS's error shape for JSON protocols. */
export const failure = (type: string, message: string, status = 400): Reply => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() },
  json: { __type: type, Message: message },
});
/** A plain 200. */
export const ok = (json: unknown): Reply => ({
  status: 200,
  headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() },
  json,
});

/** What AWS says when there is no such secret, or no such version of it. */
export const NOT_FOUND = (what = '') =>
  failure('ResourceNotFoundException', `Secrets Manager can't find the specified secret${what}.`);
/** Tells a known action's name. */
export const isAction = (action: string): action is Action => Object.hasOwn(ACTIONS, action);
