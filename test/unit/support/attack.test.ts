import { globSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import type { Edit } from '#test/support/attack.ts';

/** Every edit that takes a protection out, as the table of attacks spells it. */
function editsOf(file: string): readonly Pick<Edit, 'file' | 'replace'>[] {
  const edits: Pick<Edit, 'file' | 'replace'>[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isObjectLiteralExpression(node)) {
      const fields = node.properties.flatMap((property) =>
        ts.isPropertyAssignment(property) && ts.isStringLiteralLike(property.initializer)
          ? [[property.name.getText(), property.initializer.text] as const]
          : [],
      );
      const { file: edited, replace } = Object.fromEntries(fields);
      if (edited !== undefined && replace !== undefined) edits.push({ file: edited, replace });
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true));
  return edits;
}

describe('what takes a protection out', () => {
  const edits = globSync('test/attacks/*.test.ts').flatMap(editsOf);

  it('stands in its file exactly once, so that a row without it is a row that was tried', () => {
    expect(edits.length).toBeGreaterThan(40);
    const lost = edits.filter(({ file, replace }) => readFileSync(file, 'utf8').split(replace).length !== 2);
    expect(lost).toEqual([]);
  });
});
