/**
 * Gives the end of an edit. Where it failed, that it may still come is noted, by the time of now (ISO 8601): what went wrong asks for
 * a try when it cannot come any more, and the note is for whoever is quicker. `note` gives nothing where there is nothing to edit.
 */
export async function notingUnheard<T>(
  edit: Promise<T>,
  now: () => Date,
  note: (unheard: string) => Promise<void> | undefined,
): Promise<T> {
  return edit.catch(async (error: unknown) => {
    await note(now().toISOString())?.catch(() => undefined);
    throw error;
  });
}
