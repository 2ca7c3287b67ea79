// The tensor: a shape, a dtype, a lazy value and a place in the autograd graph. Methods are thin: each
// calls the op of the same name, which is documented in its own folder under ops/.

import { checkGradient, TapeNode, type GradientEdge } from "./autograd/tape.ts";
import { backward, type BackwardOptions } from "./autograd/backward.ts";
import type { Device } from "./core/device.ts";
import { Lazy } from "./core/lazy.ts";
import type { Scope } from "./core/scope.ts";
import { decodeBF16, decodeF16, isFloat, type DType, type TypedArray } from "./dtype.ts";
import { ArgumentError, AutogradError, DTypeError, UseAfterFreeError } from "./errors.ts";
import { formatShape, isContiguous, normalizeAxis, sizeOf, type Shape } from "./shape.ts";
import { abs } from "./ops/abs/abs.ts";
import { add } from "./ops/add/add.ts";
import { argmax, argmin } from "./ops/argmax/argmax.ts";
import { cast } from "./ops/cast/cast.ts";
import { clamp } from "./ops/clamp/clamp.ts";
import { clone, contiguous } from "./ops/contiguous/contiguous.ts";
import { cos } from "./ops/cos/cos.ts";
import { div } from "./ops/div/div.ts";
import type { Operand } from "./ops/elementwise.ts";
import { eq } from "./ops/eq/eq.ts";
import { exp } from "./ops/exp/exp.ts";
import { expand } from "./ops/expand/expand.ts";
import { floor } from "./ops/floor/floor.ts";
import { gather, indexSelect } from "./ops/gather/gather.ts";
import { ge } from "./ops/ge/ge.ts";
import { gt } from "./ops/gt/gt.ts";
import { le } from "./ops/le/le.ts";
import { log } from "./ops/log/log.ts";
import { logicalAnd } from "./ops/logical-and/logical-and.ts";
import { logicalNot } from "./ops/logical-not/logical-not.ts";
import { logicalOr } from "./ops/logical-or/logical-or.ts";
import { lt } from "./ops/lt/lt.ts";
import { matmul } from "./ops/matmul/matmul.ts";
import { max } from "./ops/max/max.ts";
import { maximum } from "./ops/maximum/maximum.ts";
import { mean } from "./ops/mean/mean.ts";
import { min } from "./ops/min/min.ts";
import { minimum } from "./ops/minimum/minimum.ts";
import { mul } from "./ops/mul/mul.ts";
import { ne } from "./ops/ne/ne.ts";
import { neg } from "./ops/neg/neg.ts";
import { permute, transpose } from "./ops/permute/permute.ts";
import { pow } from "./ops/pow/pow.ts";
import { reciprocal } from "./ops/reciprocal/reciprocal.ts";
import type { Axes, ReduceOptions } from "./ops/reduction.ts";
import { reshape } from "./ops/reshape/reshape.ts";
import { rsqrt } from "./ops/rsqrt/rsqrt.ts";
import { sigmoid } from "./ops/sigmoid/sigmoid.ts";
import { sign } from "./ops/sign/sign.ts";
import { silu } from "./ops/silu/silu.ts";
import { sin } from "./ops/sin/sin.ts";
import { flip, narrow, select, slice, type Range } from "./ops/slice/slice.ts";
import { softmax } from "./ops/softmax/softmax.ts";
import { sqrt } from "./ops/sqrt/sqrt.ts";
import { square } from "./ops/square/square.ts";
import { sub } from "./ops/sub/sub.ts";
import { sum } from "./ops/sum/sum.ts";
import { sumTo } from "./ops/sum-to/sum-to.ts";
import { tanh } from "./ops/tanh/tanh.ts";
import { where } from "./ops/where/where.ts";

export class Tensor implements Disposable {
  readonly device: Device;
  /** @internal The scope that will free this tensor. */
  scope: Scope | undefined;
  /** @internal The op without a gradient that cut this tensor off from the graph. */
  brokenBy: string | undefined;
  #grad: Tensor | null = null;
  #node: TapeNode | undefined;
  #outputIndex = 0;
  #requiresGrad = false;
  #disposed = false;
  #ghost = false;
  #lazy: Lazy;

  /** @internal Use `device.tensor(...)`. Takes over the caller's reference on `lazy`. */
  constructor(device: Device, lazy: Lazy) {
    this.device = device;
    this.#lazy = lazy;
  }

  /** @internal */
  get lazy(): Lazy {
    return this.#lazy;
  }

  /** @internal Moves a leaf to other memory that holds the same values (an arena's). */
  rebind(lazy: Lazy): void {
    this.assertUsable("rebind");
    this.#lazy.release();
    this.#lazy = lazy;
    if (!this.scope) this.device.watchLeak(this);
  }

  get shape(): Shape {
    return this.lazy.shape;
  }

  get dtype(): DType {
    return this.lazy.dtype;
  }

  get rank(): number {
    return this.lazy.shape.length;
  }

  /** The number of elements. */
  get size(): number {
    return sizeOf(this.lazy.shape);
  }

  get isDisposed(): boolean {
    return this.#disposed;
  }

  // — Reading —

  /** The elements, row-major: f32, f16 and bf16 as Float32Array, i32 as Int32Array, u32 and bool as Uint32Array. */
  async data(): Promise<Float32Array | Int32Array | Uint32Array> {
    this.assertUsable("data");
    return decode(this.dtype, await this.device.read(this.#contiguousView()));
  }

  /** Like `data`, on backends whose memory the host can see (WASM, reference). */
  dataSync(): Float32Array | Int32Array | Uint32Array {
    this.assertUsable("dataSync");
    return decode(this.dtype, this.device.readSync(this.#contiguousView()));
  }

  /** The only element of a tensor of size 1. */
  async item(): Promise<number> {
    this.#assertSingle("item");
    return (await this.data())[0]!;
  }

  itemSync(): number {
    this.#assertSingle("itemSync");
    return this.dataSync()[0]!;
  }

  /** Nested arrays of numbers (booleans for bool). */
  async toArray(): Promise<unknown> {
    const flat = await this.data();
    const nest = (axis: number, start: number, size: number): unknown => {
      if (axis === this.rank) return this.dtype === "bool" ? flat[start] !== 0 : flat[start];
      const step = size / this.shape[axis]!;
      return Array.from({ length: this.shape[axis]! }, (_, i) =>
        nest(axis + 1, start + i * step, step),
      );
    };
    return nest(0, 0, this.size);
  }

  toString(): string {
    return `Tensor(${this.dtype} ${formatShape(this.shape)} on ${this.device.name})`;
  }

  #contiguousView() {
    const view = this.lazy.view();
    return isContiguous(view.shape, view.strides) ? view : this.contiguous().lazy.view();
  }

  #assertSingle(op: string): void {
    if (this.size !== 1) {
      throw new ArgumentError(
        `${op}: expected a tensor of one element, got ${formatShape(this.shape)}. Use data().`,
      );
    }
  }

  // — Life —

  /** Frees the tensor; a view or a gradient that still needs the memory keeps it. Idempotent. */
  dispose(): void {
    if (this.#disposed || this.#ghost) return;
    this.#disposed = true;
    if (!this.scope) this.device.forgetLeak(this);
    this.scope = undefined;
    this.lazy.release();
    this.#grad?.dispose();
    this.#grad = null;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal */
  assertUsable(op: string): void {
    if (this.#disposed || (this.#ghost && this.lazy.isFreed)) {
      throw new UseAfterFreeError(
        `${op}: this tensor (${this.lazy.op}, ${formatShape(this.shape)}) was freed by dispose() or its ` +
          `scope. Return it from the scope, or scope.keep(tensor) it.`,
      );
    }
  }

  /** Computes the value now, if it is pending. Returns this. */
  eval(): this {
    this.assertUsable("eval");
    this.lazy.view();
    return this;
  }

  /** @internal Another handle on the same value, in the same place in the graph. */
  alias(): Tensor {
    const tensor = this.device.wrap(this.lazy.retain());
    tensor.#copyGraph(this);
    return tensor;
  }

  /** @internal Like `alias`, but holding no reference and owned by no scope. */
  ghost(): Tensor {
    const tensor = new Tensor(this.device, this.lazy);
    tensor.#copyGraph(this);
    tensor.#ghost = true;
    return tensor;
  }

  #copyGraph(from: Tensor): void {
    this.#node = from.gradientEdge()?.node;
    this.#outputIndex = from.#outputIndex;
    this.#requiresGrad = from.#requiresGrad;
    this.brokenBy = from.brokenBy;
  }

  /** The same value, cut off from the graph. */
  detach(): Tensor {
    this.assertUsable("detach");
    return this.device.wrap(this.lazy.retain());
  }

  // — Gradients —

  get requiresGrad(): boolean {
    return this.#requiresGrad;
  }

  /** Makes a float leaf collect its gradient in `.grad`. Returns this. */
  requiresGrad_(on: boolean = true): this {
    if (on && !isFloat(this.dtype)) {
      throw new DTypeError(`requiresGrad_: only floats have gradients, this is ${this.dtype}.`);
    }
    this.#requiresGrad = on;
    return this;
  }

  /** The accumulated gradient of a leaf, after `backward()`. Setting one of another shape or dtype throws ShapeError. */
  get grad(): Tensor | null {
    this.device.usesGrad(this, this.#grad);
    return this.#grad;
  }

  set grad(gradient: Tensor | null) {
    this.#grad = this.#checkGrad(gradient);
  }

  /** Replaces `.grad`; the tensor owns it from now on, whatever scope made it. */
  setGrad(gradient: Tensor | null): void {
    this.#ownGrad(this.#checkGrad(gradient)?.alias());
  }

  /** @internal Adds to `.grad`. */
  addGrad(gradient: Tensor): void {
    this.device.usesGrad(this, this.#grad, true);
    this.#ownGrad(this.#grad ? this.#grad.add(gradient) : gradient.alias());
  }

  #checkGrad(gradient: Tensor | null): Tensor | null {
    this.device.usesGrad(this, this.#grad);
    return gradient && checkGradient("grad", this, gradient);
  }

  #ownGrad(gradient: Tensor | null = null): void {
    if (gradient) {
      gradient.lazy.view();
      // No scope frees it before this tensor or zeroGrad does.
      gradient.scope = undefined;
    }
    this.#grad?.dispose();
    this.#grad = gradient;
  }

  /**
   * Calls `hook` with this tensor's gradient whenever backward() has computed it; what it returns takes the
   * gradient's place. Returns the function that removes the hook.
   */
  registerHook(hook: (gradient: Tensor) => Tensor | void): () => void {
    const edge = this.gradientEdge();
    if (!edge) {
      throw new AutogradError("registerHook: not part of a graph. Call requiresGrad_() first.");
    }
    return edge.node.addHook(edge.output, hook);
  }

  /** @internal Makes this the `index`-th result of a recorded op. */
  attach(node: TapeNode, index: number): void {
    if (!isFloat(this.dtype)) {
      this.brokenBy = `${node.op} to ${this.dtype}`;
      return;
    }
    this.#node = node;
    this.#outputIndex = index;
    this.#requiresGrad = true;
  }

  /** @internal Where a gradient for this tensor goes; undefined if it wants none. */
  gradientEdge(): GradientEdge | undefined {
    if (!this.#requiresGrad) return undefined;
    this.#node ??= new TapeNode("leaf", [], 1, undefined, this);
    return { node: this.#node, output: this.#outputIndex };
  }

  /** Whether this was made by the user and not by a recorded op. */
  get isLeaf(): boolean {
    return this.#node === undefined || this.#node.leaf !== undefined;
  }

  /** Fills `.grad` of the leaves this was computed from. `gradient` defaults to 1 for a single element. */
  backward(gradient?: Tensor, options?: BackwardOptions): void {
    this.assertUsable("backward");
    backward([this], gradient ? [gradient] : undefined, options);
  }

  // — Ops: elementwise —

  add(other: Operand): Tensor {
    return add(this, other);
  }
  sub(other: Operand): Tensor {
    return sub(this, other);
  }
  mul(other: Operand): Tensor {
    return mul(this, other);
  }
  div(other: Operand): Tensor {
    return div(this, other);
  }
  pow(exponent: Operand): Tensor {
    return pow(this, exponent);
  }
  minimum(other: Operand): Tensor {
    return minimum(this, other);
  }
  maximum(other: Operand): Tensor {
    return maximum(this, other);
  }
  clamp(low?: Operand, high?: Operand): Tensor {
    return clamp(this, low, high);
  }
  neg(): Tensor {
    return neg(this);
  }
  abs(): Tensor {
    return abs(this);
  }
  sign(): Tensor {
    return sign(this);
  }
  floor(): Tensor {
    return floor(this);
  }
  sqrt(): Tensor {
    return sqrt(this);
  }
  rsqrt(): Tensor {
    return rsqrt(this);
  }
  reciprocal(): Tensor {
    return reciprocal(this);
  }
  square(): Tensor {
    return square(this);
  }
  exp(): Tensor {
    return exp(this);
  }
  log(): Tensor {
    return log(this);
  }
  sin(): Tensor {
    return sin(this);
  }
  cos(): Tensor {
    return cos(this);
  }
  tanh(): Tensor {
    return tanh(this);
  }
  sigmoid(): Tensor {
    return sigmoid(this);
  }
  silu(): Tensor {
    return silu(this);
  }
  eq(other: Operand): Tensor {
    return eq(this, other);
  }
  ne(other: Operand): Tensor {
    return ne(this, other);
  }
  lt(other: Operand): Tensor {
    return lt(this, other);
  }
  le(other: Operand): Tensor {
    return le(this, other);
  }
  gt(other: Operand): Tensor {
    return gt(this, other);
  }
  ge(other: Operand): Tensor {
    return ge(this, other);
  }
  logicalAnd(other: Operand): Tensor {
    return logicalAnd(this, other);
  }
  logicalOr(other: Operand): Tensor {
    return logicalOr(this, other);
  }
  logicalNot(): Tensor {
    return logicalNot(this);
  }
  /** This tensor is the condition. */
  where(ifTrue: Operand, ifFalse: Operand): Tensor {
    return where(this, ifTrue, ifFalse);
  }
  cast(dtype: DType): Tensor {
    return cast(this, dtype);
  }

  // — Ops: reductions —

  sum(axes?: Axes, options?: ReduceOptions): Tensor {
    return sum(this, axes, options);
  }
  mean(axes?: Axes, options?: ReduceOptions): Tensor {
    return mean(this, axes, options);
  }
  max(axes?: Axes, options?: ReduceOptions): Tensor {
    return max(this, axes, options);
  }
  min(axes?: Axes, options?: ReduceOptions): Tensor {
    return min(this, axes, options);
  }
  argmax(axis?: number, options?: ReduceOptions): Tensor {
    return argmax(this, axis, options);
  }
  argmin(axis?: number, options?: ReduceOptions): Tensor {
    return argmin(this, axis, options);
  }
  softmax(axis?: number): Tensor {
    return softmax(this, axis);
  }
  /** @internal */
  sumTo(shape: Shape): Tensor {
    return sumTo(this, shape);
  }

  // — Ops: shape and selection —

  reshape(shape: Shape): Tensor {
    return reshape(this, shape);
  }
  permute(order: readonly number[]): Tensor {
    return permute(this, order);
  }
  transpose(a?: number, b?: number): Tensor {
    return transpose(this, a, b);
  }
  expand(shape: Shape): Tensor {
    return expand(this, shape);
  }
  contiguous(): Tensor {
    return contiguous(this);
  }
  clone(): Tensor {
    return clone(this);
  }
  slice(ranges: readonly (Range | readonly [number, number] | null)[]): Tensor {
    return slice(this, ranges);
  }
  narrow(axis: number, start: number, length: number): Tensor {
    return narrow(this, axis, start, length);
  }
  select(axis: number, index: number): Tensor {
    return select(this, axis, index);
  }
  flip(axes: number | readonly number[]): Tensor {
    return flip(this, axes);
  }
  gather(axis: number, index: Tensor): Tensor {
    return gather(this, axis, index);
  }
  indexSelect(axis: number, index: Tensor): Tensor {
    return indexSelect(this, axis, index);
  }
  matmul(other: Tensor): Tensor {
    return matmul(this, other);
  }

  /** Inserts an axis of size 1 before `axis`. */
  unsqueeze(axis: number): Tensor {
    const at = normalizeAxis("unsqueeze", axis, this.rank + 1);
    return this.reshape([...this.shape.slice(0, at), 1, ...this.shape.slice(at)]);
  }

  /** Drops the given axis of size 1, or all of them. */
  squeeze(axis?: number): Tensor {
    const at = axis === undefined ? undefined : normalizeAxis("squeeze", axis, this.rank);
    if (at !== undefined && this.shape[at] !== 1) return this.alias();
    return this.reshape(this.shape.filter((dim, i) => (at === undefined ? dim !== 1 : i !== at)));
  }
}

function decode(dtype: DType, raw: TypedArray): Float32Array | Int32Array | Uint32Array {
  if (dtype === "f16") return Float32Array.from(raw, decodeF16);
  if (dtype === "bf16") return Float32Array.from(raw, decodeBF16);
  return raw as Float32Array | Int32Array | Uint32Array;
}
