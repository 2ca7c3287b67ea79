// Finding where a NaN comes from: every launch's operands and results are looked at, and the first one that
// makes a NaN out of numbers is named. Slow by design; for the run after the one that went wrong.

import type { Backend, Binding, Launch } from "../backend/contract.ts";
import type { Device } from "../core/device.ts";
import { bytesPerElement, decodeBF16, decodeF16, isFloat, viewBytes } from "../dtype.ts";
import { NaNError } from "../errors.ts";
import { formatShape, sizeOf } from "../shape.ts";

/**
 * Runs `fn` and returns what it returns; throws NaNError if a kernel gave a NaN that none of its operands
 * had, naming the op (PyTorch's detect_anomaly, for the forward pass too). Kernels that a backend replays
 * from a recorded step are not seen: call it on the function itself, not on its step.
 */
export async function detectAnomaly<T>(device: Device, fn: () => T | Promise<T>): Promise<T> {
  const { backend } = device;
  const findings: Promise<string | undefined>[] = [];
  const stop = device.observe((launch, run) => {
    // The reads take their place in the queue now, between the launches before and after.
    const operands = launch.inputs.map((binding) => firstNaN(backend, binding));
    run();
    const results = launch.outputs.map((binding) => firstNaN(backend, binding));
    findings.push(describe(launch, operands, results));
  });
  try {
    const result = await fn();
    for (const finding of findings) {
      const problem = await finding;
      if (problem) throw new NaNError(problem);
    }
    return result;
  } finally {
    stop();
    await Promise.allSettled(findings);
  }
}

type Position = Promise<readonly number[] | undefined>;

async function describe(
  launch: Launch,
  operands: readonly Position[],
  results: readonly Position[],
): Promise<string | undefined> {
  const had = await Promise.all(operands);
  const has = await Promise.all(results);
  const output = has.findIndex((position) => position !== undefined);
  if (output < 0 || had.some((position) => position !== undefined)) return undefined;
  const shapes = launch.inputs
    .map(({ dtype, shape }) => `${dtype}${formatShape(shape)}`)
    .join(", ");
  const { dtype, shape } = launch.outputs[output]!;
  return (
    `${launch.op}: the first NaN of this run, at [${has[output]!.join(", ")}] of ${dtype}${formatShape(shape)}; its ` +
    `operands ${shapes} have none. Look for 0 / 0, ∞ − ∞, log or sqrt of a negative number.`
  );
}

/** The coordinates of the first NaN of a binding. */
async function firstNaN(backend: Backend, binding: Binding): Position {
  const { buffer, dtype, shape, strides, offset } = binding;
  const size = sizeOf(shape);
  if (!isFloat(dtype) || size === 0) return undefined;
  const bytes = bytesPerElement(dtype);
  const reach = (sign: 1 | -1) =>
    strides.reduce(
      (sum, stride, axis) => sum + (stride * sign > 0 ? stride * (shape[axis]! - 1) : 0),
      offset,
    );
  // Whole words, since 16-bit elements may start half way into one.
  const start = Math.floor((reach(-1) * bytes) / 4) * 4;
  const end = Math.min(buffer.byteLength, Math.ceil(((reach(1) + 1) * bytes) / 4) * 4);
  const raw = await backend.read(buffer, start, end - start);
  const elements = viewBytes(dtype, raw.buffer, raw.byteOffset, raw.byteLength / bytes);
  const decode = dtype === "f16" ? decodeF16 : dtype === "bf16" ? decodeBF16 : (x: number) => x;
  const position = shape.map(() => 0);
  for (let i = 0; i < size; i++) {
    const at = position.reduce((sum, p, axis) => sum + p * strides[axis]!, offset) - start / bytes;
    if (Number.isNaN(decode(elements[at]!))) return position;
    for (let axis = shape.length - 1; axis >= 0 && ++position[axis]! === shape[axis]; axis--)
      position[axis] = 0;
  }
  return undefined;
}
