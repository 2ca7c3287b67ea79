// Runs one case on one device and brings the results to the host.

import type { Device, DType, Shape, Tensor } from "@sixtyone/tensor";
import { asList, type OpCase } from "./op-case.ts";
import { createLeaf, leafValues, viewLeaf, type Operand } from "./operand.ts";
import { seedFor } from "./random-values.ts";

export interface Result {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly data: Float32Array | Int32Array | Uint32Array;
}

/** Fresh tensors for a case's operands; the same numbers on every device. */
export function createLeaves(device: Device, operands: readonly Operand[], seed: number): Tensor[] {
  return operands.map((operand, i) => {
    return createLeaf(device, operand, leafValues(operand, seedFor(seed, `operand ${i}`)));
  });
}

export function applyCase(
  { operands, run }: OpCase,
  leaves: readonly Tensor[],
  device: Device,
): readonly Tensor[] {
  const views = leaves.map((leaf, i) => viewLeaf(operands[i]!, leaf));
  return asList(run(views, device));
}

export async function runForward(device: Device, opCase: OpCase, seed: number): Promise<Result[]> {
  using _scope = device.scope();
  const leaves = createLeaves(device, opCase.operands, seed);
  const outputs = applyCase(opCase, leaves, device);
  const results: Result[] = [];
  for (const { shape, dtype, data } of await readAll(outputs)) results.push({ shape, dtype, data });
  return results;
}

async function readAll(tensors: readonly Tensor[]): Promise<Result[]> {
  const results: Result[] = [];
  for (const tensor of tensors) {
    results.push({ shape: tensor.shape, dtype: tensor.dtype, data: await tensor.data() });
  }
  return results;
}

/**
 * Leaves NaN patterns in memory that the next allocations may get: a kernel that forgets to write an
 * element, or reads past its operand, then shows.
 */
export function poisonFreeMemory(device: Device): void {
  const { backend } = device;
  for (const byteLength of [16, 64, 256, 1024, 4096, 65536]) {
    const buffer = backend.alloc(byteLength);
    backend.write(buffer, 0, new Uint8Array(byteLength).fill(0xff));
    backend.free(buffer);
  }
}
