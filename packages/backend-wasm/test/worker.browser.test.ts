// A page's main thread stays free: the backend in a worker, on one thread and on two, trains here while
// timers run on.

import { AdamW, createDevice, tensor } from "@sixtyone/tensor";
import { expect, test } from "vitest";
import { wasm } from "../src/index.ts";
import { wasmInWorker } from "../src/worker.ts";

test.each([1, 2])(
  "training in a worker of %i threads gives the same numbers, and the page goes on",
  async (threads) => {
    async function train(device: ReturnType<typeof createDevice>): Promise<number[]> {
      const x = tensor(
        device,
        Float32Array.from({ length: 384 * 384 }, (_, i) => Math.sin(i)),
        { shape: [384, 384] },
      );
      const w = tensor(device, new Float32Array(384 * 384).fill(0.01), {
        shape: [384, 384],
      }).requiresGrad_();
      const optimizer = new AdamW([w], { learningRate: 1e-4 });
      const losses: number[] = [];
      for (let step = 0; step < 8; step++) {
        using _scope = device.scope();
        const loss = x.matmul(w).tanh().square().mean();
        loss.backward();
        optimizer.step();
        losses.push(await loss.item());
      }
      device.dispose();
      return losses;
    }
    const expected = await train(createDevice(await wasm({ threads: 1 })));
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const losses = await train(createDevice(await wasmInWorker({ threads })));
    clearInterval(timer);
    expect(losses).toEqual(expected);
    expect(losses[7]).toBeLessThan(losses[0]!);
    expect(ticks).toBeGreaterThan(3);
  },
);
