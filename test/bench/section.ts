import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const TITLE = '# Measured\n\nFigures that commands wrote here; none is typed by hand.\n';

/** Puts a text under its own `## ` heading of a document, in place of what stood there; the other sections stay as they are. */
export function putSection(file: string, heading: string, text: string): void {
  const [title = '', ...sections] = (existsSync(file) ? readFileSync(file, 'utf8') : TITLE).split(/^## /m);
  const others = sections.filter((section) => !section.startsWith(`${heading}\n`));
  const all = [...others, `${heading}\n\n${text.trim()}\n`].toSorted().map((section) => `## ${section.trim()}`);
  writeFileSync(file, `${[title.trim(), ...all].join('\n\n').trim()}\n`);
}
