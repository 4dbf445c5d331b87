/** A steady colour per person, dark enough for white letters on it. */
export function colour(id: string): string {
  const hue = Array.from(id, (character) => character.charCodeAt(0)).reduce((sum, unit) => (sum * 31 + unit) % 360, 7);
  return `hsl(${hue} 45% 36%)`;
}
