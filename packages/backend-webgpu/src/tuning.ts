// Choices that depend on the adapter and never on values. A software adapter pays dearly for barriers (the
// threads of a workgroup run one after the other between them), for every load and for every workgroup, and
// nothing for uneven memory access; a GPU the other way round.

import type { MatrixConfig } from "./device/open-device.ts";
import {
  matrixTilesFor,
  noMatrixTiles,
  type Component,
  type MatrixTileName,
  type MatrixTiles,
} from "./kernels/matrix-tiles.ts";
import type { AnyTileName, TileName } from "./kernels/tiles.ts";

export interface Tuning {
  readonly isSoftware: boolean;
  /** Threads of a workgroup in kernels without barriers. */
  readonly workgroup: number;
  /** Threads that share one row in row kernels; 1 needs no barriers. */
  readonly lanes: number;
  /** Threads that keep the device busy: long reductions are cut into as many parts. */
  readonly threads: number;
  /** The most elements one thread of a map computes. */
  readonly elements: number;
  /** Threads of a subgroup where that is one number on this device, 0 where it is not or there are none. */
  readonly subgroup: number;
  /** Whether WGSL has f16, for halves as they lie in memory. */
  readonly hasF16: boolean;
  /** Workgroups that keep the device busy: products with fewer cut K in parts. */
  readonly groups: number;
  /** Indices from which on scatterAdd sorts them, so that threads share a line. */
  readonly sortedScatter: number;
  /** The tile of large products; what tuning finds. */
  readonly largeTile: TileName;
  /** Tiles of subgroup matrices that this device can run. */
  readonly matrixTiles: MatrixTiles;
  /** Those of them that large products are computed in: where tuning found one faster and as exact. */
  readonly matrices: MatrixChoice;
  /** Takes this tile wherever it fits, whatever the shapes: for tests and for measuring tiles. */
  readonly forcedTile?: AnyTileName;
}

export type MatrixChoice = { readonly [C in Component]?: MatrixTileName };

export interface AdapterFacts {
  readonly isSoftware: boolean;
  /** 0: not known, or not the same for all. */
  readonly subgroup: number;
  readonly hasF16: boolean;
  readonly matrixTiles?: MatrixTiles;
}

/** `configs`: the matrices that the adapter lists. */
export function factsOf(
  device: GPUDevice,
  isSoftware: boolean,
  configs: readonly MatrixConfig[],
): AdapterFacts {
  // Older browsers have no adapterInfo here.
  const info = device.adapterInfo as GPUAdapterInfo | undefined;
  const isOneSize = info !== undefined && info.subgroupMinSize === info.subgroupMaxSize;
  return {
    isSoftware,
    subgroup: device.features.has("subgroups") && isOneSize ? info.subgroupMinSize : 0,
    hasF16: device.features.has("shader-f16"),
    matrixTiles: matrixTilesFor({
      configs,
      subgroup: info?.subgroupMaxSize ?? 0,
      threads: device.limits.maxComputeInvocationsPerWorkgroup,
      bytes: device.limits.maxComputeWorkgroupStorageSize,
    }),
  };
}

export function tuningFor(facts: AdapterFacts): Tuning {
  const { isSoftware, subgroup, hasF16, matrixTiles = noMatrixTiles } = facts;
  const common = { isSoftware, subgroup, hasF16, matrixTiles, matrices: {} };
  return isSoftware
    ? {
        ...common,
        workgroup: 64,
        lanes: 1,
        threads: 256,
        elements: 16,
        groups: 8,
        sortedScatter: Infinity,
        largeTile: "subgroup",
      }
    : {
        ...common,
        workgroup: 128,
        lanes: 128,
        threads: 16384,
        elements: 1,
        groups: 256,
        sortedScatter: 512,
        largeTile: "128x64",
      };
}
