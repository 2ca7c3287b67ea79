// The leak report. A tensor that no scope owns must be disposed by hand; one that is garbage collected
// instead has leaked. It is freed then, whenever that is, and written down here by the op that made it.

import { bytesPerElement, type DType } from "../dtype.ts";
import { sizeOf, type Shape } from "../shape.ts";
import type { Lazy } from "./lazy.ts";

/** Leaked tensors of one op, dtype and shape. */
export interface Leak {
  readonly op: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly count: number;
  /** What their values took, together. */
  readonly bytes: number;
}

export class LeakDetector {
  readonly #registry: FinalizationRegistry<Lazy>;
  readonly #leaks = new Map<string, Leak>();

  constructor(free: (lazy: Lazy) => void) {
    this.#registry = new FinalizationRegistry((lazy) => {
      this.#add(lazy);
      free(lazy);
    });
  }

  watch(tensor: WeakKey, lazy: Lazy): void {
    this.#registry.unregister(tensor);
    this.#registry.register(tensor, lazy, tensor);
  }

  unwatch(tensor: WeakKey): void {
    this.#registry.unregister(tensor);
  }

  #add({ op, dtype, shape }: Lazy): void {
    const key = `${op} ${dtype} ${shape.join()}`;
    const bytes = bytesPerElement(dtype) * sizeOf(shape);
    const before = this.#leaks.get(key);
    const [count, total] = [(before?.count ?? 0) + 1, (before?.bytes ?? 0) + bytes];
    this.#leaks.set(key, { op, dtype, shape, count, bytes: total });
  }

  /** The largest first. */
  report(): Leak[] {
    return [...this.#leaks.values()].sort((a, b) => b.bytes - a.bytes);
  }

  get count(): number {
    return this.report().reduce((sum, leak) => sum + leak.count, 0);
  }
}
