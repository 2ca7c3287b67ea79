// Storage: one allocation of a device and who still needs it. Views, pending expressions and the tape
// hold references; the buffer goes back to the backend when the last one lets go.

import type { Binding, BufferHandle } from "../backend/contract.ts";
import type { DType } from "../dtype.ts";
import { contiguousStrides, type Shape } from "../shape.ts";
import type { Lazy } from "./lazy.ts";

/** What a storage needs to know of its device. */
export interface StorageOwner {
  recycle(storage: Storage): void;
}

export class Storage {
  readonly owner: StorageOwner;
  readonly buffer: BufferHandle;
  readonly byteLength: number;
  /** Counts in-place writes, so that the tape notices a saved value that changed. */
  version = 0;
  /** Expressions that will read this storage later; an in-place write computes them first. */
  readonly readers: Set<Lazy> = new Set();
  /** Whether a value holds it; until then it belongs to the op that is being run. */
  isOwned = false;
  #references = 1;

  constructor(owner: StorageOwner, buffer: BufferHandle, byteLength: number) {
    this.owner = owner;
    this.buffer = buffer;
    this.byteLength = byteLength;
  }

  retain(): void {
    this.#references++;
  }

  release(): void {
    if (--this.#references === 0) this.owner.recycle(this);
  }
}

/** A strided window on a storage. Immutable; whoever keeps one holds a reference on the storage. */
export interface View {
  readonly storage: Storage;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
}

export function contiguousView(storage: Storage, dtype: DType, shape: Shape): View {
  return { storage, dtype, shape, strides: contiguousStrides(shape), offset: 0 };
}

export function toBinding(view: View, shape: Shape, strides: readonly number[]): Binding {
  return { buffer: view.storage.buffer, dtype: view.dtype, shape, strides, offset: view.offset };
}

export function bindView(view: View): Binding {
  return toBinding(view, view.shape, view.strides);
}
