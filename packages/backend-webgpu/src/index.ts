// @sixtyone/backend-webgpu: WGSL kernels for @sixtyone/tensor, in browsers and in Node.

export { webgpu, type WebGpuBackend, type WebGpuOptions } from "./webgpu.ts";
export type { AdapterOptions } from "./device/open-device.ts";
export type { Counters } from "./counters.ts";
export type { PoolReport } from "./memory/pool.ts";
export type { TileTime } from "./tune/measure.ts";
export type { AnyTileName, TileName } from "./kernels/tiles.ts";
export type { MatrixTileName } from "./kernels/matrix-tiles.ts";
