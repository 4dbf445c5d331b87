/** What a person typed into a modal, by block and action. */
export interface Submitted {
  readonly metadata: string;
  readonly values: Readonly<Record<string, Readonly<Record<string, { readonly value?: string | null }>>>>;
}

/** Gives what was typed into a block's one input. */
export function typed({ values }: Submitted, block: string): string | undefined {
  const [input] = Object.values(values[block] ?? {});
  return input?.value ?? undefined;
}
