/**
 * Tells whether a text fits a glob, without regard to case: `*` stands for any text, `?` for one character, all else for
 * itself. Total, and never takes more steps than the glob's length times the text's: both come from strangers.
 */
export function fitsGlob(glob: string, text: string): boolean {
  const wanted = Array.from(glob.toLowerCase());
  const given = Array.from(text.toLowerCase());
  let star = -1; // the last star that was met, …
  let taken = 0; // … and how far into the text it reaches: only the last one ever has to take more
  let at = 0;
  for (let position = 0; position < given.length; ) {
    if (wanted[at] === '*') {
      star = at++;
      taken = position;
    } else if (wanted[at] === '?' || wanted[at] === given[position]) {
      at += 1;
      position += 1;
    } else if (star >= 0) {
      at = star + 1;
      taken += 1;
      position = taken;
    } else return false;
  }
  return wanted.slice(at).every((rest) => rest === '*');
}
