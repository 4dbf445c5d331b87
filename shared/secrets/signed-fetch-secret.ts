import { allEnded } from '#shared/core/all-ended.ts';
import * as s from '#shared/core/schema.ts';
import type { AwsCall } from '#shared/core/aws-call.ts';
import { defined } from '#shared/core/defined.ts';
import { Secret } from '#shared/core/secret.ts';
import { tryParseJson } from '#shared/core/try-parse-json.ts';
import { type FetchSecret, type StoredSecret, unreadableSecret } from './secret-reader.ts';

const replySchema = s.object({ SecretString: s.string, CreatedDate: s.optional(s.number) });

/** Reads secrets with hand-signed calls: for the edges, which carry no AWS SDK. */
export function createSignedFetchSecret(call: AwsCall, endpoint?: string): FetchSecret {
  const version = async (name: string, stage: 'AWSCURRENT' | 'AWSPREVIOUS'): Promise<StoredSecret | string> => {
    const reply = await call({
      service: 'secretsmanager',
      target: 'secretsmanager.GetSecretValue',
      json: { SecretId: name, VersionStage: stage },
      ...defined({ endpoint }),
    }).catch((cause: unknown) => {
      throw unreadableSecret(name, 'no answer', cause);
    });
    if (!reply.ok) return reply.refusal.code;
    return parseReply(reply.body) ?? 'holds no text';
  };
  return async (name) => {
    const [current, previous] = await allEnded([version(name, 'AWSCURRENT'), version(name, 'AWSPREVIOUS')]);
    if (typeof current === 'string') throw unreadableSecret(name, current);
    return typeof previous === 'string' ? current : { ...current, previous: previous.current };
  };
}

function parseReply(body: Secret): StoredSecret | undefined {
  const parsed = replySchema.safeParse(tryParseJson(body.expose()));
  if (!parsed.success) return undefined;
  const { SecretString: text, CreatedDate: seconds } = parsed.data;
  const madeAt = seconds === undefined ? undefined : new Date(Math.floor(seconds * 1000));
  return { current: new Secret(text), ...defined({ madeAt }) };
}
