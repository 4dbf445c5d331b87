import { basename } from 'node:path';

/** True for a file that carries the name of one of its exports, without `create` or `on` before it, or a last "s". */
export function isNamedForAnExport(file: string, text: string): boolean {
  const own = basename(file).replace(/\.tsx?$/, '');
  const exported = text.matchAll(/^export (?:async )?(?:function|const|class|interface|type) (\w+)/gm);
  return [...exported].some(([, name = '']) => {
    const kebab = name
      .replaceAll('_', '-')
      .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
      .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
      .toLowerCase();
    return [own, `create-${own}`, `on-${own}`].includes(kebab) || kebab.replace(/s$/, '') === own.replace(/s$/, '');
  });
}
