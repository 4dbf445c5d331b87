import { AWS_PATIENCE_MS, type AwsCall, createAwsCall } from '#shared/core/aws-call.ts';
import { createPost } from '#shared/core/post.ts';
import { ownCredentials } from './own-credentials.ts';

/** Makes a worker's signed calls to AWS, by the function's own role. */
export function ownCall(region: string): AwsCall {
  return createAwsCall({
    region,
    credentials: ownCredentials,
    now: () => new Date(),
    post: createPost(AWS_PATIENCE_MS),
  });
}
