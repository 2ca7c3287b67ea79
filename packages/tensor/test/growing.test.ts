// A growing sequence compiles nothing new: programs are keyed by what they compute, never by a size, so
// what a backend compiled for one length serves every other.

import { expect, test } from "vitest";
import {
  attention,
  concat,
  createDevice,
  Generator,
  linear,
  linearLogProb,
  rmsNorm,
  rope,
  tensor,
  zeros,
  type Tensor,
} from "../src/index.ts";
import { reference, type Launch } from "../src/backend/index.ts";

const [heads, width, vocabulary] = [2, 8, 11];

test("a decoder forward and backward at lengths 4..24: no program that lengths 2 and 3 did not have", async () => {
  const device = createDevice(reference());
  const generator = new Generator(device, 61);
  const parameter = (shape: number[]) =>
    generator.normal(shape, 0, 0.3).eval().detach().requiresGrad_();
  const [table, norm, qkv, out] = [
    parameter([vocabulary, width]),
    parameter([width]),
    parameter([3 * width, width]),
    parameter([width, width]),
  ];
  const seen = new Map<string, number>();
  let length = 0;
  const stop = device.observe((launch: Launch, run) => {
    const key = launch.kernel + ("program" in launch.params ? ` ${launch.params.program.key}` : "");
    if (!seen.has(key)) seen.set(key, length);
    run();
  });

  const turns = (angle: (t: number) => number, T: number): Tensor =>
    tensor(
      device,
      Float32Array.from({ length: (T * width) / heads / 2 }, (_, i) => angle(i)),
      {
        shape: [T, width / heads / 2],
      },
    );
  // The second step is the first that adds to gradients.
  for (length = 2; length <= 24; length++) {
    using _scope = device.scope();
    const T = length;
    const ids = tensor(
      device,
      Int32Array.from({ length: T }, (_, i) => i % vocabulary),
    );
    const x = table.indexSelect(0, ids); // [T, D]
    const parts = linear(rmsNorm(x, norm), qkv)
      .reshape([1, T, 3, heads, width / heads])
      .permute([2, 0, 3, 1, 4]);
    const rotate = (part: Tensor) => rope(part, turns(Math.cos, T), turns(Math.sin, T));
    const [q, k, v] = [rotate(parts.select(0, 0)), rotate(parts.select(0, 1)), parts.select(0, 2)];
    // A cache that grows: what decoding does with keys and values.
    const past = zeros(device, [1, heads, T, width / heads]);
    const mixed = attention(q, concat([past, k], 2), concat([past, v], 2), { causal: true });
    const y = x.add(linear(mixed.permute([0, 2, 1, 3]).reshape([T, width]), out)).softmax(-1);
    const loss = linearLogProb(y, table, ids).logProb.mean().neg();
    loss.backward();
    expect(Number.isFinite(await loss.item())).toBe(true);
  }
  stop();
  expect(seen.size).toBeGreaterThan(20);
  expect([...seen].filter(([, since]) => since > 3)).toEqual([]);
});
