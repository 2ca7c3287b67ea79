// Whether a tile of subgroup matrices is as exact as f32 sums are, on this very adapter: hardware may cut
// f32 down to tf32 or add up in f16, and the feature is an experiment. Compared with a tile of threads, in all
// layouts and at ragged ends.

import { SixtyoneError } from "@sixtyone/tensor/backend";
import type { MatrixTileName } from "../kernels/matrix-tiles.ts";
import type { Product } from "../kernels/product.ts";
import type { TileName } from "../kernels/tiles.ts";
import { multiplyIn, type Bench, type Operands } from "./bench.ts";

interface Layout {
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  readonly flipsA: boolean;
  readonly flipsB: boolean;
}

/** Whole tiles read four elements at a time, and the ragged ones of which nothing is a multiple. */
const layouts: readonly Layout[] = [
  { rows: 256, columns: 128, inner: 288, flipsA: false, flipsB: false },
  { rows: 256, columns: 128, inner: 288, flipsA: true, flipsB: true },
  { rows: 141, columns: 75, inner: 301, flipsA: false, flipsB: true },
  { rows: 141, columns: 75, inner: 301, flipsA: true, flipsB: false },
];

/**
 * The largest difference, in units of Σ |a·b|. Sums of 300 terms in f32 differ by some 2⁻²⁰ whatever their
 * order, also where hardware cuts off instead of rounding; products in tf32 by 2⁻¹⁴, sums in f16 by 2⁻¹².
 */
const tolerance = 2 ** -17;

interface Values {
  readonly numbers: Float32Array;
  readonly bytes: Uint8Array;
}

/** Numbers below 1 with all the bits of their dtype. */
function randomValues(count: number, dtype: Operands, seed: number): Values {
  let state = seed;
  const word = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0);
  const numbers = new Float32Array(count);
  if (dtype === "f32") {
    for (let i = 0; i < count; i++) numbers[i] = word() / 2 ** 31 - 1;
    return { numbers, bytes: new Uint8Array(numbers.buffer) };
  }
  const bits = new Uint16Array(count + (count % 2));
  for (let i = 0; i < count; i++) {
    const [sign, exponent, fraction] = [word() >>> 31, 11 + (word() >>> 30), word() >>> 22];
    bits[i] = (sign << 15) | (exponent << 10) | fraction;
    numbers[i] = (1 - 2 * sign) * 2 ** (exponent - 15) * (1 + fraction / 1024);
  }
  return { numbers, bytes: new Uint8Array(bits.buffer) };
}

/** Σ |a·b| of every element of C. */
function sizes(a: Float32Array, b: Float32Array, layout: Layout): Float64Array {
  const { rows, columns, inner, flipsA, flipsB } = layout;
  const sums = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < inner; k++) {
      const left = Math.abs(a[flipsA ? k * rows + i : i * inner + k]!);
      for (let j = 0; j < columns; j++) {
        sums[i * columns + j]! += left * Math.abs(b[flipsB ? j * inner + k : k * columns + j]!);
      }
    }
  }
  return sums;
}

async function agreesIn(
  bench: Bench,
  tile: MatrixTileName,
  plain: TileName,
  dtype: Operands,
  layout: Layout,
): Promise<boolean> {
  const { pool, write, read, finish } = bench;
  const { rows, columns, inner, flipsA, flipsB } = layout;
  const [a, b] = [randomValues(rows * inner, dtype, 1), randomValues(inner * columns, dtype, 2)];
  const memory = [a.bytes.byteLength, b.bytes.byteLength, rows * columns * 4].map((bytes) =>
    pool.take(bytes),
  );
  const [left, right, into] = memory as [
    (typeof memory)[0],
    (typeof memory)[0],
    (typeof memory)[0],
  ];
  const product: Product = {
    rows,
    columns,
    inner,
    a: {
      block: left,
      dtype,
      offset: 0,
      rowStride: flipsA ? 1 : inner,
      columnStride: flipsA ? rows : 1,
    },
    b: {
      block: right,
      dtype,
      offset: 0,
      rowStride: flipsB ? 1 : columns,
      columnStride: flipsB ? inner : 1,
    },
    c: { block: into, offset: 0, rowStride: columns },
  };
  const result = async (name: MatrixTileName | TileName): Promise<Float32Array> => {
    multiplyIn(bench, name, product);
    await finish();
    const bytes = await read(into, rows * columns * 4);
    return new Float32Array(bytes.buffer, bytes.byteOffset, rows * columns);
  };
  try {
    write(left, a.bytes);
    write(right, b.bytes);
    const expected = await result(plain);
    // What a tile leaves out must not show the other's result.
    write(into, new Uint8Array(rows * columns * 4).fill(0xff));
    const got = await result(tile);
    const size = sizes(a.numbers, b.numbers, layout);
    return got.every((value, i) => Math.abs(value - expected[i]!) <= tolerance * size[i]!);
  } finally {
    for (const block of memory) pool.give(block);
  }
}

export async function isExact(
  bench: Bench,
  tile: MatrixTileName,
  plain: TileName,
  dtype: Operands,
): Promise<boolean> {
  try {
    for (const layout of layouts) {
      if (!(await agreesIn(bench, tile, plain, dtype, layout))) return false;
    }
    return true;
  } catch (error) {
    // A driver that refuses the shader: as good as a wrong result. What a lost device does to tuning, the
    // next launch says.
    if (error instanceof SixtyoneError && error.code === "BACKEND") return false;
    throw error;
  }
}
