// The backend's own buffer handle: an address in the linear memory, and what of it was written when.

import { bytesPerElement, type Binding, type BufferHandle } from "@sixtyone/tensor/backend";

export interface WasmBuffer extends BufferHandle {
  readonly address: number;
  /** Set by `free`, so that a second one is seen. */
  isFreed?: boolean;
  /** Rises before anything writes to the buffer: equal versions are equal contents. Undefined as long as 0. */
  version?: number;
}

/** The byte address of a binding's first element. */
export function addressOf(binding: Binding): number {
  return (binding.buffer as WasmBuffer).address + binding.offset * bytesPerElement(binding.dtype);
}

export function versionOf(buffer: WasmBuffer): number {
  return buffer.version ?? 0;
}

/** Call before writing: what was derived from the contents (packed panels) is out of date. */
export function touch(buffer: BufferHandle): void {
  const own = buffer as WasmBuffer;
  own.version = versionOf(own) + 1;
}
