/** One thing that was looked at. */
export interface Examination {
  readonly what: string;
  readonly state: 'fine' | 'odd' | 'wrong';
  readonly finding: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** Says that a thing is as it should be. */
export function fine(what: string, finding: string): Examination {
  return { what, state: 'fine', finding };
}

/** Says that Patrol works without it, and what is then missing. */
export function odd(what: string, finding: string, advice: string): Examination {
  return { what, state: 'odd', finding, advice };
}

/** Says that something does not work, and what to do. */
export function wrong(what: string, finding: string, advice: string): Examination {
  return { what, state: 'wrong', finding, advice };
}

const MARKS = { fine: '✔', odd: '!', wrong: '✖' } as const;

/** Writes examinations as lines for a terminal. */
export function toLines(examinations: readonly Examination[]): readonly string[] {
  return examinations.flatMap(({ what, state, finding, advice }) => [
    `${MARKS[state]} ${what}: ${finding}`,
    ...(advice === undefined ? [] : [`    → ${advice}`]),
  ]);
}
