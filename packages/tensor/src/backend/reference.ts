// The reference backend: the contract in plain JavaScript, one short function a primitive. It is slow
// and easy to check by eye, which is its job: it is the oracle of the conformance suite, and the page to
// read before writing a backend of one's own. It brings no fused kernel, so everything composite is
// tested as composition of these ten.
//
// With `precision: "f64"` floats are kept in double precision between launches. Finite differences need
// that: in f32 the rounding of the loss is as large as the difference that is measured.

import { decodeBF16, decodeF16, encodeBF16, encodeF16, isFloat, type DType } from "../dtype.ts";
import { IndexError, OutOfMemoryError } from "../errors.ts";
import { interpret } from "../ir/interpret.ts";
import { threefry2x32 } from "../random/threefry.ts";
import { sizeOf, type Shape } from "../shape.ts";
import type { Backend, Binding, BufferHandle, KernelTable, ReduceOp } from "./contract.ts";

/** `floats` aliases the same bytes, except in f64 mode, where it is memory of its own. */
interface Memory extends BufferHandle {
  readonly bytes: Uint8Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly u16: Uint16Array;
  readonly floats: Float32Array | Float64Array;
  /** f64 mode only: whether `floats`, not `bytes`, holds the latest values. */
  floatsAreLatest: boolean;
}

/** Reads and writes one element of a binding by its flat element offset, as a JavaScript number. */
interface Cells {
  get(at: number): number;
  set(at: number, value: number): void;
}

function cells(binding: Binding): Cells {
  const memory = binding.buffer as Memory;
  switch (binding.dtype) {
    case "f32":
      return {
        get: (at) => memory.floats[at]!,
        set: (at, value) => {
          memory.floats[at] = value;
          memory.floatsAreLatest = true;
        },
      };
    case "i32":
      return { get: (at) => memory.i32[at]!, set: (at, value) => (memory.i32[at] = value) };
    case "u32":
    case "bool":
      return { get: (at) => memory.u32[at]!, set: (at, value) => (memory.u32[at] = value) };
    case "f16":
      return {
        get: (at) => decodeF16(memory.u16[at]!),
        set: (at, value) => (memory.u16[at] = encodeF16(value)),
      };
    case "bf16":
      return {
        get: (at) => decodeBF16(memory.u16[at]!),
        set: (at, value) => (memory.u16[at] = encodeBF16(value)),
      };
  }
}

/** What a float becomes when it is computed: f32, or itself in f64 mode. */
function rounding({ buffer }: Binding): (x: number) => number {
  return (buffer as Memory).floats instanceof Float64Array ? (x) => x : Math.fround;
}

/** Calls `visit` for every coordinate of `shape` in row-major order. The array is reused. */
function forEach(
  shape: Shape,
  visit: (coordinate: readonly number[], index: number) => void,
): void {
  const coordinate = shape.map(() => 0);
  const size = sizeOf(shape);
  for (let index = 0; index < size; index++) {
    visit(coordinate, index);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++coordinate[axis]! < shape[axis]!) break;
      coordinate[axis] = 0;
    }
  }
}

function at(binding: Binding, coordinate: readonly number[]): number {
  let offset = binding.offset;
  for (let axis = 0; axis < coordinate.length; axis++) {
    offset += coordinate[axis]! * binding.strides[axis]!;
  }
  return offset;
}

/** The identity of `op`, of the element type: integers have no infinity, they have a last value. */
function identity(op: ReduceOp, dtype: DType): number {
  if (op === "sum") return 0;
  if (op === "prod") return 1;
  if (isFloat(dtype)) return op === "max" ? -Infinity : Infinity;
  if (dtype === "i32") return op === "max" ? -(2 ** 31) : 2 ** 31 - 1;
  return op === "max" ? 0 : 2 ** 32 - 1;
}

/** Integers wrap at 32 bits, so a product must not grow beyond what a double holds exactly. */
function accumulate(op: ReduceOp, dtype: DType, a: number, b: number): number {
  if (op === "prod" && !isFloat(dtype)) return Math.imul(a, b);
  if (op === "sum") return a + b;
  if (op === "prod") return a * b;
  if (a !== a || b !== b) return NaN;
  return op === "max" ? Math.max(a, b) : Math.min(a, b);
}

/** Sort order of the contract: NaN counts as the largest value. */
function compare(a: number, b: number): number {
  if (a !== a) return b !== b ? 0 : 1;
  return b !== b ? -1 : a - b;
}

/** The offset of each row of a view whose last axis is walked with `stride`. */
function rows(binding: Binding): { starts: number[]; length: number; stride: number } {
  const outer = binding.shape.slice(0, -1);
  const starts: number[] = [];
  forEach(outer, (coordinate) => starts.push(at(binding, coordinate)));
  const axis = binding.shape.length - 1;
  return { starts, length: binding.shape[axis]!, stride: binding.strides[axis]! };
}

/** `binding` with the coordinate along `axis` taken out: that stride is applied by the caller. */
function without(binding: Binding, axis: number): Binding {
  return { ...binding, strides: binding.strides.map((stride, i) => (i === axis ? 0 : stride)) };
}

function assertIndex(op: string, index: number, size: number, axis: number): void {
  if (index < 0 || index >= size) {
    throw new IndexError(`${op}: index ${index} is outside axis ${axis} of size ${size}.`);
  }
}

const kernels: KernelTable = {
  map({ params, inputs, outputs }) {
    const { program, scalars, shape } = params;
    const run = interpret(program, scalars, rounding(outputs[0]!));
    const registers = new Float64Array(program.instructions.length);
    const sources = inputs.map(cells);
    const targets = outputs.map(cells);
    forEach(shape, (coordinate) => {
      run(
        registers,
        (slot) => sources[slot]!.get(at(inputs[slot]!, coordinate)),
        (axis) => coordinate[shape.length + axis]!,
      );
      outputs.forEach((output, i) => {
        targets[i]!.set(at(output, coordinate), registers[program.outputs[i]!.register]!);
      });
    });
  },

  reduce({ params, inputs, outputs }) {
    const { program, scalars, shape, reduceRank, op } = params;
    const run = interpret(program, scalars, rounding(outputs[0]!));
    const registers = new Float64Array(program.instructions.length);
    const sources = inputs.map(cells);
    const target = cells(outputs[0]!);
    const kept = shape.slice(0, shape.length - reduceRank);
    const reduced = shape.slice(shape.length - reduceRank);
    forEach(kept, (outer, index) => {
      let total = identity(op, outputs[0]!.dtype);
      forEach(reduced, (inner) => {
        const coordinate = [...outer, ...inner];
        run(
          registers,
          (slot) => sources[slot]!.get(at(inputs[slot]!, coordinate)),
          (axis) => coordinate[shape.length + axis]!,
        );
        total = accumulate(op, outputs[0]!.dtype, total, registers[program.outputs[0]!.register]!);
      });
      target.set(outputs[0]!.offset + index, total);
    });
  },

  argReduce({ params, inputs, outputs }) {
    const source = cells(inputs[0]!);
    const target = cells(outputs[0]!);
    const { starts, length, stride } = rows(inputs[0]!);
    const sign = params.op === "max" ? 1 : -1;
    starts.forEach((start, row) => {
      let best = 0;
      for (let i = 1; i < length; i++) {
        const value = source.get(start + i * stride);
        const current = source.get(start + best * stride);
        if (current === current && (value !== value || sign * (value - current) > 0)) best = i;
      }
      target.set(outputs[0]!.offset + row, best);
    });
  },

  matmul({ inputs, outputs }) {
    const [a, b] = inputs as [Binding, Binding];
    const [left, right, target] = [cells(a), cells(b), cells(outputs[0]!)];
    const rank = a.shape.length;
    const inner = a.shape[rank - 1]!;
    const columns = b.shape[rank - 1]!;
    forEach(a.shape.slice(0, -1), (coordinate, row) => {
      const startA = at(a, coordinate);
      const startB = at(b, coordinate.slice(0, -1));
      for (let n = 0; n < columns; n++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) {
          const y = right.get(startB + k * b.strides[rank - 2]! + n * b.strides[rank - 1]!);
          sum += left.get(startA + k * a.strides[rank - 1]!) * y;
        }
        target.set(outputs[0]!.offset + row * columns + n, sum);
      }
    });
  },

  gather({ params: { axis }, inputs, outputs, op }) {
    const [source, index] = inputs as [Binding, Binding];
    const [values, indices, target] = [cells(source), cells(index), cells(outputs[0]!)];
    const lines = without(source, axis);
    forEach(index.shape, (coordinate, i) => {
      const position = indices.get(at(index, coordinate));
      assertIndex(op, position, source.shape[axis]!, axis);
      const from = at(lines, coordinate) + position * source.strides[axis]!;
      target.set(outputs[0]!.offset + i, values.get(from));
    });
  },

  scatterAdd({ params: { axis }, inputs, outputs, op }) {
    const [base, index, source] = inputs as [Binding, Binding, Binding];
    const [start, indices, values] = [cells(base), cells(index), cells(source)];
    const output = outputs[0]!;
    const target = cells(output);
    forEach(output.shape, (c, i) => target.set(output.offset + i, start.get(at(base, c))));
    const lines = without(output, axis);
    forEach(index.shape, (coordinate) => {
      const position = indices.get(at(index, coordinate));
      assertIndex(op, position, output.shape[axis]!, axis);
      const to = at(lines, coordinate) + position * output.strides[axis]!;
      target.set(to, target.get(to) + values.get(at(source, coordinate)));
    });
  },

  scan({ params: { op, exclusive, reverse }, inputs, outputs }) {
    const [source, target] = [cells(inputs[0]!), cells(outputs[0]!)];
    const { starts, length, stride } = rows(inputs[0]!);
    starts.forEach((start, row) => {
      let total = identity(op, outputs[0]!.dtype);
      for (let step = 0; step < length; step++) {
        const i = reverse ? length - 1 - step : step;
        const next = accumulate(op, outputs[0]!.dtype, total, source.get(start + i * stride));
        target.set(outputs[0]!.offset + row * length + i, exclusive ? total : next);
        total = next;
      }
    });
  },

  sort({ params: { descending, k }, inputs, outputs }) {
    const source = cells(inputs[0]!);
    const [values, indices] = outputs.map(cells) as [Cells, Cells];
    const { starts, length, stride } = rows(inputs[0]!);
    starts.forEach((start, row) => {
      const keys = Array.from({ length }, (_, i) => source.get(start + i * stride));
      const order = keys.map((_, i) => i);
      order.sort((i, j) => (descending ? -1 : 1) * compare(keys[i]!, keys[j]!) || i - j);
      for (let i = 0; i < k; i++) {
        values.set(outputs[0]!.offset + row * k + i, keys[order[i]!]!);
        indices.set(outputs[1]!.offset + row * k + i, order[i]!);
      }
    });
  },

  countingSort({ params: { bins }, inputs, outputs, op }) {
    const source = cells(inputs[0]!);
    const [order, offsets] = outputs.map(cells) as [Cells, Cells];
    const { starts, length, stride } = rows(inputs[0]!);
    const runs = Array.from({ length: bins }, (): number[] => []);
    for (let i = 0; i < length; i++) {
      const key = source.get(starts[0]! + i * stride);
      assertIndex(op, key, bins, 0);
      runs[key]!.push(i);
    }
    let position = 0;
    runs.forEach((run, bin) => {
      offsets.set(outputs[1]!.offset + bin, position);
      for (const i of run) order.set(outputs[0]!.offset + position++, i);
    });
    offsets.set(outputs[1]!.offset + bins, position);
  },

  random({ inputs, outputs }) {
    const state = cells(inputs[0]!);
    const target = cells(outputs[0]!);
    const [key0, key1, low, high] = [0, 1, 2, 3].map((i) =>
      state.get(inputs[0]!.offset + i * inputs[0]!.strides[0]!),
    ) as [number, number, number, number];
    const words = new Uint32Array(2);
    const size = sizeOf(outputs[0]!.shape);
    for (let i = 0; i < size; i++) {
      if (i % 2 === 0) {
        const counter = low + i / 2; // the counter is 64 bits wide: carry into its high word
        const carry = Math.floor(counter / 2 ** 32);
        threefry2x32(key0, key1, counter % 2 ** 32, (high + carry) % 2 ** 32, words);
      }
      target.set(outputs[0]!.offset + i, words[i % 2]!);
    }
  },
};

export interface ReferenceOptions {
  /** "f64" keeps floats in double precision between launches; default "f32". */
  readonly precision?: "f32" | "f64";
  /** Refuses allocations beyond this many bytes in all; default 2 GiB. */
  readonly maxBytes?: number;
}

/** The plain JavaScript backend. Throws OutOfMemoryError beyond `maxBytes`. */
export function reference(options: ReferenceOptions = {}): Backend {
  const { precision = "f32", maxBytes = 2 ** 31 } = options;
  let usedBytes = 0;

  function latestBytes(memory: Memory): Uint8Array {
    if (precision === "f64" && memory.floatsAreLatest) {
      memory.bytes.set(new Uint8Array(new Float32Array(memory.floats).buffer));
    }
    return memory.bytes;
  }

  function readSync(buffer: BufferHandle, byteOffset: number, byteLength: number): Uint8Array {
    return latestBytes(buffer as Memory).slice(byteOffset, byteOffset + byteLength);
  }

  return {
    name: "reference",
    capabilities: {
      description: `reference JavaScript, ${precision}`,
      maxBindings: 64,
      maxBufferBytes: maxBytes,
      threads: 1,
    },
    alloc(byteLength): Memory {
      if (usedBytes + byteLength > maxBytes) {
        throw new OutOfMemoryError(
          `reference: ${byteLength} bytes asked, ${usedBytes} of ${maxBytes} in use. ` +
            `Dispose tensors, or raise maxBytes.`,
        );
      }
      usedBytes += byteLength;
      const data = new ArrayBuffer(Math.ceil(byteLength / 4) * 4);
      return {
        byteLength,
        bytes: new Uint8Array(data),
        i32: new Int32Array(data),
        u32: new Uint32Array(data),
        u16: new Uint16Array(data),
        floats:
          precision === "f64" ? new Float64Array(data.byteLength / 4) : new Float32Array(data),
        floatsAreLatest: false,
      };
    },
    free(buffer) {
      usedBytes -= buffer.byteLength;
    },
    write(buffer, byteOffset, bytes) {
      const memory = buffer as Memory;
      latestBytes(memory).set(bytes, byteOffset);
      if (precision === "f64") memory.floats.set(new Float32Array(memory.bytes.buffer));
      memory.floatsAreLatest = false;
    },
    read: (buffer, byteOffset, byteLength) =>
      Promise.resolve(readSync(buffer, byteOffset, byteLength)),
    readSync,
    run(launch) {
      const kernel = kernels[launch.kernel] as ((work: typeof launch) => void) | undefined;
      kernel!(launch);
    },
    supports: (launch) => launch.kernel in kernels,
    flush() {},
    sync: () => Promise.resolve(),
    dispose() {},
  };
}
