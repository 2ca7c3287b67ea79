// Tiles of products that subgroups compute with small matrices in hardware (tensor cores and their like;
// in WGSL chromium_experimental_subgroup_matrix). A workgroup's tile is `down` × `across` blocks, one a
// subgroup; a block is made of fragments, the matrices that one instruction multiplies.

import type { MatrixConfig } from "../device/open-device.ts";
import type { Tuning } from "../tuning.ts";

/** What fragments of A and B hold. C is f32 always: f16 would lose what products here promise. */
export type Component = "f16" | "f32";

/** C (M × N) += A (M × K) · B (K × N). */
export type Fragment = Pick<MatrixConfig, "M" | "N" | "K">;

export interface MatrixTile {
  readonly way: "matrices";
  readonly name: MatrixTileName;
  readonly component: Component;
  readonly fragment: Fragment;
  readonly threads: number;
  /** Subgroups along rows and columns of C. */
  readonly down: number;
  readonly across: number;
  /** Rows and columns of a subgroup's block. */
  readonly blockRows: number;
  readonly blockColumns: number;
  /** Depth of a staged tile. */
  readonly depth: number;
}

type Shape = Pick<MatrixTile, "down" | "across" | "blockRows" | "blockColumns">;

/** Rows × columns of C. */
export type MatrixTileName = "matrices 64x64" | "matrices 128x64" | "matrices 128x128";

const shapes: { readonly [N in MatrixTileName]: Shape } = {
  "matrices 64x64": { down: 2, across: 2, blockRows: 32, blockColumns: 32 },
  "matrices 128x64": { down: 2, across: 2, blockRows: 64, blockColumns: 32 },
  "matrices 128x128": { down: 4, across: 2, blockRows: 32, blockColumns: 64 },
};

export const matrixTileNames: readonly MatrixTileName[] = Object.keys(shapes) as MatrixTileName[];

const depth = 32;

/** Bytes of an element. */
const widths: { readonly [C in Component]: number } = { f16: 2, f32: 4 };

/**
 * Elements between lines of a staged tile: 16 bytes more than a line has, so that neighbouring lines lie in
 * other banks and every fragment starts at the alignment that Vulkan asks for.
 */
export function paddedLine(length: number, component: Component): number {
  return length + 16 / widths[component];
}

/** Elements of a staged tile. A load may reach one line beyond where its fragment ends. */
export function stagedSize(lines: number, length: number, component: Component): number {
  return (lines + 1) * paddedLine(length, component);
}

/** Columns of C that leave a block together: a cache line of them. */
export function stripColumns({ N }: Fragment): number {
  return Math.max(N, 16);
}

/** Of the two staged tiles in their longer form, and the strips that results leave through. */
function workgroupBytes(tile: MatrixTile): number {
  const { component, fragment, down, across, blockRows, blockColumns } = tile;
  const staged = (lines: number): number =>
    Math.max(stagedSize(lines, depth, component), stagedSize(depth, lines, component));
  return (
    widths[component] * (staged(down * blockRows) + staged(across * blockColumns)) +
    4 * down * across * fragment.M * stripColumns(fragment)
  );
}

/** What a device says of its matrices, and the limits of a workgroup. */
export interface MatrixFacts {
  readonly configs: readonly MatrixConfig[];
  /** The most threads a subgroup may have: WebGPU wants workgroups of multiples of it. */
  readonly subgroup: number;
  readonly threads: number;
  readonly bytes: number;
}

export type MatrixTiles = { readonly [C in Component]: readonly MatrixTile[] };

/** The tiles that the device has fragments, threads and memory for. It lists what it prefers first. */
export function matrixTilesFor({ configs, subgroup, threads, bytes }: MatrixFacts): MatrixTiles {
  const tiles = (component: Component): readonly MatrixTile[] =>
    matrixTileNames.flatMap((name) => {
      const shape = shapes[name];
      const fits = ({ componentType, resultComponentType, M, N, K }: MatrixConfig): boolean =>
        componentType === component &&
        resultComponentType === "f32" &&
        shape.blockRows % M === 0 &&
        shape.blockColumns % stripColumns({ M, N, K }) === 0 &&
        stripColumns({ M, N, K }) % N === 0 &&
        depth % K === 0;
      const config = configs.find(fits);
      if (!config) return [];
      const { M, N, K } = config;
      const tile: MatrixTile = {
        way: "matrices",
        name,
        component,
        fragment: { M, N, K },
        threads: shape.down * shape.across * subgroup,
        ...shape,
        depth,
      };
      return tile.threads <= threads && workgroupBytes(tile) <= bytes ? [tile] : [];
    });
  return { f16: tiles("f16"), f32: tiles("f32") };
}

export const noMatrixTiles: MatrixTiles = { f16: [], f32: [] };

export function matrixTile(
  { matrixTiles }: Tuning,
  component: Component,
  wanted: MatrixTileName | undefined,
): MatrixTile | undefined {
  return matrixTiles[component].find(({ name }) => name === wanted);
}
