import { BatchGetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type AskTogether, readAnswers, refusedAll } from './batch-fetch-current.ts';

/** Asks with the AWS SDK, which tries again by itself: for the workers, which need no version but the current one. */
export function createSdkAsk(client: SecretsManagerClient): AskTogether {
  return (names) =>
    client.send(new BatchGetSecretValueCommand({ SecretIdList: [...names] })).then(readAnswers, (error: unknown) => {
      // A refusal has a name that tells why; the rest is no answer.
      if (error instanceof Error && '$fault' in error) return refusedAll(names, error.name);
      throw error;
    });
}
