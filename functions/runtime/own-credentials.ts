import type { AwsCredentials } from '#shared/core/sign-aws.ts';
import { defined } from '#shared/core/defined.ts';

/** Reads the credentials of the function's own role; Lambda may hand out new ones at any time, so they are never kept. */
export function ownCredentials(): AwsCredentials {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  return {
    accessKeyId: AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: AWS_SECRET_ACCESS_KEY ?? '',
    ...defined({ sessionToken: AWS_SESSION_TOKEN }),
  };
}
