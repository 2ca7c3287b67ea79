// A launch as data: bindings described by shape and layout, filled on any backend with the same numbers,
// run, and read back whole, so that a write outside the output's view is noticed.

import type {
  Backend,
  Binding,
  DType,
  KernelName,
  KernelParams,
  LaunchOf,
  Shape,
} from "@sixtyone/tensor/backend";
import {
  bytesPerElement,
  contiguousStrides,
  encodeBF16,
  encodeF16,
  sizeOf,
  viewBytes,
} from "@sixtyone/tensor/backend";
import { randomSource, randomValues, seedFor, type Values } from "../random-values.ts";

export type BindingLayout =
  | "contiguous"
  | "offset"
  | "transposed"
  | "flipped"
  | "stepped"
  | "repeated"
  /** Axis 1 repeats. */
  | "shared";

export const bindingLayouts: readonly BindingLayout[] = [
  "contiguous",
  "offset",
  "transposed",
  "flipped",
  "stepped",
  "repeated",
];

export interface BindingSpec {
  readonly shape: Shape;
  readonly dtype?: DType;
  readonly layout?: BindingLayout;
  readonly values?: Values;
}

export interface LaunchSpec<K extends KernelName = KernelName> {
  readonly kernel: K;
  readonly note?: string;
  readonly params: KernelParams[K];
  readonly inputs: readonly BindingSpec[];
  readonly outputs: readonly BindingSpec[];
  /** Output i is written over this input (adamW). */
  readonly inPlace?: readonly number[];
  /** Relative to the larger of 1 and the value, or in units of the last place of f32. */
  readonly tolerance?: { readonly relative: number } | { readonly ulp: number };
}

/** Where the elements of a view of `shape` lie. */
interface Placement {
  readonly strides: readonly number[];
  readonly offset: number;
  /** Elements in the buffer. */
  readonly count: number;
}

function place({ shape, layout = "contiguous" }: BindingSpec): Placement {
  const size = sizeOf(shape);
  const dense = contiguousStrides(shape);
  const reversed = contiguousStrides([...shape].reverse()).reverse();
  if (size === 0) return { strides: dense, offset: 0, count: 1 };
  switch (layout) {
    case "contiguous":
      return { strides: dense, offset: 0, count: size };
    case "offset":
      return { strides: dense, offset: 3, count: size + 8 };
    case "transposed":
      return { strides: reversed, offset: 0, count: size };
    case "flipped":
      return { strides: dense.map((s) => -s), offset: size - 1, count: size };
    case "stepped":
      return { strides: dense.map((s) => 2 * s), offset: 1, count: 2 * size + 1 };
    case "repeated":
      return { strides: dense.map((s, axis) => (axis === 0 ? 0 : s)), offset: 0, count: size };
    case "shared":
      return { strides: dense.map((s, axis) => (axis === 1 ? 0 : s)), offset: 0, count: size };
  }
}

/** The flat element offset of each logical element, row-major. */
function elementOffsets(shape: Shape, { strides, offset }: Placement): number[] {
  let offsets = [offset];
  shape.forEach((dim, axis) => {
    offsets = offsets.flatMap((start) =>
      Array.from({ length: dim }, (_, i) => start + i * strides[axis]!),
    );
  });
  return offsets;
}

function encode(dtype: DType, values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((values.length * bytesPerElement(dtype)) / 4) * 4);
  const view = viewBytes(dtype, bytes.buffer, 0, values.length);
  values.forEach((value, i) => {
    if (dtype === "f16") view[i] = encodeF16(value);
    else if (dtype === "bf16") view[i] = encodeBF16(value);
    else if (dtype === "bool") view[i] = value > 0 ? 1 : 0;
    else view[i] = value;
  });
  return bytes;
}

const sentinel = 0x5a;

/** What one output's buffer held after the launch. */
export interface RawOutput {
  readonly bytes: Uint8Array;
  readonly dtype: DType;
  readonly shape: Shape;
  /** Where the output's elements are in `bytes`, in elements. */
  readonly offsets: readonly number[];
}

export interface Materialized<K extends KernelName> {
  readonly launch: LaunchOf<K>;
  /** Logical values of the inputs, row-major, before encoding. */
  readonly values: readonly (readonly number[])[];
  readonly read: () => Promise<RawOutput[]>;
  readonly free: () => void;
}

/** Allocates and fills the buffers of a launch. */
export function materialize<K extends KernelName>(
  backend: Backend,
  spec: LaunchSpec<K>,
  seed: number,
): Materialized<K> {
  const values: number[][] = [];
  const inputs = spec.inputs.map((input, i) => {
    const { dtype = "f32", shape } = input;
    const placement = place(input);
    const random = randomSource(seedFor(seed, `input ${i}`));
    const all = randomValues(input.values ?? fallback(dtype), placement.count, random);
    values.push(elementOffsets(shape, placement).map((at) => all[at]!));
    const bytes = encode(dtype, all);
    const buffer = backend.alloc(bytes.byteLength);
    backend.write(buffer, 0, bytes);
    return { buffer, dtype, shape, strides: placement.strides, offset: placement.offset };
  });
  const outputs = spec.outputs.map((output, i): Binding => {
    const into = spec.inPlace?.[i];
    if (into !== undefined) return inputs[into]!;
    const { dtype = "f32", shape } = output;
    const { strides, offset, count } = place(output);
    const bytes = new Uint8Array(Math.ceil((count * bytesPerElement(dtype)) / 4) * 4).fill(
      sentinel,
    );
    const buffer = backend.alloc(bytes.byteLength);
    backend.write(buffer, 0, bytes);
    return { buffer, dtype, shape, strides, offset };
  });
  const launch: LaunchOf<K> = {
    kernel: spec.kernel,
    op: `test of ${spec.kernel}`,
    params: spec.params,
    inputs,
    outputs,
  };
  return {
    launch,
    values,
    read: () =>
      Promise.all(
        outputs.map(async ({ buffer, dtype, shape, strides, offset }) => ({
          bytes: await backend.read(buffer, 0, buffer.byteLength),
          dtype,
          shape,
          offsets: elementOffsets(shape, { strides, offset, count: 0 }),
        })),
      ),
    free: () => {
      for (const buffer of new Set([...inputs, ...outputs].map((binding) => binding.buffer))) {
        backend.free(buffer);
      }
    },
  };
}

function fallback(dtype: DType): Values {
  if (dtype === "i32") return { kind: "integers", low: -50, high: 50 };
  if (dtype === "u32") return { kind: "integers", low: 0, high: 50 };
  if (dtype === "bool") return { kind: "integers", low: 0, high: 1 };
  return { kind: "normal" };
}

/** The first element outside the view that the launch wrote, or undefined. */
export function strayWrite({ bytes, dtype, offsets }: RawOutput): number | undefined {
  const size = bytesPerElement(dtype);
  const owned = new Set(offsets);
  for (let at = 0; at < bytes.length; at++) {
    const element = Math.floor(at / size);
    if (!owned.has(element) && bytes[at] !== sentinel) return element;
  }
  return undefined;
}

export function describeSpec({ note, inputs, outputs }: LaunchSpec): string {
  const one = ({ dtype = "f32", shape, layout = "contiguous" }: BindingSpec) =>
    `${dtype}[${shape.join(",")}]${layout === "contiguous" ? "" : ` ${layout}`}`;
  const text = `${inputs.map(one).join(", ")} → ${outputs.map(one).join(", ")}`;
  return note === undefined ? text : `${note}: ${text}`;
}
