// A product of random matrices against sums in float64, for tests of what products are computed in.

import { tensor, type Device, type DType, type Tensor } from "@sixtyone/tensor";

export interface ProductShape {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  /** Stored transposed. */
  readonly flipsA?: boolean;
  readonly flipsB?: boolean;
  readonly dtype?: DType;
}

let state = 1;
function random(): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 31 - 1;
}

/** The largest error in units of what rounding allows. */
export async function errorOf(device: Device, shape: ProductShape): Promise<number> {
  const {
    batch: B,
    rows: M,
    columns: N,
    inner: K,
    flipsA = false,
    flipsB = false,
    dtype = "f32",
  } = shape;
  const make = async (
    rows: number,
    columns: number,
    flips: boolean,
  ): Promise<{ x: Tensor; at: (b: number, i: number, j: number) => number }> => {
    const values = Float32Array.from({ length: B * rows * columns }, random);
    const stored = tensor(device, values, {
      shape: flips ? [B, columns, rows] : [B, rows, columns],
    }).cast(dtype);
    const rounded = (await stored.cast("f32").data()) as Float32Array;
    const at = (b: number, i: number, j: number): number =>
      rounded[b * rows * columns + (flips ? j * rows + i : i * columns + j)]!;
    return { x: flips ? stored.permute([0, 2, 1]) : stored, at };
  };
  const [a, b] = [await make(M, K, flipsA), await make(K, N, flipsB)];
  const c = (await a.x.matmul(b.x).cast("f32").data()) as Float32Array;
  let worst = 0;
  for (let q = 0; q < B; q++) {
    for (let i = 0; i < M; i++) {
      for (let j = 0; j < N; j++) {
        let [sum, size] = [0, 0];
        for (let k = 0; k < K; k++) {
          const term = a.at(q, i, k) * b.at(q, k, j);
          sum += term;
          size += Math.abs(term);
        }
        const unit = dtype === "f32" ? 2 ** -24 * K : 2 ** (dtype === "f16" ? -10 : -7);
        worst = Math.max(worst, Math.abs(c[(q * M + i) * N + j]! - sum) / (unit * size + 1e-30));
      }
    }
  }
  return worst;
}
