/** What a person typed into a modal, by block and action. */
export interface Submitted {
  readonly metadata: string;
  readonly values: Readonly<Record<string, Readonly<Record<string, Input>>>>;
}

interface Option {
  readonly value?: string | null;
}

interface Input extends Option {
  readonly selected_option?: Option | null;
  readonly selected_options?: readonly Option[] | null;
}

/** Gives the values that were chosen in a block's one input. */
export function chosen({ values }: Submitted, block: string): readonly string[] {
  const [input] = Object.values(values[block] ?? {});
  const options = input?.selected_options ?? [input?.selected_option];
  return options.flatMap((option) => option?.value ?? []);
}

/** Gives what was typed into a block's one input. */
export function typed({ values }: Submitted, block: string): string | undefined {
  const [input] = Object.values(values[block] ?? {});
  return input?.value ?? undefined;
}
