/**
 * True while something of this moment is younger than so many milliseconds. What seems to be of the future is not: then the
 * clock was set back, and nobody knows how old it is.
 */
export function isWithin(at: number, now: Date, milliseconds: number): boolean {
  const age = now.getTime() - at;
  return age >= 0 && age < milliseconds;
}
