/**
 * Names the note that a message was begun to be posted under this key, and when: whoever comes after a crash looks for it, and
 * posts no second one.
 */
export function postingNote(key: string): string {
  return `posting:${key}`;
}
