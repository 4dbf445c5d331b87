import type { Reply } from '../kit/listener.ts';
import type { SecretTag, SecretVault, StoredSecret } from './vault.ts';
import { type Action, failure, type Input, NOT_FOUND, ok } from './protocol.ts';

/** Creates what each action does to the vault, once its input is checked. */
export function createSecretActions(
  vault: SecretVault,
  now: () => Date,
): (action: Action, input: Input<Action>) => Reply {
  const summary = (secret: StoredSecret) => ({
    ARN: secret.arn,
    Name: secret.name,
    Description: secret.description,
    Tags: secret.tags,
    CreatedDate: secret.createdAt,
    LastChangedDate: secret.changedAt,
    DeletedDate: secret.deletedAt,
  });
  const stages = (secret: StoredSecret) => Object.fromEntries(secret.versions.map(({ id, stages }) => [id, stages]));

  const store = (secret: StoredSecret, input: Input<'PutSecretValue'>): Reply => {
    const { SecretString: text, SecretBinary: binary, ClientRequestToken, VersionStages } = input;
    if ((text === undefined) === (binary === undefined)) {
      return failure('InvalidRequestException', 'You must provide either SecretString or SecretBinary.');
    }
    const same = secret.versions.find(({ id }) => id === ClientRequestToken);
    if (same !== undefined && (same.text !== text || same.binary !== binary)) {
      return failure('ResourceExistsException', 'A version of this secret with a different value already exists.');
    }
    const version =
      same ?? vault.addVersion(secret, { text, binary, token: ClientRequestToken, stages: VersionStages });
    return ok({ ARN: secret.arn, Name: secret.name, VersionId: version.id, VersionStages: version.stages });
  };

  const create = (input: Input<'CreateSecret'>): Reply => {
    const { Name, Description, Tags, ...content } = input;
    if (vault.find(Name) !== undefined) {
      return failure('ResourceExistsException', `The operation failed because the secret ${Name} already exists.`);
    }
    const secret = vault.create(Name, {
      ...(Description === undefined ? {} : { description: Description }),
      ...(Tags === undefined ? {} : { tags: Tags }),
    });
    if (content.SecretString === undefined && content.SecretBinary === undefined) return ok({ ARN: secret.arn, Name });
    return store(secret, { SecretId: Name, ...content });
  };

  const get = (secret: StoredSecret, { VersionId, VersionStage }: Input<'GetSecretValue'>): Reply => {
    const stage = VersionStage ?? (VersionId === undefined ? 'AWSCURRENT' : undefined);
    const version = secret.versions.find(
      ({ id, stages }) =>
        (VersionId === undefined || id === VersionId) && (stage === undefined || stages.includes(stage)),
    );
    if (version === undefined) {
      return NOT_FOUND(` value for ${stage === undefined ? `VersionId: ${VersionId}` : `staging label: ${stage}`}`);
    }
    return ok({
      ARN: secret.arn,
      Name: secret.name,
      VersionId: version.id,
      SecretString: version.text,
      SecretBinary: version.binary,
      VersionStages: version.stages,
      CreatedDate: version.createdAt,
    });
  };

  const remove = (
    secret: StoredSecret,
    { ForceDeleteWithoutRecovery, RecoveryWindowInDays = 30 }: Input<'DeleteSecret'>,
  ): Reply => {
    secret.deletedAt =
      now().getTime() / 1_000 + (ForceDeleteWithoutRecovery === true ? 0 : RecoveryWindowInDays * 86_400);
    if (ForceDeleteWithoutRecovery === true) vault.remove(secret.name);
    return ok({ ARN: secret.arn, Name: secret.name, DeletionDate: secret.deletedAt });
  };

  const fits = (secret: StoredSecret, filter: NonNullable<Input<'ListSecrets'>['Filters']>[number]): boolean => {
    const texts: Readonly<Record<string, readonly string[]>> = {
      name: [secret.name],
      description: [secret.description ?? ''],
      'tag-key': secret.tags.map(({ Key }) => Key),
      'tag-value': secret.tags.map(({ Value }) => Value),
    };
    const searched = filter.Key === 'all' ? Object.values(texts).flat() : (texts[filter.Key] ?? []);
    return filter.Values.some((wanted) =>
      wanted.startsWith('!')
        ? !searched.some((text) => text.startsWith(wanted.slice(1)))
        : searched.some((text) => text.startsWith(wanted)),
    );
  };

  const list = ({
    MaxResults = 100,
    NextToken,
    Filters = [],
    IncludePlannedDeletion,
    SortOrder,
  }: Input<'ListSecrets'>): Reply => {
    const found = vault
      .all()
      .filter(
        (secret) =>
          (IncludePlannedDeletion === true || secret.deletedAt === undefined) &&
          Filters.every((filter) => fits(secret, filter)),
      )
      .toSorted((left, right) => (left.createdAt - right.createdAt) * (SortOrder === 'asc' ? 1 : -1));
    const from = NextToken === undefined ? 0 : Number(Buffer.from(NextToken, 'base64url').toString());
    if (!Number.isSafeInteger(from)) return failure('InvalidNextTokenException', 'The NextToken value is invalid.');
    const to = from + MaxResults;
    return ok({
      SecretList: found
        .slice(from, to)
        .map((secret) => ({ ...summary(secret), SecretVersionsToStages: stages(secret) })),
      NextToken: to < found.length ? Buffer.from(String(to)).toString('base64url') : undefined,
    });
  };

  const setTags = (secret: StoredSecret, tags: readonly SecretTag[], dropped: readonly string[]): Reply => {
    const replaced = [...dropped, ...tags.map(({ Key }) => Key)];
    secret.tags = [...secret.tags.filter(({ Key }) => !replaced.includes(Key)), ...tags];
    return { ...ok(undefined), body: '' };
  };

  const apply = (
    action: Exclude<Action, 'CreateSecret' | 'ListSecrets'>,
    input: never,
    secret: StoredSecret,
  ): Reply => {
    switch (action) {
      case 'PutSecretValue':
        return store(secret, input);
      case 'GetSecretValue':
        return get(secret, input);
      case 'DeleteSecret':
        return remove(secret, input);
      case 'TagResource':
        return setTags(secret, (input as Input<'TagResource'>).Tags, []);
      case 'UntagResource':
        return setTags(secret, [], (input as Input<'UntagResource'>).TagKeys);
      case 'DescribeSecret':
        return ok({ ...summary(secret), VersionIdsToStages: stages(secret) });
      case 'RestoreSecret':
        secret.deletedAt = undefined;
        return ok({ ARN: secret.arn, Name: secret.name });
      case 'UpdateSecret': {
        const { Description, ...content } = input as Input<'UpdateSecret'>;
        secret.description = Description ?? secret.description;
        return content.SecretString === undefined && content.SecretBinary === undefined
          ? ok({ ARN: secret.arn, Name: secret.name })
          : store(secret, content);
      }
    }
  };

  return (action, input) => {
    if (action === 'CreateSecret') return create(input as Input<'CreateSecret'>);
    if (action === 'ListSecrets') return list(input as Input<'ListSecrets'>);
    const secret = vault.find((input as Input<'DescribeSecret'>).SecretId);
    if (secret === undefined) return NOT_FOUND();
    if (secret.deletedAt !== undefined && action !== 'RestoreSecret' && action !== 'DescribeSecret') {
      return failure(
        'InvalidRequestException',
        "You can't perform this operation on the secret because it was marked for deletion.",
      );
    }
    return apply(action, input as never, secret);
  };
}
