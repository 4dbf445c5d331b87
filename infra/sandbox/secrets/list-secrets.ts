import type { Reply } from '../kit/exchange.ts';
import { failure, type Input, ok } from './protocol.ts';
import type { StoredSecret } from './vault.ts';

type Filter = NonNullable<Input<'ListSecrets'>['Filters']>[number];

/** A secret as lists and descriptions show it, without its versions. */
export const summaryOf = (secret: StoredSecret) => ({
  ARN: secret.arn,
  Name: secret.name,
  Description: secret.description,
  Tags: secret.tags,
  CreatedDate: secret.createdAt,
  LastChangedDate: secret.changedAt,
  DeletedDate: secret.deletedAt,
});

/** Which version carries which staging labels. */
export const stagesOf = (secret: StoredSecret) =>
  Object.fromEntries(secret.versions.map(({ id, stages }) => [id, stages]));

/** Tells whether a secret fits a filter: any of its values begins one of the texts looked at, or with `!` none does. */
function fits(secret: StoredSecret, filter: Filter): boolean {
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
}

/** Answers `ListSecrets`: filtered, by age, one page. */
export function listSecrets(secrets: readonly StoredSecret[], input: Input<'ListSecrets'>): Reply {
  const { MaxResults = 100, NextToken, Filters = [], IncludePlannedDeletion, SortOrder } = input;
  const found = secrets
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
      .map((secret) => ({ ...summaryOf(secret), SecretVersionsToStages: stagesOf(secret) })),
    NextToken: to < found.length ? Buffer.from(String(to)).toString('base64url') : undefined,
  });
}
