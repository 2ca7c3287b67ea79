// The model of the train-step suite: its sizes, its parameters and its data, the same for every engine.

import { inputs } from "./engine.ts";

export interface DecoderSize {
  readonly batch: number;
  readonly time: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly hidden: number;
  readonly vocabulary: number;
}

export interface Parameter {
  readonly name: string;
  readonly shape: number[];
  readonly values: Float32Array<ArrayBuffer>;
}

/** Weights are [in, out]; norms are ones; the head is [V, D]. */
export function decoderParameters(size: DecoderSize): Parameter[] {
  const { time, width, layers, hidden, vocabulary } = size;
  let seed = 1;
  const weight = (name: string, ...shape: number[]): Parameter => {
    const values = inputs(
      shape.reduce((a, b) => a * b, 1),
      seed++,
    );
    for (let i = 0; i < values.length; i++) values[i]! *= 1.7 / Math.sqrt(width);
    return { name, shape, values };
  };
  const norm = (name: string): Parameter => ({
    name,
    shape: [width],
    values: new Float32Array(width).fill(1),
  });
  return [
    weight("embedding", vocabulary, width),
    weight("position", time, width),
    ...Array.from({ length: layers }, (_, l) => [
      norm(`${l}.norm1`),
      weight(`${l}.q`, width, width),
      weight(`${l}.k`, width, width),
      weight(`${l}.v`, width, width),
      weight(`${l}.o`, width, width),
      norm(`${l}.norm2`),
      weight(`${l}.up`, width, hidden),
      weight(`${l}.down`, hidden, width),
    ]).flat(),
    norm("norm"),
    weight("head", vocabulary, width),
  ];
}

export function tokens({ batch, time, vocabulary }: DecoderSize): {
  input: Int32Array<ArrayBuffer>;
  target: Int32Array<ArrayBuffer>;
} {
  const ids = Int32Array.from(inputs(batch * time + 1, 99), (x) =>
    Math.floor(((x + 1) / 2) * vocabulary),
  );
  return { input: ids.slice(0, -1), target: ids.slice(1) };
}

/** As engines are compared: the products, forward and backward. */
export function stepFlops({
  batch,
  time,
  width,
  layers,
  heads,
  hidden,
  vocabulary,
}: DecoderSize): number {
  const linear = layers * (4 * width ** 2 + 2 * width * hidden) + vocabulary * width;
  return 6 * batch * time * linear + 12 * batch * heads * time ** 2 * (width / heads) * layers;
}

/** Of the token that comes next in each sequence. */
export function nextTokens({ batch, vocabulary }: DecoderSize): Int32Array<ArrayBuffer> {
  return Int32Array.from(inputs(batch, 98), (x) => Math.floor(((x + 1) / 2) * vocabulary));
}

/** Keys and values [B, H, capacity, D/H] of each layer; the places after the seen tokens are zeros. */
export function caches(
  { batch, time, width, layers, heads }: DecoderSize,
  capacity: number,
): { keys: Float32Array<ArrayBuffer>; values: Float32Array<ArrayBuffer> }[] {
  const row = width / heads;
  const fill = (seed: number): Float32Array<ArrayBuffer> => {
    const seen = inputs(batch * heads * time * row, seed);
    const all = new Float32Array(batch * heads * capacity * row);
    for (let i = 0; i < batch * heads; i++)
      all.set(seen.subarray(i * time * row, (i + 1) * time * row), i * capacity * row);
    return all;
  };
  return Array.from({ length: layers }, (_, l) => ({
    keys: fill(1000 + 2 * l),
    values: fill(1001 + 2 * l),
  }));
}
