// What the text of a product's shader depends on; equal kinds share a pipeline.

import type { DType } from "@sixtyone/tensor/backend";
import { loadText, readType } from "../wgsl/storage.ts";
import type { MatrixTile } from "./matrix-tiles.ts";
import type { TileShape } from "./tiles.ts";

/** What decides rows and depth: plain sizes, groups of rows of A, or groups of rows as depth. */
export type Grouping = "none" | "rows" | "depth";

export interface OperandKind {
  readonly dtype: DType;
  /** Staging walks along the depth, where it is contiguous. */
  readonly alongDepth: boolean;
  /** Staging reads four elements at a time: everything is a multiple of four. */
  readonly isVector: boolean;
}

export interface ProductKind {
  readonly tile: TileShape;
  readonly a: OperandKind;
  readonly b: OperandKind;
  readonly batchRank: number;
  readonly grouping: Grouping;
  /** C += A · B. */
  readonly accumulate: boolean;
  /** f16 is read as f16 rather than as bits. */
  readonly nativeF16: boolean;
  /** Threads of a subgroup for "dot", which uses them where there are some. */
  readonly subgroup: number;
}

export type KindWith<T extends TileShape> = ProductKind & { readonly tile: T };

export function isMatrixKind(kind: ProductKind): kind is KindWith<MatrixTile> {
  return kind.tile.way === "matrices";
}

function tileKey(tile: TileShape): string {
  if (tile.way === "matrices") {
    const { name, component, threads, fragment } = tile;
    return `${name} ${component} ${fragment.M}x${fragment.N}x${fragment.K} ${threads}`;
  }
  const { way, threadsX, threadsY, perX, perY, depth } = tile;
  return `${way} ${threadsX}x${threadsY} ${perX}x${perY} ${depth}`;
}

function operandKey({ dtype, alongDepth, isVector }: OperandKind): string {
  return `${dtype}${alongDepth ? "d" : ""}${isVector ? "v" : ""}`;
}

export function kindKey({
  tile,
  a,
  b,
  batchRank,
  grouping,
  accumulate,
  nativeF16,
  subgroup,
}: ProductKind): string {
  const sub = tile.way === "dot" ? subgroup : 0;
  return `matmul ${tileKey(tile)} ${operandKey(a)} ${operandKey(b)} ${batchRank} ${grouping}${accumulate ? "+" : ""} ${Number(nativeF16)} ${sub}`;
}

const isNative = ({ dtype }: OperandKind, { nativeF16 }: ProductKind): boolean =>
  dtype === "f16" && nativeF16;

/** The WGSL type of the operand's buffer. */
export function operandType(operand: OperandKind, kind: ProductKind): string {
  const scalar = isNative(operand, kind) ? "f16" : readType(operand.dtype);
  return operand.isVector ? `vec4<${scalar}>` : scalar;
}

/** The element (or the four) at `at`, an expression of type u32; as f16 only what is f16. */
export function operandText(
  buffer: string,
  operand: OperandKind,
  kind: ProductKind,
  at: string,
  scalar: "f32" | "f16" = "f32",
): string {
  const { isVector, dtype } = operand;
  const value = `${buffer}[${isVector ? `(${at}) >> 2u` : at}]`;
  if (scalar === "f16") return value;
  if (isVector) return `vec4<f32>(${value})`;
  return isNative(operand, kind) ? `f32(${value})` : loadText(buffer, dtype, at);
}
