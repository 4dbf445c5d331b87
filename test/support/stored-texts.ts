import ts from 'typescript';

/** What is stored by type: the records, and the contracts of both queues. */
const ROOTS = {
  'shared/store/store.ts': ['AuditEntry', 'Approval', 'Case'],
  'shared/jobs/job.ts': ['LeakJob', 'CommandJob'],
  'shared/tokens/outcome.ts': ['Outcome'],
} as const;

/** The port of the store: whatever goes into a parameter of this name is kept as it is. */
const PORT = 'shared/store/store.ts';
const KEPT = 'value';

/**
 * Every field of free text in whatever is stored: the records and jobs by their types, a note and a journal's line by what is
 * put, a remembered result by what its work gives. A field is named for the type that declares it. As the compiler sees it,
 * so that a field of any shape, however it is made, is found.
 */
export function storedTexts(): ReadonlySet<string> {
  const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile) as { config: unknown };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, process.cwd());
  const files = ['shared', 'functions'].flatMap((room) => ts.sys.readDirectory(room, ['.ts']));
  const program = ts.createProgram(files, { ...options, noEmit: true });
  const walk = createWalk(program);
  for (const [file, names] of Object.entries(ROOTS))
    for (const name of names) walk.type(declared(program, file, name), name);
  for (const file of files) {
    const source = program.getSourceFile(file);
    if (source !== undefined) keptIn(program.getTypeChecker(), source, (type) => walk.type(type, file));
  }
  return walk.found;
}

function declared(program: ts.Program, file: string, name: string): ts.Type {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const room = source && checker.getSymbolAtLocation(source);
  const symbol = room && checker.getExportsOfModule(room).find((each) => each.name === name);
  if (symbol === undefined) throw new Error(`${file} exports no ${name}`);
  return checker.getDeclaredTypeOfSymbol(symbol);
}

/** Calls `each` with the type of every value that a file gives to the store. */
function keptIn(checker: ts.TypeChecker, source: ts.SourceFile, each: (type: ts.Type) => void): void {
  const visit = (node: ts.Node): void => {
    ts.forEachChild(node, visit);
    if (!ts.isCallExpression(node)) return;
    for (const type of keptBy(checker, node)) each(type);
  };
  visit(source);
}

function keptBy(checker: ts.TypeChecker, call: ts.CallExpression): readonly ts.Type[] {
  const isRemember = ts.isPropertyAccessExpression(call.expression) && call.expression.name.text === 'remember';
  const result = isRemember ? checker.getAwaitedType(checker.getTypeAtLocation(call)) : undefined;
  if (result !== undefined) return [result];
  const declaration = checker.getResolvedSignature(call)?.getDeclaration();
  if (declaration?.getSourceFile().fileName.endsWith(PORT) !== true) return [];
  const place = declaration.parameters.findIndex(({ name }) => name.getText() === KEPT);
  const [first] = call.arguments;
  // All of a spread one: which part of it is the value, its type does not tell.
  if (place >= 0 && first !== undefined && ts.isSpreadElement(first))
    return [checker.getTypeAtLocation(first.expression)];
  const value = call.arguments[place];
  return value === undefined ? [] : [checker.getTypeAtLocation(value)];
}

function createWalk(program: ts.Program) {
  const checker = program.getTypeChecker();
  const found = new Set<string>();
  const seen = new Set<ts.Type>();

  /** The name under which our own code declares a type; TypeScript's own (`Pick`, `Readonly`) say nothing. */
  function nameOf(type: ts.Type): string | undefined {
    const symbol = type.aliasSymbol ?? (type.isClassOrInterface() ? type.symbol : undefined);
    const isOurs = symbol?.declarations?.some((one) => !one.getSourceFile().isDeclarationFile) === true;
    return isOurs ? symbol?.name : undefined;
  }

  function walk(type: ts.Type, path: string): void {
    const { flags } = type;
    if (flags & (ts.TypeFlags.String | ts.TypeFlags.TemplateLiteral)) found.add(path);
    if (flags & (ts.TypeFlags.Unknown | ts.TypeFlags.Any)) found.add(`${path}: anything`);
    if (flags & ts.TypeFlags.UnionOrIntersection || flags & ts.TypeFlags.Object) walkInto(type, path);
  }

  function walkInto(type: ts.Type, path: string): void {
    const here = nameOf(type) ?? path;
    if (type.isUnionOrIntersection()) return type.types.forEach((one) => walk(one, here));
    if (checker.isArrayType(type) || checker.isTupleType(type))
      return checker.getTypeArguments(type as ts.TypeReference).forEach((one) => walk(one, path));
    // A type of several fields is named by the first of them.
    if (seen.has(type)) return;
    seen.add(type);
    const index = checker.getIndexInfoOfType(type, ts.IndexKind.String);
    if (index !== undefined) walk(index.type, here);
    for (const field of checker.getPropertiesOfType(type))
      walk(checker.getTypeOfSymbol(field), `${here}.${field.name}`);
  }

  return { type: walk, found };
}
