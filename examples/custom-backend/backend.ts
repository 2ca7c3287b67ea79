// A backend of one's own, with nothing but the ten primitives: enough to train anything. Programs become
// JavaScript functions (generate.ts); everything else is loops over strided views.

import {
  bytesPerElement,
  decodeBF16,
  decodeF16,
  encodeBF16,
  encodeF16,
  IndexError,
  OutOfMemoryError,
  sizeOf,
  threefry2x32,
  viewBytes,
  type Backend,
  type Binding,
  type BufferHandle,
  type KernelTable,
  type ReduceOp,
  type Shape,
} from "@sixtyone/tensor/backend";
import { compile } from "./generate.ts";

interface Bytes extends BufferHandle {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** One element at an offset, in and out. */
function cell({ buffer, dtype }: Binding): {
  get(i: number): number;
  set(i: number, x: number): void;
} {
  const { bytes } = buffer as Bytes;
  const words = viewBytes(dtype, bytes.buffer, 0, bytes.byteLength / bytesPerElement(dtype));
  const [encode, decode] =
    dtype === "f16" ? [encodeF16, decodeF16] : dtype === "bf16" ? [encodeBF16, decodeBF16] : [];
  return {
    get: decode ? (i) => decode(words[i]!) : (i) => words[i]!,
    set: encode ? (i, x) => void (words[i] = encode(x)) : (i, x) => void (words[i] = x),
  };
}

/** The n-th coordinate of a shape, row-major. */
function coordinates(shape: Shape): number[][] {
  return Array.from({ length: sizeOf(shape) }, (_, n) => {
    let rest = n;
    return shape.map((_size, axis) => {
      const inner = sizeOf(shape.slice(axis + 1));
      const at = Math.floor(rest / inner);
      rest %= inner;
      return at;
    });
  });
}

function offset({ offset: start, strides }: Binding, at: readonly number[]): number {
  return at.reduce((sum, c, axis) => sum + c * strides[axis]!, start);
}

/** Offsets of the elements of each row along the last axis. */
function rows(binding: Binding): number[][] {
  const length = binding.shape.at(-1)!;
  return coordinates(binding.shape.slice(0, -1)).map((outer) =>
    Array.from({ length }, (_, i) => offset(binding, [...outer, i])),
  );
}

const start = { sum: 0, prod: 1, max: -Infinity, min: Infinity } as const;

const combine: { readonly [Op in ReduceOp]: (a: number, b: number) => number } = {
  sum: (a, b) => a + b,
  prod: (a, b) => a * b,
  max: (a, b) => (a !== a || b !== b ? NaN : Math.max(a, b)),
  min: (a, b) => (a !== a || b !== b ? NaN : Math.min(a, b)),
};

/** Totals wrap for integers; the largest and smallest i32 and u32 stand in for infinities. */
function fold(
  op: ReduceOp,
  { dtype }: Binding,
): { first: number; next(a: number, b: number): number } {
  if (dtype !== "i32" && dtype !== "u32") return { first: start[op], next: combine[op] };
  const wrap = dtype === "i32" ? (x: number) => x | 0 : (x: number) => x >>> 0;
  const [low, high] = dtype === "i32" ? [-(2 ** 31), 2 ** 31 - 1] : [0, 2 ** 32 - 1];
  const first = op === "max" ? low : op === "min" ? high : start[op];
  return { first, next: (a, b) => wrap(op === "prod" ? Math.imul(a, b) : combine[op](a, b)) };
}

function checked(op: string, index: number, size: number): number {
  if (index >= 0 && index < size) return index;
  throw new IndexError(`${op}: index ${index} is outside an axis of size ${size}.`);
}

function replaced(at: readonly number[], axis: number, value: number): number[] {
  return at.map((c, i) => (i === axis ? value : c));
}

const kernels: KernelTable = {
  map({ params: { program, scalars, shape }, inputs, outputs }) {
    const evaluate = compile(program);
    const [sources, targets] = [inputs.map(cell), outputs.map(cell)];
    for (const at of coordinates(shape)) {
      const load = (slot: number): number => sources[slot]!.get(offset(inputs[slot]!, at));
      const values = evaluate(load, (axis) => at[shape.length + axis]!, scalars);
      values.forEach((x, i) => targets[i]!.set(offset(outputs[i]!, at), x));
    }
  },
  reduce({ params: { program, scalars, shape, reduceRank, op }, inputs, outputs }) {
    const evaluate = compile(program);
    const sources = inputs.map(cell);
    const [output] = outputs as [Binding];
    const { first, next } = fold(op, output);
    const inner = coordinates(shape.slice(shape.length - reduceRank));
    coordinates(shape.slice(0, shape.length - reduceRank)).forEach((outer, i) => {
      let total: number = first;
      for (const rest of inner) {
        const at = [...outer, ...rest];
        const load = (slot: number): number => sources[slot]!.get(offset(inputs[slot]!, at));
        total = next(total, evaluate(load, (axis) => at[shape.length + axis]!, scalars)[0]!);
      }
      cell(output).set(output.offset + i, total);
    });
  },
  argReduce({ params: { op }, inputs: [input], outputs: [output] }) {
    const [source, target] = [cell(input!), cell(output!)];
    const better = (a: number, b: number): boolean => (op === "max" ? a > b : a < b);
    rows(input!).forEach((row, i) => {
      const values = row.map(source.get);
      const nan = values.findIndex((x) => x !== x);
      const best = values.reduce((top, x, k) => (better(x, values[top]!) ? k : top), 0);
      target.set(output!.offset + i, nan >= 0 ? nan : best);
    });
  },
  matmul({ inputs: [a, b], outputs: [output] }) {
    const [left, right, target] = [cell(a!), cell(b!), cell(output!)];
    const K = a!.shape.at(-1)!;
    for (const at of coordinates(output!.shape)) {
      const batch = at.slice(0, -2);
      const [m, n] = at.slice(-2) as [number, number];
      let sum = 0;
      for (let k = 0; k < K; k++) {
        sum += left.get(offset(a!, [...batch, m, k])) * right.get(offset(b!, [...batch, k, n]));
      }
      target.set(offset(output!, at), sum);
    }
  },
  gather({ op, params: { axis }, inputs: [source, index], outputs: [output] }) {
    const [values, indices, target] = [cell(source!), cell(index!), cell(output!)];
    for (const at of coordinates(index!.shape)) {
      const position = checked(op, indices.get(offset(index!, at)), source!.shape[axis]!);
      target.set(offset(output!, at), values.get(offset(source!, replaced(at, axis, position))));
    }
  },
  scatterAdd({ op, params: { axis }, inputs: [base, index, source], outputs: [output] }) {
    const [start_, indices, values, target] = [
      cell(base!),
      cell(index!),
      cell(source!),
      cell(output!),
    ];
    for (const at of coordinates(output!.shape))
      target.set(offset(output!, at), start_.get(offset(base!, at)));
    for (const at of coordinates(index!.shape)) {
      const position = checked(op, indices.get(offset(index!, at)), output!.shape[axis]!);
      const to = offset(output!, replaced(at, axis, position));
      target.set(to, target.get(to) + values.get(offset(source!, at)));
    }
  },
  scan({ params: { op, exclusive, reverse }, inputs: [input], outputs: [output] }) {
    const [source, target] = [cell(input!), cell(output!)];
    const { first, next } = fold(op, output!);
    const outputs = rows(output!);
    rows(input!).forEach((row, r) => {
      let total: number = first;
      for (const i of reverse ? [...row.keys()].reverse() : row.keys()) {
        const sum = next(total, source.get(row[i]!));
        target.set(outputs[r]![i]!, exclusive ? total : sum);
        total = sum;
      }
    });
  },
  sort({ params: { descending, k }, inputs: [input], outputs: [values, indices] }) {
    const [source, keys, places] = [cell(input!), cell(values!), cell(indices!)];
    const rank = (x: number): number => (x !== x ? 1 : 0);
    rows(input!).forEach((row, r) => {
      const all = row.map(source.get);
      const order = all
        .map((_, i) => i)
        .sort((i, j) => {
          const [x, y] = [all[i]!, all[j]!];
          const compared = rank(x) - rank(y) || (rank(x) ? 0 : x < y ? -1 : x > y ? 1 : 0);
          return (descending ? -compared : compared) || i - j;
        });
      order.slice(0, k).forEach((from, i) => {
        keys.set(values!.offset + r * k + i, all[from]!);
        places.set(indices!.offset + r * k + i, from);
      });
    });
  },
  countingSort({ op, params: { bins }, inputs: [input], outputs: [order, offsets] }) {
    const source = cell(input!);
    const keys = (rows(input!)[0] ?? []).map((at) => checked(op, source.get(at), bins));
    const sorted = keys.map((_, i) => i).sort((i, j) => keys[i]! - keys[j]! || i - j);
    sorted.forEach((from, i) => cell(order!).set(order!.offset + i, from));
    for (let bin = 0; bin <= bins; bin++) {
      cell(offsets!).set(offsets!.offset + bin, keys.filter((key) => key < bin).length);
    }
  },
  random({ inputs: [state], outputs: [output] }) {
    const words = rows(state!)[0]!.map(cell(state!).get) as [number, number, number, number];
    const pair = new Uint32Array(2);
    for (let i = 0; i < sizeOf(output!.shape); i++) {
      const low = words[2] + Math.floor(i / 2);
      const high = (words[3] + Math.floor(low / 2 ** 32)) % 2 ** 32;
      threefry2x32(words[0], words[1], low % 2 ** 32, high, pair);
      cell(output!).set(output!.offset + i, pair[i % 2]!);
    }
  },
};

/** The backend. `maxBytes` bounds what it hands out in all. */
export function customBackend(maxBytes: number = 2 ** 30): Backend {
  let used = 0;
  let lastSource: string | undefined;
  const readSync = ({ bytes }: Bytes, from: number, length: number): Uint8Array =>
    bytes.slice(from, from + length);
  return {
    name: "custom",
    capabilities: {
      description: "generated JavaScript",
      maxBindings: 64,
      maxBufferBytes: maxBytes,
      threads: 1,
    },
    alloc(byteLength): Bytes {
      if (used + byteLength > maxBytes) {
        throw new OutOfMemoryError(
          `custom: ${byteLength} bytes asked, ${used} of ${maxBytes} in use.`,
        );
      }
      used += byteLength;
      return { byteLength, bytes: new Uint8Array(Math.ceil(byteLength / 4) * 4) };
    },
    free: ({ byteLength }) => void (used -= byteLength),
    write: (buffer, at, bytes) => (buffer as Bytes).bytes.set(bytes, at),
    read: async (buffer, at, length) => readSync(buffer as Bytes, at, length),
    readSync: (buffer, at, length) => readSync(buffer as Bytes, at, length),
    run(launch) {
      lastSource = "program" in launch.params ? compile(launch.params.program).source : undefined;
      (kernels[launch.kernel] as (work: typeof launch) => void)(launch);
    },
    generatedSource: () => lastSource,
    supports: ({ kernel }) => kernel in kernels,
    flush() {},
    sync: async () => {},
    dispose() {},
  };
}
