/** What must be true of the stored item for a write to happen. `#x` stands for the attribute x, `:x` for `values.x`. */
export interface Condition {
  readonly expression: string;
  readonly values?: Readonly<Record<string, string | number>>;
}

/** Holds when at least one of these does. */
export function anyOf(...conditions: readonly Condition[]): Condition {
  return join(' OR ', conditions);
}

/** Holds when all of these do. */
export function allOf(...conditions: readonly Condition[]): Condition {
  return join(' AND ', conditions);
}

/** Gives a condition as the parameters of a command. */
export function conditional(condition: Condition) {
  return {
    ConditionExpression: condition.expression,
    ExpressionAttributeNames: namesIn(condition.expression),
    ...(condition.values && { ExpressionAttributeValues: valuesOf(condition) }),
  };
}

/** Gives the names behind the placeholders; there are no others, so that none can collide with a reserved word. */
export function namesIn(expression: string): Record<string, string> {
  return Object.fromEntries([...expression.matchAll(/#(\w+)/g)].map(([placeholder, name = '']) => [placeholder, name]));
}

/** Gives a condition's values under their placeholders. */
export function valuesOf({ values = {} }: Pick<Condition, 'values'>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value]));
}

function join(word: string, conditions: readonly Condition[]): Condition {
  const values = Object.assign({}, ...conditions.map((condition) => condition.values)) as Record<
    string,
    string | number
  >;
  return {
    expression: conditions.map(({ expression }) => `(${expression})`).join(word),
    ...(Object.keys(values).length > 0 && { values }),
  };
}
