// The same backend with its WebAssembly inside the JavaScript (base64): for single-file pages, CDNs that
// serve one module, and tools that do not copy .wasm files. Costs about a third more to download.

import { relaxed, simd } from "./generated/inlined.ts";
import { wasm as wasmFromFile, type WasmBackend, type WasmOptions } from "./wasm.ts";

const decode = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/** As `wasm` of the main entry, without loading a file. */
export function wasm(options: WasmOptions = {}): Promise<WasmBackend> {
  const binaries = { simd: decode(simd), relaxed: decode(relaxed), ...options.binaries };
  return wasmFromFile({ ...options, binaries });
}

export type { WasmBackend, WasmOptions } from "./wasm.ts";
