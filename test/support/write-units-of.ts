type Attributes = Readonly<Record<string, unknown>>;

/** One write, or several in a transaction, as they are given to DynamoDB's client. */
interface Written {
  readonly Item?: Attributes;
  readonly UpdateExpression?: string;
  readonly TransactItems?: readonly Readonly<Record<string, Written>>[];
}

/**
 * Gives what a call of the table costs in write units: one for each kilobyte of an item, as many again where the index holds it,
 * and in a transaction twice as many, in the index once. What an update or a removal leaves is taken for less than a kilobyte.
 */
export function writeUnitsOf(input: Written): number {
  const { TransactItems } = input;
  if (TransactItems === undefined) return unitsOf(input) + indexUnitsOf(input);
  return TransactItems.flatMap((one) => Object.values(one)).reduce(
    (sum, one) => sum + 2 * Math.max(1, unitsOf(one)) + indexUnitsOf(one),
    0,
  );
}

function unitsOf({ Item, UpdateExpression }: Written): number {
  if (Item === undefined) return UpdateExpression === undefined ? 0 : 1;
  return Math.ceil(sizeOf(Item) / 1024);
}

function indexUnitsOf({ Item }: Written): number {
  return Item?.['gsi1pk'] === undefined ? 0 : unitsOf({ Item });
}

function sizeOf(value: unknown): number {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value !== 'object' || value === null) return String(value).length;
  return Object.entries(value).reduce((sum, [name, part]) => sum + name.length + sizeOf(part), 0);
}
