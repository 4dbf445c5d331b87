import { basename, dirname, join } from 'node:path';
import type { Mutant } from '@stryker-mutator/api/core';
import { CheckStatus, type Checker, type CheckResult } from '@stryker-mutator/api/check';
import { declareFactoryPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import ts from 'typescript';

/** What makes a line ugly and not wrong. */
const LENIENT: ts.CompilerOptions = { allowUnreachableCode: true, noUnusedLocals: false, noUnusedParameters: false };

/** Each changed file beside the unchanged one, under a name of its own, by that name. */
type Copies = ReadonlyMap<string, { readonly id: string; readonly text: string }>;

function copiesOf(mutants: readonly Mutant[]): Copies {
  return new Map(mutants.map((mutant) => [nameOf(mutant), { id: mutant.id, text: changed(mutant) }]));
}

const nameOf = ({ fileName, id }: Mutant): string =>
  join(dirname(fileName), `${basename(fileName, '.ts')}.mutant-${id}.ts`);

function changed({ fileName, location: { start, end }, replacement }: Mutant): string {
  const text = ts.sys.readFile(fileName)!;
  const file = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest);
  const [from, to] = [start, end].map(({ line, column }) => file.getPositionOfLineAndCharacter(line, column));
  return text.slice(0, from) + replacement + text.slice(to);
}

function compile(copies: Copies): ts.Program {
  const config = ts.getParsedCommandLineOfConfigFile('tsconfig.json', LENIENT, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic({ messageText }) {
      throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
    },
  })!;
  const host = ts.createCompilerHost(config.options);
  return ts.createProgram([...copies.keys()], config.options, {
    ...host,
    fileExists: (name) => copies.has(name) || host.fileExists(name),
    readFile: (name) => copies.get(name)?.text ?? host.readFile(name),
    getSourceFile: (name, ...more) => {
      const copy = copies.get(name);
      return copy === undefined
        ? host.getSourceFile(name, ...more)
        : ts.createSourceFile(name, copy.text, ...(more.slice(0, 1) as [ts.ScriptTarget]));
    },
  });
}

/**
 * Tells which changes do not compile, by one compilation of them all, in which each is a file beside the unchanged ones: a
 * second instead of a second for each. What a change breaks in another file is not seen, so such a change counts.
 */
export const checkAtOnce: Checker = {
  init: async () => {},
  group: async (mutants) => [mutants.map(({ id }) => id)],
  async check(mutants) {
    const copies = copiesOf(mutants);
    const program = compile(copies);
    return Object.fromEntries(
      [...copies].map(([name, { id }]): [string, CheckResult] => {
        const file = program.getSourceFile(name);
        const [fault] = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
        if (fault === undefined) return [id, { status: CheckStatus.Passed }];
        return [
          id,
          { status: CheckStatus.CompileError, reason: ts.flattenDiagnosticMessageText(fault.messageText, '\n') },
        ];
      }),
    );
  },
};

/** What Stryker looks for in a plugin. */
export const strykerPlugins = [declareFactoryPlugin(PluginKind.Checker, 'at-once', () => checkAtOnce)];
