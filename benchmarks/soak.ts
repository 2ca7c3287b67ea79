// The soak: thousands of training steps must leave memory as it was. Lengths change from step to step, a
// scope is left by an error now and then, and losses are read, as in a real run.
//
//   pnpm soak [--steps 10000] [--json file]
//
// Ends with 1 if live tensors, the backend's memory or the JavaScript heap grew after the warm-up.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { wasm } from "@sixtyone/backend-wasm";
import { createDevice } from "@sixtyone/tensor";
import { decoder } from "./engines/sixtyone-decoder.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const { values } = parseArgs({
  args: process.argv.slice(2).filter((arg) => arg !== "--"),
  options: { steps: { type: "string", default: "10000" }, json: { type: "string" } },
});
const steps = Number(values.steps);
if (!Number.isInteger(steps) || steps < 100) {
  console.error(`--steps ${values.steps}: a whole number from 100.`);
  process.exit(2);
}

interface Sample {
  readonly step: number;
  readonly liveBytes: number;
  readonly peakBytes: number;
  readonly backendBytes: number;
  readonly heapBytes: number;
  readonly loss: number;
}

const backend = await wasm();
const device = createDevice(backend);
const lengths = [16, 24, 32, 8];
const models = lengths.map((time) =>
  decoder(device, { batch: 2, time, width: 32, layers: 2, heads: 4, hidden: 64, vocabulary: 32 }),
);
const samples: Sample[] = [];
const started = performance.now();
for (let step = 1; step <= steps; step++) {
  const loss = models[step % models.length]!.step();
  const value = await loss.item();
  loss.dispose();
  if (step % 97 === 0) {
    try {
      device.tidy(() => {
        models[0]!.step();
        throw new Error("a step that fails half way");
      });
    } catch {} // what it made is freed all the same
  }
  if (step % Math.floor(steps / 20) !== 0) continue;
  collectGarbage();
  await new Promise((resolve) => setTimeout(resolve, 20));
  const { liveBytes, peakBytes } = device.memory();
  const { totalBytes } = backend.memory();
  const sample = {
    step,
    liveBytes,
    peakBytes,
    backendBytes: totalBytes,
    heapBytes: process.memoryUsage().heapUsed,
    loss: value,
  };
  samples.push(sample);
  const megabytes = (bytes: number) => (bytes / 2 ** 20).toFixed(2).padStart(8);
  console.log(
    `${String(step).padStart(6)}  live ${megabytes(liveBytes)} MiB  backend ${megabytes(totalBytes)} MiB  ` +
      `JavaScript ${megabytes(sample.heapBytes)} MiB  loss ${value.toFixed(3)}`,
  );
}
const seconds = (performance.now() - started) / 1000;
// The first tenth fills caches; from there on nothing may grow. The heap is granted 5 % and 1 MiB: compiled code and feedback.
const [settled, last] = [samples[1]!, samples.at(-1)!];
const { leakedTensors } = device.memory();
const grown = [
  last.liveBytes > settled.liveBytes && "live tensors",
  last.backendBytes > settled.backendBytes && "the backend's memory",
  last.heapBytes > 1.05 * settled.heapBytes + 2 ** 20 && "the JavaScript heap",
  leakedTensors > 0 && `${leakedTensors} leaked tensors`,
].filter(Boolean);
console.log(
  `${steps} steps in ${seconds.toFixed(0)} s: ${grown.length === 0 ? "flat" : `grew: ${grown.join(", ")}`}`,
);
if (values.json)
  writeFileSync(values.json, JSON.stringify({ steps, seconds, grown, samples }, null, 2));
device.dispose();
process.exitCode = grown.length === 0 ? 0 : 1;
