import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';

const MODULE = pathToFileURL(join(import.meta.dirname, '../../../functions/runtime/keep-wasm-as-compiled.ts'));
/** An empty module: its magic word and its version. */
const EMPTY = '0, 97, 115, 109, 1, 0, 0, 0';

it('asks for flags that this Node knows, after which WebAssembly works as before', () => {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `import { keepWasmAsCompiled } from '${MODULE.href}';
       keepWasmAsCompiled();
       const { instance } = await WebAssembly.instantiate(new Uint8Array([${EMPTY}]));
       console.log(Object.keys(instance.exports).length);`,
    ],
    { encoding: 'utf8' },
  );
  // V8 complains of a flag that it does not know on standard error, and goes on.
  expect({ stdout, stderr }).toEqual({ stdout: '0\n', stderr: '' });
});
