import { asError } from './as-error.ts';

/** Does works one after another. Trouble with one keeps none of the others from being done: the first is thrown after them. */
export async function eachInTurn(works: readonly (() => Promise<unknown>)[]): Promise<void> {
  let trouble: Error | undefined;
  for (const work of works) {
    await work().catch((error: unknown) => {
      trouble ??= asError(error);
    });
  }
  if (trouble !== undefined) throw trouble;
}
