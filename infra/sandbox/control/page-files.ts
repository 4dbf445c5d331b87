import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/** A file of the page as it is served. */
export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
}

const FOLDER = join(import.meta.dirname, '../page');

/** Bundles the page into memory: path → file. */
export async function buildPage(): Promise<ReadonlyMap<string, PageFile>> {
  const { outputFiles } = await build({
    entryPoints: [join(FOLDER, 'main.tsx')],
    bundle: true,
    write: false,
    minify: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2023',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    tsconfig: join(FOLDER, 'tsconfig.json'),
    logLevel: 'warning',
  });
  return new Map([
    ['/', { type: 'text/html; charset=utf-8', body: readFileSync(join(FOLDER, 'index.html')) }],
    ['/page/style.css', { type: 'text/css; charset=utf-8', body: readFileSync(join(FOLDER, 'style.css')) }],
    ['/page/main.js', { type: 'text/javascript; charset=utf-8', body: Buffer.from(outputFiles[0]!.contents) }],
  ]);
}

/** No script, style or address but the page's own: should foreign text ever become markup, it can still do nothing. */
export const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
} as const;
