// A program: the flat, serialisable form of an expression that backends compile. Instruction i writes
// register i (static single assignment), so a printer is one loop over the list. Values that change
// from call to call (learning rates, literals, positions) are scalars and arrive beside the launch, and
// shapes and strides arrive with the bindings: neither is part of `key`, so a growing sequence or a
// decaying learning rate never compiles anything again.

import type { ComputeType, DType } from "../dtype.ts";
import type { ScalarOp } from "./scalar-traits.ts";

export type Instruction =
  /** Element of input `slot` at the current coordinate, widened to its compute type. */
  | { readonly op: "input"; readonly slot: number; readonly type: ComputeType }
  /** `scalars[slot]`, one number for the whole launch. */
  | { readonly op: "scalar"; readonly slot: number; readonly type: ComputeType }
  /** The coordinate along an axis, as i32; `axis` counts from the end (−1 = last). */
  | { readonly op: "index"; readonly axis: number; readonly type: "i32" }
  /**
   * Conversion: f32 → i32 and u32 truncate and saturate (NaN gives 0); i32 ↔ u32 keep the bits;
   * to bool is x ≠ 0; from bool is 0 or 1.
   */
  | { readonly op: "cast"; readonly args: readonly [number]; readonly type: ComputeType }
  | { readonly op: ScalarOp; readonly args: readonly number[]; readonly type: ComputeType };

export interface Program {
  /** Equal keys mean equal instructions, input dtypes and outputs: the cache key of compiled kernels. */
  readonly key: string;
  readonly instructions: readonly Instruction[];
  readonly inputs: readonly DType[];
  readonly scalarCount: number;
  /** The register each output stores, and the dtype it is stored as (f16 and bf16 round here). */
  readonly outputs: readonly { readonly register: number; readonly dtype: DType }[];
  /** True when an `index` instruction is present: the launch shape was not collapsed. */
  readonly usesIndex: boolean;
}
