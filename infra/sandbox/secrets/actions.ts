import { defined } from '#shared/core/defined.ts';
import type { Reply } from '../kit/exchange.ts';
import { listSecrets, stagesOf, summaryOf } from './list-secrets.ts';
import { type Action, failure, type Input, NOT_FOUND, ok } from './protocol.ts';
import type { SecretTag, SecretVault, StoredSecret } from './vault.ts';

interface Context {
  readonly vault: SecretVault;
  readonly now: () => Date;
}
type OnSecret = Exclude<Action, 'CreateSecret' | 'ListSecrets' | 'BatchGetSecretValue'>;
type Found<A extends OnSecret> = Context & { readonly secret: StoredSecret; readonly input: Input<A> };

const named = ({ arn, name }: StoredSecret) => ({ ARN: arn, Name: name });
const hasContent = ({ SecretString, SecretBinary }: Input<'UpdateSecret'> | Input<'CreateSecret'>): boolean =>
  SecretString !== undefined || SecretBinary !== undefined;

function putValue({ vault, secret, input }: Found<'PutSecretValue'>): Reply {
  const { SecretString: text, SecretBinary: binary, ClientRequestToken, VersionStages } = input;
  if ((text === undefined) === (binary === undefined)) {
    return failure('InvalidRequestException', 'You must provide either SecretString or SecretBinary.');
  }
  const same = secret.versions.find(({ id }) => id === ClientRequestToken);
  if (same !== undefined && (same.text !== text || same.binary !== binary)) {
    return failure('ResourceExistsException', 'A version of this secret with a different value already exists.');
  }
  const version = same ?? vault.addVersion(secret, { text, binary, token: ClientRequestToken, stages: VersionStages });
  return ok({ ...named(secret), VersionId: version.id, VersionStages: version.stages });
}

function getValue({ secret, input: { VersionId, VersionStage } }: Found<'GetSecretValue'>): Reply {
  const stage = VersionStage ?? (VersionId === undefined ? 'AWSCURRENT' : undefined);
  const version = secret.versions.find(
    ({ id, stages }) =>
      (VersionId === undefined || id === VersionId) && (stage === undefined || stages.includes(stage)),
  );
  if (version === undefined) {
    return NOT_FOUND(` value for ${stage === undefined ? `VersionId: ${VersionId}` : `staging label: ${stage}`}`);
  }
  return ok({
    ...named(secret),
    VersionId: version.id,
    SecretString: version.text,
    SecretBinary: version.binary,
    VersionStages: version.stages,
    CreatedDate: version.createdAt,
  });
}

function update({ input, secret, ...context }: Found<'UpdateSecret'>): Reply {
  const { Description, ...content } = input;
  secret.description = Description ?? secret.description;
  return hasContent(input) ? putValue({ ...context, secret, input: content }) : ok(named(secret));
}

function remove({ vault, now, secret, input }: Found<'DeleteSecret'>): Reply {
  const { ForceDeleteWithoutRecovery: isAtOnce = false, RecoveryWindowInDays: days = 30 } = input;
  secret.deletedAt = now().getTime() / 1_000 + (isAtOnce ? 0 : days * 86_400);
  if (isAtOnce) vault.remove(secret.name);
  return ok({ ...named(secret), DeletionDate: secret.deletedAt });
}

function restore(secret: StoredSecret): Reply {
  secret.deletedAt = undefined;
  return ok(named(secret));
}

function setTags(secret: StoredSecret, tags: readonly SecretTag[], dropped: readonly string[]): Reply {
  const replaced = [...dropped, ...tags.map(({ Key }) => Key)];
  secret.tags = [...secret.tags.filter(({ Key }) => !replaced.includes(Key)), ...tags];
  return { ...ok(undefined), body: '' };
}

const ON_SECRET: { readonly [A in OnSecret]: (found: Found<A>) => Reply } = {
  PutSecretValue: putValue,
  GetSecretValue: getValue,
  UpdateSecret: update,
  DeleteSecret: remove,
  RestoreSecret: ({ secret }) => restore(secret),
  DescribeSecret: ({ secret }) => ok({ ...summaryOf(secret), VersionIdsToStages: stagesOf(secret) }),
  TagResource: ({ secret, input }) => setTags(secret, input.Tags, []),
  UntagResource: ({ secret, input }) => setTags(secret, [], input.TagKeys),
};
/** What may be done to a secret that is marked for deletion. */
const EVEN_WHEN_DELETED: readonly Action[] = ['RestoreSecret', 'DescribeSecret'];

function create(context: Context, input: Input<'CreateSecret'>): Reply {
  const { vault } = context;
  const { Name, Description, Tags, ...content } = input;
  if (vault.find(Name) !== undefined) {
    return failure('ResourceExistsException', `The operation failed because the secret ${Name} already exists.`);
  }
  const secret = vault.create(Name, {
    ...defined({ description: Description, tags: Tags }),
  });
  return hasContent(input)
    ? putValue({ ...context, secret, input: { SecretId: Name, ...content } })
    : ok(named(secret));
}

function onSecret<A extends OnSecret>(context: Context, action: A, input: Input<A>): Reply {
  const secret = context.vault.find(input.SecretId);
  if (secret === undefined) return NOT_FOUND();
  if (secret.deletedAt !== undefined && !EVEN_WHEN_DELETED.includes(action)) {
    return failure(
      'InvalidRequestException',
      "You can't perform this operation on the secret because it was marked for deletion.",
    );
  }
  return ON_SECRET[action]({ ...context, secret, input });
}

/** Answers each as `GetSecretValue` would; the refused ones stand apart. `CreatedDate` is the secret's own, after AWS's document. */
function getValues(context: Context, { SecretIdList: ids }: Input<'BatchGetSecretValue'>): Reply {
  const replies = ids.map((id) => ({ id, ...onSecret(context, 'GetSecretValue', { SecretId: id }) }));
  const isGiven = ({ status }: Reply) => status === 200;
  return ok({
    SecretValues: replies.filter(isGiven).map(({ id, json }) => ({
      ...(json as object),
      CreatedDate: context.vault.find(id)?.createdAt,
    })),
    Errors: replies
      .filter((reply) => !isGiven(reply))
      .map(({ id, json }) => {
        const { __type, Message } = json as { readonly __type: string; readonly Message: string };
        return { SecretId: id, ErrorCode: __type, Message };
      }),
  });
}

/** Creates what each action does to the vault, once its input is checked. */
export function createSecretActions(
  vault: SecretVault,
  now: () => Date,
): (action: Action, input: Input<Action>) => Reply {
  const context = { vault, now };
  return (action, input) => {
    if (action === 'CreateSecret') return create(context, input as Input<'CreateSecret'>);
    if (action === 'BatchGetSecretValue') return getValues(context, input as Input<'BatchGetSecretValue'>);
    if (action === 'ListSecrets') return listSecrets(vault.all(), input as Input<'ListSecrets'>);
    return onSecret(context, action, input as never);
  };
}
