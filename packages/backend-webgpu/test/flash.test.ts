// Attention in one pass, at the head sizes of DeepSeek-V3 and in the shapes of decoding, against the products
// that software adapters do; and the workgroup memory it takes.

import { attention, createDevice, tensor, type Tensor } from "@sixtyone/tensor";
import { describe, expect, it } from "vitest";
import { memoryText } from "../src/kernels/flash-text.ts";
import { hasAdapter, openBackend } from "./adapter.ts";
import { hardwareTuning } from "./hardware-tuning.ts";

interface Shape {
  readonly B: number;
  readonly H: number;
  readonly T: number;
  readonly S: number;
  readonly dqk: number;
  readonly dv: number;
  readonly causal: boolean;
  readonly masked?: boolean;
  /** All heads see the same keys, as in the absorbed form. */
  readonly shared?: boolean;
  readonly forwardOnly?: boolean;
}

const shapes: readonly (readonly [string, Shape])[] = [
  [
    "queries and keys in several tiles",
    { B: 2, H: 3, T: 40, S: 40, dqk: 32, dv: 32, causal: true },
  ],
  [
    "a mask, more keys than queries, odd sizes",
    { B: 1, H: 2, T: 33, S: 50, dqk: 24, dv: 20, causal: true, masked: true },
  ],
  [
    "more queries than keys: the first see nothing",
    { B: 1, H: 2, T: 9, S: 5, dqk: 8, dv: 8, causal: true },
  ],
  [
    "latent attention expanded, 192 and 128",
    { B: 1, H: 1, T: 20, S: 20, dqk: 192, dv: 128, causal: true },
  ],
  [
    "decoding over a shared cache, 576 and 512",
    { B: 1, H: 2, T: 1, S: 1000, dqk: 576, dv: 512, causal: true, shared: true, forwardOnly: true },
  ],
  [
    "a few queries over a long shared cache",
    { B: 1, H: 4, T: 3, S: 300, dqk: 24, dv: 16, causal: true, shared: true },
  ],
];

let state = 1;
function random(count: number): Float32Array {
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

type Values = Float32Array[];

async function run(
  device: ReturnType<typeof createDevice>,
  shape: Shape,
  [q, k, v, mask, upstream]: Values,
): Promise<Values> {
  const { B, H, T, S, dqk, dv, causal, masked, shared, forwardOnly } = shape;
  const G = shared ? 1 : H;
  using scope = device.scope();
  void scope;
  const leaf = (values: Float32Array, dims: number[]): Tensor =>
    tensor(device, values, { shape: dims }).requiresGrad_();
  const [query, key, value] = [
    leaf(q!, [B, H, T, dqk]),
    leaf(k!, [B, G, S, dqk]),
    leaf(v!, [B, G, S, dv]),
  ];
  const bias = masked ? tensor(device, mask!, { shape: [T, S] }).expand([B, H, T, S]) : undefined;
  const o = attention(query, key.expand([B, H, S, dqk]), value.expand([B, H, S, dv]), {
    scale: 0.3,
    causal,
    ...(bias ? { mask: bias } : {}),
  });
  const results = [(await o.data()) as Float32Array];
  if (forwardOnly) return results;
  o.mul(tensor(device, upstream!, { shape: [B, H, T, dv] }))
    .sum()
    .backward();
  for (const x of [query, key, value]) results.push((await x.grad!.data()) as Float32Array);
  return results;
}

describe.skipIf(!hasAdapter)("attention in one pass", () => {
  it.for(shapes)("%s", { timeout: 300_000 }, async ([, shape]) => {
    const { B, H, T, S, dqk, dv } = shape;
    const values = [B * H * T * dqk, B * H * S * dqk, B * H * S * dv, T * S, B * H * T * dv].map(
      random,
    );
    if (shape.shared) {
      values[1] = values[1]!.slice(0, B * S * dqk);
      values[2] = values[2]!.slice(0, B * S * dv);
    }
    // A third of the keys are out of sight of each query.
    values[3] = values[3]!.map((x) => (x > 0.4 ? -Infinity : x));
    const [products, onePass] = [
      createDevice(await openBackend({ tuning: { lanes: 1 } })),
      createDevice(await openBackend({ tuning: hardwareTuning })),
    ];
    const expected = await run(products, shape, values);
    const actual = await run(onePass, shape, values);
    expected.forEach((wanted, i) => {
      let worst = 0;
      wanted.forEach(
        (x, at) => (worst = Math.max(worst, Math.abs(x - actual[i]![at]!) / (1 + Math.abs(x)))),
      );
      expect(worst).toBeLessThan(5e-6);
    });
    products.dispose();
    onePass.dispose();
  });
});

describe("workgroup memory of attention", () => {
  it("fits the 16 KiB that every adapter has", () => {
    // Rows a thread, and the most columns it may have with them, as the kernels choose.
    const choices = [
      [4, 8],
      [2, 16],
      [1, 36],
      [2, 12],
      [1, 16],
    ] as const;
    for (const [perY, perC] of choices) {
      for (const perX of [1, 2]) {
        const sizes = [...memoryText({ perY, perX }, perC).matchAll(/array<f32, (\d+)>/g)].map(
          (match) => Number(match[1]),
        );
        expect(sizes).toHaveLength(5);
        expect(4 * sizes.reduce((a, b) => a + b)).toBeLessThanOrEqual(16384);
      }
    }
  });
});
