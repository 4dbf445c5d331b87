import { setFlagsFromString } from 'node:v8';

/**
 * Has WebAssembly run as it was first compiled. `fetch` reads HTTP by a small module of it, which V8 would compile anew,
 * optimised, after the third reply: 12 MB that stay, 20 at its height, and a tenth of a second of the processor, for what takes
 * microseconds a reply. To be called before the first request; where an engine knows the flags no more nothing changes.
 */
export function keepWasmAsCompiled(): void {
  setFlagsFromString('--no-wasm-tier-up');
  setFlagsFromString('--no-wasm-dynamic-tiering');
}
