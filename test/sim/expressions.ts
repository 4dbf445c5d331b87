type Row = Readonly<Record<string, unknown>>;
/** What a condition is asked of: the stored item, and what stands behind its placeholders. */
interface Question {
  readonly item: Row | undefined;
  readonly names: Readonly<Record<string, string>>;
  readonly values: Row;
}
type Test = (question: Question) => boolean;

const TOKEN = /\s*(attribute_not_exists|attribute_exists|begins_with|AND\b|OR\b|NOT\b|<=|>=|<>|[()=<>,]|#\w+|:\w+)/y;

const COMPARE: Readonly<Record<string, (left: unknown, right: unknown) => boolean>> = {
  '=': (left, right) => left === right,
  '<>': (left, right) => left !== right,
  '<': (left, right) => typeof left === typeof right && left! < right!,
  '<=': (left, right) => typeof left === typeof right && left! <= right!,
  '>': (left, right) => typeof left === typeof right && left! > right!,
  '>=': (left, right) => typeof left === typeof right && left! >= right!,
};

function tokensOf(expression: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(expression)?.[1];
    if (found === undefined) throw new Error(`the table does not understand "${expression.slice(at)}"`);
    tokens.push(found);
  }
  return tokens;
}

/** Reads one condition, word by word; throws for what it does not know, so that nothing passes for granted. */
function parse(expression: string): Test {
  const tokens = tokensOf(expression);
  const take = (wanted?: string): string => {
    const token = tokens.shift();
    if (token === undefined || (wanted !== undefined && token !== wanted)) {
      throw new Error(`the table does not understand "${expression}"`);
    }
    return token;
  };
  const attribute = (name: string): ((question: Question) => unknown) => {
    if (!name.startsWith('#')) throw new Error(`the table wants a name, not ${name}`);
    return ({ item, names }) => item?.[names[name] ?? ''];
  };
  const called = (word: string): Test => {
    take('(');
    const of = attribute(take());
    if (word === 'begins_with') {
      take(',');
      const start = take();
      take(')');
      return (question) => (of(question) as string | undefined)?.startsWith(question.values[start] as string) === true;
    }
    take(')');
    return word === 'attribute_exists'
      ? (question) => of(question) !== undefined
      : (question) => of(question) === undefined;
  };
  const one = (): Test => {
    const word = take();
    if (word === 'NOT') {
      const test = one();
      return (question) => !test(question);
    }
    if (word === '(') {
      const test = any();
      take(')');
      return test;
    }
    if (/^(attribute_|begins_with)/.test(word)) return called(word);
    const of = attribute(word);
    const compare = COMPARE[take()]!;
    const value = take();
    // DynamoDB compares nothing with an attribute that is not there.
    return (question) => of(question) !== undefined && compare(of(question), question.values[value]);
  };
  const joined = (part: () => Test, word: 'AND' | 'OR'): Test => {
    const tests = [part()];
    while (tokens[0] === word) {
      take();
      tests.push(part());
    }
    return word === 'AND'
      ? (question) => tests.every((test) => test(question))
      : (question) => tests.some((test) => test(question));
  };
  const all = () => joined(one, 'AND');
  const any = () => joined(all, 'OR');
  const test = any();
  if (tokens.length > 0) throw new Error(`the table does not understand "${expression}"`);
  return test;
}

const known = new Map<string, Test>();

/** Evaluates a condition of DynamoDB as DynamoDB does. */
export function holds(expression: string | undefined, question: Question): boolean {
  if (expression === undefined) return true;
  const test = known.get(expression) ?? parse(expression);
  known.set(expression, test);
  return test(question);
}

/** Applies `SET #a = :a, … ADD #n :step` to an item. */
export function update(expression: string, { item = {}, names, values }: Question): Row {
  const [, set = '', add] = /^SET (.*?)(?: ADD (.*))?$/s.exec(expression) ?? [];
  if (set === '') throw new Error(`the table does not understand "${expression}"`);
  const fresh: Record<string, unknown> = { ...item };
  for (const part of set.split(', ')) {
    const [, name = '', value = ''] = /^(#\w+) = (:\w+)$/.exec(part) ?? [];
    fresh[names[name]!] = values[value];
  }
  if (add !== undefined) {
    const [, name = '', value = ''] = /^(#\w+) (:\w+)$/.exec(add) ?? [];
    fresh[names[name]!] = Number(fresh[names[name]!] ?? 0) + Number(values[value]);
  }
  return fresh;
}
