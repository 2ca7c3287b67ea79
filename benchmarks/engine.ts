// What a suite asks of an engine: prepare one case and give a function that computes it once, to the end.

import type { MatrixTileName } from "@sixtyone/backend-webgpu";
import type { DecoderSize } from "./decoder.ts";

export type Layout = "A·B" | "A·Bᵀ" | "Aᵀ·B";
export type WeightFormat = "f32" | "bf16" | "f16" | "fp8-e4m3" | "int8" | "int4";

export interface LatentSize {
  readonly batch: number;
  readonly heads: number;
  readonly latent: number;
  readonly rope: number;
  readonly seen: number;
}

/** Tokens drawn from rows of logits that lie within ±`spread`. */
export interface SampleCase {
  readonly kind: "sample";
  readonly rows: number;
  readonly vocabulary: number;
  readonly spread: number;
  readonly topK?: number;
  readonly topP?: number;
}

/** The experts of tokens and their weights, from the gate's logits (DeepSeek-V3 §2.1.2). */
export interface RoutingCase {
  readonly kind: "routing";
  readonly tokens: number;
  readonly experts: number;
  readonly chosen: number;
  readonly groups: number;
  readonly keptGroups: number;
}

export type ElementwiseOp = "softmax" | "rmsNorm" | "silu" | "gelu";

export type Case =
  /** Square matrices, f32 by default; a transposed operand is a view or a flag, as the engine's users would write it. */
  | {
      readonly kind: "gemm";
      readonly size: number;
      readonly layout: Layout;
      readonly dtype?: "f32" | "f16";
      /** Our own engine on WebGPU: in this tile and no other. */
      readonly tile?: MatrixTileName;
    }
  /** One step of training; the result is the loss of the first three. */
  | { readonly kind: "train-step"; readonly size: DecoderSize }
  /** x [rows, inner] · weightᵀ, weight [columns, inner], as a linear layer decodes. */
  | {
      readonly kind: "linear";
      readonly rows: number;
      readonly inner: number;
      readonly columns: number;
      /** How the weight is stored. f32 unless it says otherwise, and then only our own engine takes it. */
      readonly weights?: WeightFormat;
    }
  /** One token for each of the batch's sequences after `size.time` seen ones; the result is the logits. */
  | { readonly kind: "decode"; readonly size: DecoderSize }
  /** Latent attention in its absorbed form (DeepSeek-V2 §2.1.3): one token over a cache of latents. */
  | { readonly kind: "latent-attention"; readonly size: LatentSize }
  | SampleCase
  | RoutingCase
  /** Multiply-adds and nothing else: the ceiling of products. */
  | { readonly kind: "fma"; readonly dtype: "f32" | "f16" }
  /** The same in subgroup matrices, which sum up in f32. */
  | { readonly kind: "matrix-multiply-adds"; readonly dtype: "f32" | "f16" }
  | {
      readonly kind: "elementwise";
      readonly op: ElementwiseOp;
      readonly rows: number;
      readonly columns: number;
    };

export type OperationCase = Extract<Case, { kind: "gemm" | "elementwise" | "linear" }>;

export function isOperation(work: Case): work is OperationCase {
  return work.kind === "gemm" || work.kind === "elementwise" || work.kind === "linear";
}

/** What engines are compared by: each draws numbers of its own, so theirs is a draw that can come out one way only. */
export function comparable(work: Case): Case {
  return work.kind === "sample" ? { ...work, spread: 1e7 } : work;
}

export interface Prepared {
  /** Computes the case; the result is complete when it returns (or resolves). */
  readonly run: () => unknown;
  /** The result of one run, to compare engines with each other. */
  readonly result: () => Promise<Float32Array>;
  /** What the engine's host side did for one run. */
  readonly counts?: () => Promise<readonly Count[]>;
  readonly dispose: () => void;
}

export interface Count {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

export interface BenchEngine {
  /** `sixtyone`, or the peer's name on npm. */
  readonly name: string;
  readonly threads: number;
  readonly description: string;
  /** undefined where the engine cannot do the case. */
  prepare(work: Case): Promise<Prepared | undefined>;
  dispose(): void;
}

/** A peer that this machine does not have: it is left out, and the reason printed. */
export class MissingPeerError extends Error {}

export interface EngineOptions {
  readonly threads: number;
  readonly revectorize: boolean;
  /** PyTorch: the Python that has torch. */
  readonly python?: string | undefined;
  /** WebGPU: a part of the adapter's name. */
  readonly adapter?: string | undefined;
  /** WebGPU: with subgroup matrices, where the adapter has them. */
  readonly subgroupMatrices?: boolean;
}

/** The same numbers for every engine. */
export function inputs(count: number, seed: number): Float32Array<ArrayBuffer> {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}
