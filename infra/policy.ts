import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isMap, isNode, isPair, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import type * as z from 'zod';
import { type Policy, policySchema } from '#shared/policy/rules.ts';

const FOLDER = import.meta.dirname;

/** A policy that cannot be used. Every line of the message names file, line and field. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
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
export function loadPolicy({ file, stage }: { readonly file?: string; readonly stage?: string } = {}): Policy {
  const base = readSource(file ?? join(FOLDER, 'policy.yml'));
  const stageFile = file === undefined && stage !== undefined ? join(FOLDER, `policy.${stage}.yml`) : undefined;
  const sources = stageFile !== undefined && existsSync(stageFile) ? [readSource(stageFile), base] : [base];
  const merged = Object.assign({}, ...sources.toReversed().map(({ document }) => topLevel(document))) as Record<
    string,
    unknown
  >;
  const parsed = policySchema.safeParse(merged);
  if (parsed.success) return parsed.data;
  throw new PolicyError(
    parsed.error.issues
      .flatMap(unfold)
      .map((issue) => describe(issue, sources))
      .join('\n'),
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

/** An unknown key is reported at the key itself; a union by the alternative that came furthest. */
function unfold(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ ...issue, path: [...issue.path, key], message: 'unknown key' }));
  }
  if (issue.code !== 'invalid_union') return [issue];
  const deepest = issue.errors
    .filter((errors) => errors.some(({ path }) => path.length > 0))
    .flatMap((errors) => errors.map((error) => ({ ...error, path: [...issue.path, ...error.path] })));
  if (deepest.length > 0) return deepest.flatMap(unfold);
  const expected = issue.errors.flat().map(({ message }) => message);
  return [{ ...issue, message: [...new Set(expected)].join(', or ') }];
}

function describe(issue: z.core.$ZodIssue, sources: readonly Source[]): string {
  const [top] = issue.path;
  const source = sources.find(({ document }) => top !== undefined && document.has(top)) ?? sources.at(-1);
  if (source === undefined) return issue.message;
  const line = source.lines.linePos(offsetOf(source.document, issue.path)).line;
  return `${shown(source.file)}:${line}: ${fieldName(issue.path)}: ${issue.message}`;
}

/** Where the field, or the nearest part of its path that was written down, starts. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
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

function fieldName(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (name, part) =>
      typeof part === 'number' ? `${name}[${part}]` : name === '' ? String(part) : `${name}.${String(part)}`,
    '',
  );
}

function shown(file: string): string {
  const near = relative(process.cwd(), file);
  return near.startsWith('..') ? file : near;
}
