// @sixtyone/backend-wasm: SIMD WebAssembly kernels for @sixtyone/tensor, in every browser and in Node.

export { wasm, type WasmBackend, type WasmOptions } from "./wasm.ts";
export type { BuildName } from "./load-module.ts";
export type { MemoryReport } from "./memory/allocator.ts";
