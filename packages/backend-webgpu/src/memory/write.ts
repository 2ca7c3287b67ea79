// Writing from the host. Sizes and places that are not whole words (an odd count of f16) go through a buffer
// of whole words and a copying kernel.

import type { Binding } from "@sixtyone/tensor/backend";
import type { Context } from "../kernels/context.ts";
import { copyView } from "../kernels/copy.ts";
import type { Queue } from "../launch/queue.ts";
import type { WebGpuBuffer } from "./pool.ts";

export function writeBuffer(
  queue: Queue,
  context: Context,
  buffer: WebGpuBuffer,
  byteOffset: number,
  bytes: Uint8Array,
): void {
  if (bytes.byteLength === 0) return;
  const isWhole = byteOffset % 4 === 0 && bytes.byteLength % 4 === 0;
  if (isWhole) {
    queue.write(buffer.block, byteOffset, bytes);
    return;
  }
  const padded = new Uint8Array(Math.ceil(bytes.byteLength / 4) * 4);
  padded.set(bytes);
  const block = context.engine.temporary(padded.byteLength);
  try {
    const staging = { byteLength: padded.byteLength, block };
    writeBuffer(queue, context, staging, 0, padded);
    // bf16 keeps all bits but those of NaN; single bytes are written by nobody.
    const view = (target: WebGpuBuffer, at: number): Binding => ({
      buffer: target,
      dtype: "bf16",
      shape: [bytes.byteLength / 2],
      strides: [1],
      offset: at / 2,
    });
    copyView(context, view(staging, 0), view(buffer, byteOffset));
  } finally {
    context.engine.endLaunch();
  }
}
