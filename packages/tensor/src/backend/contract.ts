// The backend contract: everything the core asks of a compute engine. A backend is memory (alloc, free,
// write, read) and `run`, which executes one launch: a kernel's name, strided bindings and parameters.
//
// The kernels come in two tables. Primitives must be there: with these ten everything runs. Fused
// kernels may be there: `supports` says so launch by launch, and where the answer is no the core runs
// the op's composite of primitives. `reference.ts` beside this file implements the contract in plain
// JavaScript, short enough to be read as its documentation; `@sixtyone/backend-testkit` proves a
// backend against it.

import type { DType } from "../dtype.ts";
import type { Program } from "../ir/program.ts";
import type { QuantFormat } from "../quant/formats.ts";
import type { Shape } from "../shape.ts";

/** An allocation. Backends hand out their own objects; the core only reads `byteLength`. */
export interface BufferHandle {
  readonly byteLength: number;
}

/** A strided view of a buffer, in elements of `dtype`. Strides may be 0 (repeat) or negative (flip). */
export interface Binding {
  readonly buffer: BufferHandle;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
}

export type ReduceOp = "sum" | "prod" | "max" | "min";

/**
 * Parameters of the primitives, with the shapes of their bindings. Inputs may have any strides.
 * Outputs never overlap, never alias an input, and may be strided views too (that is how concat and
 * cache writes work); "contiguous" is promised where it is written.
 */
export interface PrimitiveParams {
  /** inputs: broadcast to `shape`; outputs: `shape`, one per program output. */
  map: { readonly program: Program; readonly scalars: readonly number[]; readonly shape: Shape };
  /**
   * The last `reduceRank` axes of `shape` are reduced with `op` over the program's single output.
   * inputs: broadcast to `shape`; output: contiguous, the leading axes. Sum is computed with an error
   * no worse than pairwise summation, in an order that depends on the shape only.
   * max and min give NaN if any element is NaN. Reducing nothing gives the identity.
   */
  reduce: {
    readonly program: Program;
    readonly scalars: readonly number[];
    readonly shape: Shape;
    readonly reduceRank: number;
    readonly op: ReduceOp;
  };
  /** input [..., N] → output i32 [...] contiguous: the first extreme; NaN wins, as in PyTorch. */
  argReduce: { readonly op: "max" | "min" };
  /** inputs: a f32 [...batch, M, K], b f32 [...batch, K, N] (f16, bf16 widen); output f32 [...batch, M, N] contiguous. */
  matmul: Record<never, never>;
  /**
   * inputs: source (rank r), index i32 or u32 (rank r); output of index's shape:
   * out[c] = source[c with coordinate `axis` replaced by index[c]]. An index outside the axis throws
   * IndexError where the backend sees values on the host, and gives 0 elsewhere.
   */
  gather: { readonly axis: number };
  /**
   * inputs: base (output's shape), index (rank r), source (index's shape); output: contiguous,
   * base with out[c with `axis` replaced by index[c]] += source[c], added in row-major order of c.
   */
  scatterAdd: { readonly axis: number };
  /** input [..., N] → output [..., N] contiguous: running `op` along the last axis. */
  scan: { readonly op: ReduceOp; readonly exclusive: boolean; readonly reverse: boolean };
  /**
   * input [..., N] → outputs: values [..., k] and i32 indices [..., k], contiguous, sorted along the
   * last axis. Stable; NaN counts as the largest value.
   */
  sort: { readonly descending: boolean; readonly k: number };
  /**
   * input: keys i32 [N] in 0..bins−1 → outputs: order i32 [N] (positions sorted by key, stable) and
   * offsets i32 [bins + 1] (where each key's run starts; the last is N).
   */
  countingSort: { readonly bins: number };
  /**
   * input: state u32 [4] = key0, key1, counter0, counter1 → output u32, contiguous:
   * words 2i and 2i+1 are Threefry-2x32-20(key, counter + i).
   */
  random: Record<never, never>;
}

/** Parameters of the fused kernels. All bindings are contiguous f32 unless a line says otherwise. */
export interface FusedParams {
  /** inputs x [N, D], weight [D] → outputs y [N, D], rstd [N]. y = x · rsqrt(mean(x²) + eps) · weight. */
  rmsNorm: { readonly eps: number };
  /** inputs dy [N, D], x [N, D], weight [D], rstd [N] → outputs dx [N, D], dweight [D]. */
  rmsNormBackward: Record<never, never>;
  /** input x [N, D] → output y [N, D], softmax along D. */
  softmax: Record<never, never>;
  /** inputs dy [N, D], y [N, D] → output dx [N, D]. */
  softmaxBackward: Record<never, never>;
  /**
   * inputs q [B, H, T, Dqk], k [B, H, S, Dqk], v [B, H, S, Dv] (any strides), and with `masked` a f32
   * mask added to the scores, [B, H, T, S] (any strides, 0 repeats) → outputs o [B, H, T, Dv], lse [B, H, T].
   * causal: query t sees keys s ≤ t + S − T. A row that sees nothing gives 0.
   */
  attention: { readonly scale: number; readonly causal: boolean; readonly masked: boolean };
  /** inputs do [B, H, T, Dv], q, k, v as above, o, lse (, mask) → outputs dq, dk, dv in q, k, v's shapes. */
  attentionBackward: { readonly scale: number; readonly causal: boolean; readonly masked: boolean };
  /**
   * inputs hidden [N, D], weight [V, D], targets i32 [N] → outputs logp [N], lse [N], entropy [N]
   * of softmax(scale · hidden · weightᵀ) at the targets, in chunks: the logits never exist as a whole.
   */
  linearLogProb: { readonly scale: number };
  /** inputs dlogp [N], hidden, weight, targets, lse → outputs dhidden [N, D], dweight [V, D]. */
  linearLogProbBackward: { readonly scale: number };
  /**
   * Rows sorted by group. inputs a [N, K], b [E, K, M] (any strides), offsets i32 [E + 1], rising within 0..N;
   * others throw IndexError where the backend sees values on the host, and nowhere touch other memory.
   * → output [N, M]: row n of group e is a[n] · b[e].
   */
  groupedMatmul: Record<never, never>;
  /** inputs a [N, K], c [N, M], offsets i32 [E + 1] → output [E, K, M]: aᵀ · c within each group. */
  groupedMatmulWeight: Record<never, never>;
  /**
   * A product with a quantised weight W of `shape` [rows, columns], which is stored as u32 words, rows and
   * columns padded to whole blocks, with one scale a block (quant/quantized-weight.ts).
   * inputs x [N, K], words u32 [Rows, Columns · bits / 32], scales f32 [Rows / R, Columns / C]
   * → output [N, M]. transposed: x · Wᵀ, K = columns, M = rows; else x · W, K = rows, M = columns.
   */
  quantizedMatmul: {
    readonly format: QuantFormat;
    readonly shape: readonly [rows: number, columns: number];
    readonly block: readonly [rows: number, columns: number];
    readonly transposed: boolean;
  };
  /**
   * inputs x [..., D], cos and sin [..., D / 2] (any strides) → output [..., D]: each pair of x turned by its angle,
   * (a, b) → (a·cos − b·sin, a·sin + b·cos). Pairs are neighbours if interleaved, else D / 2 apart.
   */
  rope: { readonly interleaved: boolean };
  /**
   * inputs logits [N, V], state u32 [4] as of `random` → outputs tokens i32 [N] and, with `logProbs`, [N]: a draw from
   * softmax(z) of the kept z = logits / temperature, by the first maximum of z + g. Element i of the flat logits has word i
   * of `random`, u = ⌊word / 256⌋ · 2⁻²⁴ + 2⁻²⁵, at most 1 − 2⁻²⁴, and g = −log(−log(1 − u)).
   * Kept is what is not below a threshold, the largest of three: the topK-th largest z; the smallest z whose larger ones
   * have less than topP of the probability of those kept so far (topP < 1); the z of minP of the largest's probability.
   * So equal z stay or go together, and backends agree but where rounding decides: two z + g within an ulp or so, or a sum of
   * probabilities that close to topP. logProbs are of the kept distribution. A row whose maximum is NaN or infinite
   * gives the first element that is it, and NaN.
   */
  sample: {
    readonly temperature: number;
    /** 1..V; V keeps all. */
    readonly topK: number;
    readonly topP: number;
    readonly minP: number;
    readonly logProbs: boolean;
  };
  /**
   * Routing (DeepSeek-V3 §2.1.2): inputs logits [N, E], bias [E] → outputs weights [N, k], experts i32 [N, k].
   * score = sigmoid(logit), choice = score + bias; E is `groups` runs. Kept are the keptGroups groups whose largest two
   * choices (one, where a group is one) have the largest sums; in the others choice is −∞. experts: the k largest choices, falling.
   * Both selections are as `sort`'s: the first of equal ones, NaN the largest. weights: the experts' scores, with
   * `normalize` over their sum + 1e-20, times scale.
   */
  groupedTopk: {
    readonly k: number;
    readonly groups: number;
    readonly keptGroups: number;
    readonly normalize: boolean;
    readonly scale: number;
  };
  /**
   * In place over flat arenas: inputs parameter, gradient, m, v [N], and scalars f32 [4] = learning
   * rate, 1 − β1^t, 1 − β2^t, gradient factor (clipping) → outputs the same parameter, m, v.
   * Decoupled weight decay (Loshchilov & Hutter 2019), as torch.optim.AdamW.
   */
  adamW: {
    readonly beta1: number;
    readonly beta2: number;
    readonly eps: number;
    readonly weightDecay: number;
  };
}

export type KernelParams = PrimitiveParams & FusedParams;
export type PrimitiveName = keyof PrimitiveParams;
export type FusedName = keyof FusedParams;
export type KernelName = keyof KernelParams;

export interface LaunchOf<K extends KernelName> {
  readonly kernel: K;
  readonly params: KernelParams[K];
  readonly inputs: readonly Binding[];
  readonly outputs: readonly Binding[];
  /** The op that asked for it, for error messages and profiles. */
  readonly op: string;
}

/** One unit of work. Discriminated by `kernel`. */
export type Launch = { readonly [K in KernelName]: LaunchOf<K> }[KernelName];

/** A backend's kernels: every primitive, any of the fused. A missing primitive does not compile. */
export type KernelTable<Extra extends unknown[] = []> = {
  readonly [K in PrimitiveName]: (launch: LaunchOf<K>, ...extra: Extra) => void;
} & {
  readonly [K in FusedName]?: (launch: LaunchOf<K>, ...extra: Extra) => void;
};

export interface Capabilities {
  /** What it runs on, for people: "reference", "wasm simd128 1 thread", "llvmpipe (LLVM 19.1.7, 256 bits)". */
  readonly description: string;
  /** The most input and output bindings one launch may have. */
  readonly maxBindings: number;
  /** The largest single allocation, in bytes. */
  readonly maxBufferBytes: number;
  readonly threads: number;
}

/** A list of launches prepared for being run again and again with the same buffers. */
export interface Plan {
  readonly launchCount: number;
  replay(): void;
  dispose(): void;
}

export interface Backend {
  readonly name: string;
  readonly capabilities: Capabilities;
  /** Contents are undefined. Throws OutOfMemoryError; the backend still works afterwards. */
  alloc(byteLength: number): BufferHandle;
  free(buffer: BufferHandle): void;
  /** Freed bytes kept for the next `alloc`. Absent: none. */
  pooledBytes?(): number;
  write(buffer: BufferHandle, byteOffset: number, bytes: Uint8Array): void;
  /** Waits for the work before it. The bytes are the caller's own. */
  read(buffer: BufferHandle, byteOffset: number, byteLength: number): Promise<Uint8Array>;
  /** Only where the host can see the memory without waiting. */
  readSync?(buffer: BufferHandle, byteOffset: number, byteLength: number): Uint8Array;
  /** Runs or enqueues; launches take effect in order. */
  run(launch: Launch): void;
  /**
   * Calls `work`, which runs launches, and gives the milliseconds the device spends on them once that is
   * known, which may be only after `sync`. Only where `run` enqueues and the device has a clock.
   */
  time?(work: () => void): Promise<number>;
  /** Whether `run` takes this launch. Must be true for every primitive within `capabilities`. */
  supports(launch: Launch): boolean;
  /** The code that was generated for the launch `run` took last, for people who look at DEBUG=tensor:4. */
  generatedSource?(): string | undefined;
  /** Prepares a plan; where absent, the core replays by calling `run` for each launch. */
  record?(launches: readonly Launch[]): Plan;
  /** Hands enqueued work to the device. */
  flush(): void;
  /** Resolves when all work given so far is done; rejects if any of it failed. */
  sync(): Promise<void>;
  /** Frees everything. Idempotent. */
  dispose(): void;
}
