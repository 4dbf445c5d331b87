/**
 * Gives what all of several works give; throws the first failure, and not before every one has ended. Whoever gives a job back
 * to its queue after that leaves nothing of it under way.
 */
export async function allEnded<const T extends readonly unknown[]>(
  work: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
