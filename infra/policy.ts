import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isMap, isNode, isPair, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { inspectPolicy, type PolicyProblem } from '#shared/policy/check-policy.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { FACTS } from '#shared/providers/facts.ts';

/** A policy that cannot be used. Every line of the message names file, line and field. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
}

interface PolicyChoice {
  readonly file?: string;
  readonly stage?: string;
}

/** The files that a policy is read from; the first has the last word. */
export function policyFiles({ file, stage }: PolicyChoice): readonly string[] {
  const base = file ?? join(import.meta.dirname, 'policy.yml');
  const ofStage = base.replace(/(\.ya?ml)?$/, `.${stage ?? ''}$1`);
  return stage !== undefined && existsSync(ofStage) ? [ofStage, base] : [base];
}

interface Source {
  readonly file: string;
  readonly document: Document;
  readonly lines: LineCounter;
}

/**
 * Reads `infra/policy.yml` (or `file`), lets `policy.<stage>.yml` beside it replace the top-level keys that it names,
 * and checks the result. Throws a `PolicyError` that lists every mistake with its file, line and field.
 */
export function loadPolicy(choice: PolicyChoice = {}): Policy {
  const sources = policyFiles(choice).map(readSource);
  const merged = Object.assign({}, ...sources.toReversed().map(({ document }) => topLevel(document))) as Record<
    string,
    unknown
  >;
  const inspected = inspectPolicy(merged);
  const problems = 'policy' in inspected ? unknownLevers(inspected.policy) : inspected.problems;
  if ('policy' in inspected && problems.length === 0) return inspected.policy;
  throw new PolicyError(problems.map((problem) => describe(problem, sources)).join('\n'));
}

/** A lever that no provider has would never be offered, and nobody would be told why. */
function unknownLevers({ alerts }: Policy): readonly PolicyProblem[] {
  const known = Object.values(FACTS).flatMap(({ levers }) => Object.keys(levers));
  return alerts.levers.flatMap((kind, index) =>
    known.includes(kind)
      ? []
      : [{ path: ['alerts', 'levers', index], message: `is no provider's lever; there are ${known.join(', ')}` }],
  );
}

function readSource(file: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(file, 'utf8'), { lineCounter: lines });
  const [broken] = document.errors;
  if (broken !== undefined)
    throw new PolicyError(`${shown(file)}:${broken.linePos?.[0].line ?? 1}: ${broken.message.split('\n')[0] ?? ''}`);
  if (!isMap(document.contents)) throw new PolicyError(`${shown(file)}:1: the policy must be a mapping`);
  return { file, document, lines };
}

const topLevel = (document: Document): Record<string, unknown> => document.toJS() as Record<string, unknown>;

function describe({ path, message }: PolicyProblem, sources: readonly Source[]): string {
  const [top] = path;
  const source = sources.find(({ document }) => top !== undefined && document.has(top)) ?? sources.at(-1);
  if (source === undefined) return message;
  const line = source.lines.linePos(offsetOf(source.document, path)).line;
  return `${shown(source.file)}:${line}: ${fieldName(path)}: ${message}`;
}

/** Where the field, or the nearest part of its path that was written down, starts. */
function offsetOf(document: Document, path: PolicyProblem['path']): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent: unknown = document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isPair(item) && isNode(item.key) && String(item.key) === String(key));
      if (pair !== undefined) return (pair.key as Node).range?.[0] ?? 0;
    }
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (isNode(node)) return node.range?.[0] ?? 0;
  }
  return 0;
}

function fieldName(path: PolicyProblem['path']): string {
  return path.reduce<string>(
    (name, part) => (typeof part === 'number' ? `${name}[${part}]` : name === '' ? part : `${name}.${part}`),
    '',
  );
}

function shown(file: string): string {
  const near = relative(process.cwd(), file);
  return near.startsWith('..') ? file : near;
}
