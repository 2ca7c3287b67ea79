// The backend in a web worker: WebGPU is there too, and what is not cloneable stays there.

import { expect, test } from "vitest";
import { hasAdapter } from "./adapter.ts";

test.skipIf(!hasAdapter)("trains in a worker", async () => {
  const worker = new Worker(new URL("./train-in-worker.ts", import.meta.url), { type: "module" });
  const losses = await new Promise<number[]>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<number[]>) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
  });
  worker.terminate();
  expect(losses).toHaveLength(20);
  expect(losses[19]!).toBeLessThan(losses[0]! / 10);
});
