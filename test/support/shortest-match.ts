/** How many characters the shortest match of an expression has. Knows what our shapes are written in, and throws for all else. */
export function shortestMatch({ source }: RegExp): number {
  let at = 0;

  const alternatives = (): number => {
    let shortest = sequence();
    while (source[at] === '|') {
      at += 1;
      shortest = Math.min(shortest, sequence());
    }
    return shortest;
  };
  const sequence = (): number => {
    let length = 0;
    while (at < source.length && source[at] !== '|' && source[at] !== ')') length += atom() * fewest();
    return length;
  };
  const take = (expression: RegExp): string | undefined => {
    const found = expression.exec(source.slice(at));
    at += found?.[0].length ?? 0;
    return found?.[0];
  };
  const atom = (): number => {
    const looks = take(/^\(\?(?:=|!|<=|<!)/) !== undefined;
    if (looks || take(/^\((?:\?:|\?<[a-z]+>)?/i) !== undefined) {
      const inner = alternatives();
      if (take(/^\)/) === undefined) throw new Error(`a group without an end in ${source}`);
      return looks ? 0 : inner;
    }
    if (take(/^(?:\\[bB]|[$^])/) !== undefined) return 0;
    if (take(/^(?:\[(?:\\.|[^\]\\])*\]|\\[dwsDWS./\\+*?()[\]{}|^$-]|[^\\[\](){}*+?])/) !== undefined) return 1;
    throw new Error(`cannot read ${source.slice(at)} in ${source}`);
  };
  const fewest = (): number => {
    const quantifier = take(/^(?:[*+?]|\{\d+(?:,\d*)?\})\??/);
    if (quantifier === undefined || quantifier.startsWith('+')) return 1;
    return quantifier.startsWith('{') ? Number.parseInt(quantifier.slice(1), 10) : 0;
  };

  const shortest = alternatives();
  if (at < source.length) throw new Error(`cannot read ${source.slice(at)} in ${source}`);
  return shortest;
}
