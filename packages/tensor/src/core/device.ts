// The device: a backend plus the bookkeeping the core needs on top of it: which scope owns new tensors,
// how expressions become launches, how many bytes live. Every launch goes through `launch`, so counting,
// profiling and recording have one place.

import type {
  Backend,
  BufferHandle,
  KernelName,
  Launch,
  LaunchOf,
  Plan,
} from "../backend/contract.ts";
import { bytesPerElement, computeType, viewBytes, type DType, type TypedArray } from "../dtype.ts";
import {
  ArgumentError,
  OutOfMemoryError,
  ScopeError,
  SixtyoneError,
  UnsupportedError,
} from "../errors.ts";
import { indexExpr, scalarExpr, toProgram, type Expr } from "../ir/expr.ts";
import { broadcastStrides, collapse, sizeOf, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { Lazy } from "./lazy.ts";
import { Scope } from "./scope.ts";
import { contiguousView, Storage, toBinding, type View } from "./storage.ts";

export interface MemoryInfo {
  /** Bytes of storages that somebody still holds. */
  readonly liveBytes: number;
  /** Freed bytes that the backend keeps for the next allocation. */
  readonly pooledBytes: number;
  /** The most `liveBytes` has been. */
  readonly peakBytes: number;
  readonly storageCount: number;
  /** Tensors that were garbage collected without `dispose()` and outside any scope; see `leakReport`. */
  readonly leakedTensors: number;
}

export interface LaunchCounters {
  launches: number;
  reads: number;
}

/** Sees every launch; installed by the profiler and by the step recorder. */
export type LaunchObserver = (launch: Launch, run: () => void) => void;

/** Takes part in what a device does while a step is recorded; see step.ts. */
export interface Recorder {
  readonly launches: Launch[];
  allocate(byteLength: number, fresh: () => Storage): Storage;
  recycle(storage: Storage): void;
  wrote(storage: Storage): void;
  refuse(what: string): void;
  feed(produce: () => TypedArray, upload: (values?: TypedArray) => View): View;
  /** A leaf's `.grad`, before it is read or set; `added`: before backward() adds to it. */
  usesGrad(leaf: Tensor, grad: Tensor | null, added?: boolean): void;
}

type TensorConstructor = new (device: Device, lazy: Lazy) => Tensor;

export class Device {
  readonly backend: Backend;
  readonly counters: LaunchCounters = { launches: 0, reads: 0 };
  readonly #Tensor: TensorConstructor;
  readonly #leaks: FinalizationRegistry<Lazy>;
  #scope: Scope | undefined;
  #observers: readonly LaunchObserver[] = [];
  #liveBytes = 0;
  #peakBytes = 0;
  #storageCount = 0;
  /** @internal The first of them, for `leakReport`. */
  readonly leaked: Pick<Lazy, "op" | "dtype" | "shape" | "isPending">[] = [];
  #leakedTensors = 0;
  #disposed = false;
  #recorder: Recorder | undefined;
  /** Allocated since the last launch. What no value has taken over is freed if the next launch fails. */
  #fresh: Storage[] = [];

  /** Use `createDevice(backend)`. */
  constructor(backend: Backend, tensorConstructor: TensorConstructor) {
    this.backend = backend;
    this.#Tensor = tensorConstructor;
    this.#leaks = new FinalizationRegistry((lazy) => {
      this.#leakedTensors++;
      const { op, dtype, shape, isPending } = lazy;
      if (this.leaked.length < 10_000) this.leaked.push({ op, dtype, shape, isPending });
      if (!this.#disposed) lazy.release();
    });
  }

  get name(): string {
    return this.backend.name;
  }

  /** Opens a scope that owns all tensors made until it ends: `using scope = device.scope()`. */
  scope(): Scope {
    this.#scope = new Scope(this, this.#scope);
    return this.#scope;
  }

  get currentScope(): Scope | undefined {
    return this.#scope;
  }

  /** @internal Ending a scope out of order leaves the ones opened later in place. */
  closeScope(_scope: Scope): void {
    while (this.#scope && !this.#scope.isOpen) this.#scope = this.#scope.parent;
  }

  /**
   * Runs a synchronous function in a scope of its own and frees everything it made but the tensors it
   * returns (alone, or in an array or a plain object).
   */
  tidy<T>(fn: () => T): T {
    const scope = this.scope();
    try {
      const result = fn();
      if (result instanceof Promise) {
        result.catch(() => {}); // its tensors are freed under it; this error is the one to see
        throw new ScopeError(
          "tidy: expected a synchronous function, got one that returned a promise. " +
            "Use `using scope = device.scope()` in an async function.",
        );
      }
      this.#keepResult(scope, result);
      return result;
    } finally {
      scope.end();
    }
  }

  /** Runs a synchronous function whose tensors no scope owns: caches that outlive the caller's scope. */
  unscoped<T>(fn: () => T): T {
    const scope = this.#scope;
    this.#scope = undefined;
    try {
      return fn();
    } finally {
      this.#scope = scope;
    }
  }

  #keepResult(scope: Scope, result: unknown): void {
    if (result instanceof this.#Tensor) scope.keep(result);
    else if (Array.isArray(result) || (result as object | null)?.constructor === Object) {
      for (const item of Object.values(result as object)) this.#keepResult(scope, item);
    }
  }

  /** @internal Takes over the caller's reference on `lazy`. */
  wrap(lazy: Lazy): Tensor {
    const tensor = new this.#Tensor(this, lazy);
    if (this.#scope) this.#scope.add(tensor);
    else this.watchLeak(tensor);
    return tensor;
  }

  /** @internal Counts a tensor that no scope owns as leaked if it is collected before `dispose()`. */
  watchLeak(tensor: Tensor): void {
    this.#leaks.unregister(tensor);
    this.#leaks.register(tensor, tensor.lazy, tensor);
  }

  /** @internal */
  forgetLeak(tensor: Tensor): void {
    this.#leaks.unregister(tensor);
  }

  /** @internal A view of new, uninitialised memory. `op`: who asks, for messages. */
  allocate(op: string, dtype: DType, shape: Shape): View {
    if (this.#disposed) {
      throw new ArgumentError(`${this.name}: the device was disposed.`);
    }
    const byteLength = Math.max(4, Math.ceil((sizeOf(shape) * bytesPerElement(dtype)) / 4) * 4);
    const fresh = (): Storage => {
      const made = new Storage(this, this.#alloc(op, byteLength), byteLength);
      this.#liveBytes += byteLength;
      this.#storageCount++;
      if (this.#liveBytes > this.#peakBytes) this.#peakBytes = this.#liveBytes;
      return made;
    };
    const storage = this.#recorder ? this.#recorder.allocate(byteLength, fresh) : fresh();
    this.#fresh.push(storage);
    return contiguousView(storage, dtype, shape);
  }

  #alloc(op: string, byteLength: number): BufferHandle {
    try {
      return this.backend.alloc(byteLength);
    } catch (error) {
      this.#dropFresh();
      throw error instanceof OutOfMemoryError
        ? new OutOfMemoryError(`${op}: ${error.message}`, { cause: error })
        : error;
    }
  }

  #dropFresh(): void {
    for (const storage of this.#fresh) if (!storage.isOwned) storage.release();
    this.#fresh = [];
  }

  /** @internal */
  recycle(storage: Storage): void {
    if (this.#recorder) this.#recorder.recycle(storage);
    else this.release(storage);
  }

  /** @internal Gives memory that nobody refers to back to the backend. */
  release(storage: Storage): void {
    this.#liveBytes -= storage.byteLength;
    this.#storageCount--;
    if (!this.#disposed) this.backend.free(storage.buffer);
  }

  /** @internal */
  launch<K extends KernelName>(launch: LaunchOf<K>): void {
    this.counters.launches++;
    const one = launch as unknown as Launch;
    this.#recorder?.launches.push(one);
    try {
      this.#observed(one, 0);
      this.#fresh = [];
    } catch (error) {
      this.#dropFresh();
      throw error instanceof SixtyoneError
        ? error
        : new SixtyoneError("BACKEND", `${launch.op}: ${launch.kernel} failed`, { cause: error });
    }
  }

  /** @internal */
  supports<K extends KernelName>(launch: LaunchOf<K>): boolean {
    return this.backend.supports(launch as unknown as Launch);
  }

  /** Each observer wraps the ones installed before it, the innermost the launch itself. */
  #observed(launch: Launch, depth: number): void {
    const observer = this.#observers[depth];
    if (observer) observer(launch, () => this.#observed(launch, depth + 1));
    else this.backend.run(launch);
  }

  /** @internal Runs recorded launches: as their plan, or one by one where somebody watches. */
  rerun(launches: readonly Launch[], plan: Plan | undefined): void {
    this.counters.launches += launches.length;
    if (plan && this.#observers.length === 0) plan.replay();
    else for (const launch of launches) this.#observed(launch, 0);
  }

  /** Installs an observer of launches; returns the function that removes it. */
  observe(observer: LaunchObserver): () => void {
    this.#observers = [observer, ...this.#observers];
    return () => {
      this.#observers = this.#observers.filter((other) => other !== observer);
    };
  }

  /** @internal Computes one expression into new memory. */
  evaluate(op: string, expr: Expr<View>, shape: Shape, dtype: DType): View {
    const output = this.allocate(op, dtype, shape);
    this.store(op, [expr], shape, [output]);
    return output;
  }

  /** @internal Computes expressions of one shape into existing views of that shape: one `map`. */
  store(op: string, exprs: readonly Expr<View>[], shape: Shape, outputs: readonly View[]): void {
    if (sizeOf(shape) === 0) return;
    const { program, leaves, scalars } = toProgram(
      exprs,
      outputs.map((view) => view.dtype),
    );
    const strides = [...leaves, ...outputs].map((view) =>
      broadcastStrides(op, view.shape, view.strides, shape),
    );
    const space = program.usesIndex ? { shape, strides } : collapse(shape, strides);
    const bind = (view: View, i: number) => toBinding(view, space.shape, space.strides[i]!);
    this.launch({
      kernel: "map",
      op,
      params: { program, scalars, shape: space.shape },
      inputs: leaves.map(bind),
      outputs: outputs.map((view, i) => bind(view, leaves.length + i)),
    });
  }

  /** @internal Uploads values. Floats for f16 and bf16 come as raw 16-bit words. */
  upload(dtype: DType, shape: Shape, values: TypedArray): View {
    const view = this.allocate("tensor", dtype, shape);
    this.write(view, values);
    return view;
  }

  /** @internal Call before writing into memory that tensors see: who still has to read it does so first. */
  beforeWrite(storage: Storage): void {
    for (const reader of storage.readers) reader.view(); // which takes itself off the set
    storage.version++;
    this.#recorder?.wrote(storage);
  }

  /**
   * Values from the host that a recorded step produces anew at each replay (a learning rate, a counter).
   * The caller releases the view's storage.
   */
  feed(dtype: DType, shape: Shape, produce: () => TypedArray): View {
    const upload = (values: TypedArray = produce()): View => this.upload(dtype, shape, values);
    return this.#recorder ? this.#recorder.feed(produce, upload) : upload();
  }

  /** @internal */
  usesGrad(leaf: Tensor, grad: Tensor | null, added?: boolean): void {
    this.#recorder?.usesGrad(leaf, grad, added);
  }

  /** @internal */
  whileRecording<T>(recorder: Recorder | undefined, fn: () => T): T {
    const before = this.#recorder;
    if (before && recorder) before.refuse("another step ran");
    this.#recorder = recorder;
    try {
      return fn();
    } finally {
      this.#recorder = before;
    }
  }

  /** @internal Zeros that take no memory until something needs them as a buffer. */
  zeros(shape: Shape, dtype: DType = "f32"): Tensor {
    const expr = scalarExpr(0, computeType(dtype));
    return this.wrap(Lazy.pending(this, "zeros", expr, [], shape, dtype));
  }

  /** @internal Each element's coordinate along `axis` (negative), i32; takes no memory either. */
  iota(shape: Shape, axis: number): Tensor {
    const size = shape[shape.length + axis]!;
    // An axis of size 1 may be broadcast later, where the coordinate would count on.
    const expr = size === 1 ? scalarExpr(0, "i32") : indexExpr(axis);
    return this.wrap(Lazy.pending(this, "iota", expr, [], shape, "i32"));
  }

  /** @internal Overwrites a contiguous view from the host. */
  write(view: View, values: TypedArray): void {
    this.#recorder?.refuse("values came from the host");
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    if (bytes.byteLength === 0) return;
    this.backend.write(view.storage.buffer, view.offset * bytesPerElement(view.dtype), bytes);
  }

  /** @internal The raw elements of a contiguous view. */
  async read(view: View): Promise<TypedArray> {
    const range = this.#toRead(view);
    return decode(view, range[2] ? await this.backend.read(...range) : undefined);
  }

  /** @internal */
  readSync(view: View): TypedArray {
    const { backend } = this;
    if (!backend.readSync) {
      throw new UnsupportedError(
        `dataSync: ${this.name} cannot read without waiting. Use \`await data()\`.`,
      );
    }
    const range = this.#toRead(view);
    return decode(view, range[2] ? backend.readSync(...range) : undefined);
  }

  /** A view's buffer, byte offset and byte length, which may be 0. */
  #toRead({ storage, dtype, offset, shape }: View): [BufferHandle, number, number] {
    this.#recorder?.refuse("a tensor was read");
    this.counters.reads++;
    const bytes = bytesPerElement(dtype);
    return [storage.buffer, offset * bytes, sizeOf(shape) * bytes];
  }

  memory(): MemoryInfo {
    return {
      liveBytes: this.#liveBytes,
      peakBytes: this.#peakBytes,
      storageCount: this.#storageCount,
      pooledBytes: this.backend.pooledBytes?.() ?? 0,
      leakedTensors: this.#leakedTensors,
    };
  }

  /** Starts the peak anew at what is live now. */
  resetPeak(): void {
    this.#peakBytes = this.#liveBytes;
  }

  flush(): void {
    this.backend.flush();
  }

  /** Resolves when all work so far is done; rejects if some of it failed. */
  sync(): Promise<void> {
    return this.backend.sync();
  }

  /** Frees everything on the device. Idempotent. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.backend.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function decode({ dtype, shape }: View, bytes: Uint8Array = new Uint8Array()): TypedArray {
  return viewBytes(dtype, bytes.buffer, bytes.byteOffset, sizeOf(shape));
}
