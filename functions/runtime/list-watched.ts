import { ListSecretsCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { WatchedSecrets } from '#shared/alerts/watched.ts';
import { asError } from '#shared/core/as-error.ts';
import { defined } from '#shared/core/defined.ts';
import type { SecretReader } from '#shared/secrets/secret-reader.ts';

/** Reads the secrets that their owners have tagged for watching: one that cannot be read hides no other, and is told. */
export async function listWatched(
  client: Pick<SecretsManagerClient, 'send'>,
  secrets: Pick<SecretReader, 'refresh'>,
): Promise<WatchedSecrets> {
  const names: string[] = [];
  let next: string | undefined;
  do {
    const page = await client.send(
      new ListSecretsCommand({
        Filters: [
          { Key: 'tag-key', Values: ['patrol:watch'] },
          { Key: 'tag-value', Values: ['true'] },
        ],
        ...defined({ NextToken: next }),
      }),
    );
    // The two filters look at keys and values apart: only the pair counts.
    const watched = (page.SecretList ?? []).filter(({ Tags }) =>
      Tags?.some(({ Key, Value }) => Key === 'patrol:watch' && Value === 'true'),
    );
    names.push(...watched.flatMap(({ Name }) => Name ?? []));
    next = page.NextToken;
  } while (next !== undefined);
  const read = await Promise.allSettled(names.map((name) => secrets.refresh(name)));
  return {
    secrets: read.flatMap((result) => (result.status === 'fulfilled' ? [result.value.current] : [])),
    failures: read.flatMap((result) => (result.status === 'rejected' ? [asError(result.reason)] : [])),
  };
}
