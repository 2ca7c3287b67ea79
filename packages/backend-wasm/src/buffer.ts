// The backend's own buffer handle: an address in the linear memory.

import { bytesPerElement, type Binding, type BufferHandle } from "@sixtyone/tensor/backend";

export interface WasmBuffer extends BufferHandle {
  readonly address: number;
  /** Set by `free`, so that a second one is seen. */
  isFreed?: boolean;
}

/** The byte address of a binding's first element. */
export function addressOf(binding: Binding): number {
  return (binding.buffer as WasmBuffer).address + binding.offset * bytesPerElement(binding.dtype);
}
