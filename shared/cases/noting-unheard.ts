/** Edits a message, and calls `begin` right before: the note that it may still come, whatever becomes of this process. */
export type NotedEdit<T> = (begin: () => Promise<void>) => Promise<T>;

/**
 * Makes an edit that is noted as one that may still come (`note`: since now), so that whoever comes next draws the message again
 * when it cannot any more. Where it failed it counts from then on. Whoever has heard its end notes that.
 */
export async function notingUnheard<T>(edit: NotedEdit<T>, note: () => Promise<void>): Promise<T> {
  try {
    return await edit(note);
  } catch (error) {
    await note().catch(() => undefined);
    throw error;
  }
}
