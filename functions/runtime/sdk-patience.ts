/**
 * How long a call by AWS's SDK may take before it counts as failed and is made again. Without it a service that takes a call
 * and never answers would hold a worker until Lambda ends it: two minutes in which nothing is said, logged or tried again.
 */
export const SDK_PATIENCE = {
  // The one ends with the first byte of an answer; the other holds for what comes after it.
  requestHandler: {
    connectionTimeout: 2_000,
    requestTimeout: 4_000,
    socketTimeout: 4_000,
    throwOnRequestTimeout: true,
  },
} as const;
