// Lengths are parameters of a launch, not part of a shader: a sequence that grows compiles nothing new.

import {
  attention,
  createDevice,
  cumsum,
  embedding,
  gelu,
  rmsNorm,
  sort,
  tensor,
  zeros,
} from "@sixtyone/tensor";
import { describe, expect, it } from "vitest";
import { hasAdapter, openBackend } from "./adapter.ts";
import { hardwareTuning } from "./hardware-tuning.ts";

describe.skipIf(!hasAdapter)("pipelines of growing shapes", () => {
  const profiles = [
    ["this adapter's kernels", {}],
    ["the kernels of GPUs", { tuning: hardwareTuning }],
  ] as const;
  it.for(profiles)("%s", { timeout: 300_000 }, async ([, options]) => {
    const backend = await openBackend(options);
    const device = createDevice(backend);
    const weight = zeros(device, [64, 96]);
    const scale = zeros(device, [64]);
    const run = (length: number): Promise<unknown> => {
      using scope = device.scope();
      void scope;
      const x = zeros(device, [1, length, 64]).requiresGrad_();
      const heads = rmsNorm(x, scale, 1e-5).reshape([1, length, 4, 16]).permute([0, 2, 1, 3]);
      const query = heads.narrow(2, length - 3, 3);
      const whole = attention(heads, heads, heads, { scale: 1, causal: true }).sum();
      const decoding = attention(query, heads, heads, { scale: 1, causal: true }).sum();
      const ids = tensor(
        device,
        Int32Array.from({ length }, (_, i) => i % 7),
        { shape: [length] },
      );
      const row = embedding(zeros(device, [7, 5]), ids).sum();
      const other = gelu(x.matmul(weight))
        .softmax(-1)
        .sum(1)
        .sum()
        .add(cumsum(x.sum(2), 1).sum());
      const ordered = sort(x.sum(2), 1).values.sum();
      const total = whole.add(decoding).add(row).add(other).add(ordered);
      total.backward();
      return Promise.all([total.data(), x.grad!.data()]);
    };
    await run(70);
    const { pipelinesCreated } = backend.counters;
    for (const length of [71, 72, 79, 85, 96, 99]) await run(length);
    expect(backend.counters.pipelinesCreated).toBe(pipelinesCreated);
    device.dispose();
  });
});
