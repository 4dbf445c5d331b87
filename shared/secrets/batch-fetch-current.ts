import * as s from '#shared/core/schema.ts';
import type { AwsCall } from '#shared/core/aws-call.ts';
import { defined } from '#shared/core/defined.ts';
import { Secret } from '#shared/core/secret.ts';
import { tryParseJson } from '#shared/core/try-parse-json.ts';
import { type FetchSecret, type StoredSecret, unreadableSecret } from './secret-reader.ts';

/** The most names that one call takes. */
const MOST = 20;

const replySchema = s.object({
  SecretValues: s.withDefault(s.array(s.object({ Name: s.string, SecretString: s.optional(s.string) })), []),
  Errors: s.withDefault(s.array(s.object({ SecretId: s.string, ErrorCode: s.optional(s.string) })), []),
});

/** By name: the text, or AWS's reason why there is none. */
type Answers = ReadonlyMap<string, Secret | string>;

/** Asks Secrets Manager for the current versions of twenty names at most; rejects when it does not answer. */
export type AskTogether = (names: readonly string[]) => Promise<Answers>;

interface Batch {
  readonly names: Set<string>;
  readonly answers: Promise<Answers>;
}

/**
 * Reads current versions: whoever asks at one moment shares one call, and where one of them cannot be read the others are.
 * Gives neither the version before nor when this one was made: Secrets Manager tells those one by one.
 */
export function createBatchFetchCurrent(ask: AskTogether): FetchSecret {
  let open: Batch | undefined;

  const begin = (): Batch => {
    const names = new Set<string>();
    // A step later, when all who ask now have asked.
    const answers = Promise.resolve().then(() => {
      if (open?.names === names) open = undefined;
      return ask([...names]);
    });
    return { names, answers };
  };

  return async (name): Promise<StoredSecret> => {
    if (open === undefined || open.names.size === MOST) open = begin();
    open.names.add(name);
    const answers = await open.answers.catch((cause: unknown) => {
      throw unreadableSecret(name, 'no answer', cause);
    });
    const answer = answers.get(name) ?? 'not in the answer';
    if (typeof answer === 'string') throw unreadableSecret(name, answer);
    return { current: answer };
  };
}

/** Asks with hand-signed calls: for the edges, which carry no AWS SDK. */
export function createSignedAsk(call: AwsCall, endpoint?: string): AskTogether {
  return async (names) => {
    const reply = await call({
      service: 'secretsmanager',
      target: 'secretsmanager.BatchGetSecretValue',
      json: { SecretIdList: names },
      ...defined({ endpoint }),
    });
    return reply.ok ? readAnswers(tryParseJson(reply.body.expose())) : refusedAll(names, reply.refusal.code);
  };
}

/** Every name with the one reason why the whole call was refused. */
export function refusedAll(names: readonly string[], reason: string): Answers {
  return new Map(names.map((name) => [name, reason]));
}

/** Reads what `BatchGetSecretValue` answers; a reply of another form answers nothing. */
export function readAnswers(reply: unknown): Answers {
  const parsed = replySchema.safeParse(reply);
  if (!parsed.success) return new Map();
  const { SecretValues: values, Errors: errors } = parsed.data;
  return new Map<string, Secret | string>([
    ...errors.map(({ SecretId, ErrorCode }) => [SecretId, errorName(ErrorCode)] as const),
    ...values.map(
      ({ Name, SecretString }) =>
        [Name, SecretString === undefined ? 'holds no text' : new Secret(SecretString)] as const,
    ),
  ]);
}

/** AWS's error name, and nothing else that may stand in its place. */
function errorName(code = ''): string {
  return /^[A-Za-z.]{1,80}$/.test(code) ? code : 'unknown';
}
