import { basename, dirname } from 'node:path';

/**
 * True for a file that carries the name of one of its exports, without the verb that makes or starts it (`create`, `start`,
 * `on`), the name of its folder, or a last "s": `createSlackFiles` is in `slack/files.ts`.
 */
export function isNamedForAnExport(file: string, text: string): boolean {
  const own = plain(basename(file).replace(/\.tsx?$/, ''));
  const room = plain(basename(dirname(file)));
  const exported = text.matchAll(/^export (?:async )?(?:function|const|class|interface|type) (\w+)/gm);
  return [...exported].some(([, name = '']) => {
    const whole = plain(name);
    const made = plain(name.replace(/^(?:create|start|on)(?=[A-Z])/, ''));
    return [whole, made, without(room, whole), without(room, made)].includes(own);
  });
}

/** In small letters, without hyphens and a last "s". */
function plain(name: string): string {
  return name.replaceAll(/[-_]/g, '').toLowerCase().replace(/s$/, '');
}

const without = (room: string, name: string): string => name.replace(new RegExp(`^${room}s?|${room}$`), '');
