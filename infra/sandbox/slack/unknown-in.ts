/** What this Slack says of blocks that it does not know (any more, or yet). */
export const unknownIn = (blocks: readonly unknown[], unknown: readonly string[]): readonly string[] =>
  blocks.flatMap((block, index) => {
    const { type } = (block ?? {}) as { readonly type?: unknown };
    return unknown.some((one) => one === type)
      ? [`unsupported type: ${String(type)} [json-pointer:/${index}/type]`]
      : [];
  });
