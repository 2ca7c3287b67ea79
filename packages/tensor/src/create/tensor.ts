import { assertDType, encodeBF16, encodeF16, type DType, type TypedArray } from "../dtype.ts";
import { ArgumentError, ShapeError } from "../errors.ts";
import { assertShape, formatShape, sameShape, sizeOf, type Shape } from "../shape.ts";
import type { Device } from "../core/device.ts";
import { Lazy } from "../core/lazy.ts";
import type { Tensor } from "../tensor.ts";

/** A number, or numbers nested as deep as the tensor has axes. */
export type Nested = number | boolean | readonly Nested[];

export interface TensorOptions {
  /** Default: i32 for Int32Array, u32 for Uint32Array, bool for booleans, f32 for the rest. */
  readonly dtype?: DType;
  /** Default: what the nesting says, or one axis for a typed array. */
  readonly shape?: Shape;
  readonly requiresGrad?: boolean;
}

/**
 * A tensor from numbers: nested arrays, or a flat typed array with a shape. A Uint16Array with dtype f16
 * or bf16 is taken as raw words; every other input is converted: integers truncate towards zero and, unlike in
 * `cast`, wrap around; NaN gives 0. Throws ArgumentError on what is no number.
 */
export function tensor(
  device: Device,
  values: Nested | Float32Array | Int32Array | Uint32Array | Uint16Array,
  options: TensorOptions = {},
): Tensor {
  const flat = ArrayBuffer.isView(values) ? values : flatten(values);
  const shape = options.shape ?? (ArrayBuffer.isView(values) ? [values.length] : shapeOf(values));
  assertShape("tensor", shape);
  if (sizeOf(shape) !== flat.length) {
    throw new ShapeError(
      `tensor: shape ${formatShape(shape)} needs ${sizeOf(shape)} values, got ${flat.length}.`,
    );
  }
  const dtype = options.dtype ?? dtypeOf(values);
  assertDType("tensor", dtype);
  const view = device.upload(dtype, shape, encode(dtype, flat));
  const result = device.wrap(Lazy.computed(device, "tensor", view));
  return options.requiresGrad ? result.requiresGrad_() : result;
}

function flatten(values: Nested): number[] {
  return ([values] as unknown[]).flat(Infinity).map((value) => {
    // What only JavaScript's callers can pass.
    if (typeof value !== "number" && typeof value !== "boolean") {
      throw new ArgumentError(`tensor: expected numbers, got ${String(value)}.`);
    }
    return +value;
  });
}

function shapeOf(values: unknown): Shape {
  if (!Array.isArray(values)) return [];
  const rows = values.map(shapeOf);
  const [inner = []] = rows;
  for (const other of rows) {
    if (!sameShape(other, inner)) {
      throw new ShapeError(
        `tensor: the rows differ: ${formatShape(inner)} and ${formatShape(other)}. ` +
          `Nested arrays must be rectangular.`,
      );
    }
  }
  return [values.length, ...inner];
}

function dtypeOf(values: unknown): DType {
  if (values instanceof Int32Array) return "i32";
  if (values instanceof Uint32Array) return "u32";
  if (values instanceof Uint16Array) {
    throw new ArgumentError(
      `tensor: 16-bit words may be f16 or bf16. Say which: { dtype: "bf16" }.`,
    );
  }
  if (Array.isArray(values)) return dtypeOf(values[0]);
  return typeof values === "boolean" ? "bool" : "f32";
}

function encode(dtype: DType, flat: ArrayLike<number>): TypedArray {
  switch (dtype) {
    case "f32":
      return flat instanceof Float32Array ? flat : Float32Array.from(flat);
    case "i32":
      return flat instanceof Int32Array ? flat : Int32Array.from(flat);
    case "u32":
      return flat instanceof Uint32Array ? flat : Uint32Array.from(flat);
    case "bool":
      return Uint32Array.from(flat, (x) => (x ? 1 : 0));
    case "f16":
      return flat instanceof Uint16Array ? flat : Uint16Array.from(flat, encodeF16);
    case "bf16":
      return flat instanceof Uint16Array ? flat : Uint16Array.from(flat, encodeBF16);
  }
}
