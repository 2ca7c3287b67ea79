import {
  assertDType,
  computeType,
  decodeBF16,
  decodeF16,
  encodeBF16,
  encodeF16,
  type DType,
} from "../dtype.ts";
import { ArgumentError } from "../errors.ts";
import { scalarExpr } from "../ir/expr.ts";
import { assertShape, type Shape } from "../shape.ts";
import type { Device } from "../core/device.ts";
import { Lazy } from "../core/lazy.ts";
import type { Tensor } from "../tensor.ts";

/** Every element `value`. Takes no memory until something needs it as a buffer. */
export function full(device: Device, shape: Shape, value: number, dtype: DType = "f32"): Tensor {
  assertShape("full", shape);
  assertDType("full", dtype);
  const expr = scalarExpr(asStored(value, dtype), computeType(dtype));
  return device.wrap(Lazy.pending(device, "full", expr, [], shape, dtype));
}

/** Rounded now: until it is stored, the value is a constant in f32. */
function asStored(value: number, dtype: DType): number {
  if (dtype === "f16") return decodeF16(encodeF16(value));
  return dtype === "bf16" ? decodeBF16(encodeBF16(value)) : value;
}

export function zeros(device: Device, shape: Shape, dtype: DType = "f32"): Tensor {
  return full(device, shape, 0, dtype);
}

export function ones(device: Device, shape: Shape, dtype: DType = "f32"): Tensor {
  return full(device, shape, 1, dtype);
}

/** start, start + step, … below `end` (exclusive). i32 by default, f32 where an argument has a fraction. */
export function arange(
  device: Device,
  start: number,
  end: number,
  step: number = 1,
  dtype: DType = [start, end, step].every(Number.isInteger) ? "i32" : "f32",
): Tensor {
  const count = Math.max(0, Math.ceil((end - start) / step));
  if (!Number.isFinite(count)) {
    throw new ArgumentError(
      `arange: ${start}..${end} in steps of ${step} never ends. Use step ≠ 0.`,
    );
  }
  return device.iota([count], -1).cast(dtype).mul(step).add(start).cast(dtype);
}

/** `count` evenly spaced values from `start` to `end`, both included. */
export function linspace(device: Device, start: number, end: number, count: number): Tensor {
  assertShape("linspace", [count]);
  const step = count > 1 ? (end - start) / (count - 1) : 0;
  return device.iota([count], -1).cast("f32").mul(step).add(start);
}

/** The identity matrix [n, n]. */
export function eye(device: Device, n: number, dtype: DType = "f32"): Tensor {
  assertShape("eye", [n, n]);
  return device
    .iota([n, n], -1)
    .eq(device.iota([n, n], -2))
    .cast(dtype);
}
