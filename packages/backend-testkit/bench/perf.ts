// Prints the speed table of one backend:
//   node --conditions=sixtyone-source packages/backend-testkit/bench/perf.ts wasm

import { reference } from "@sixtyone/tensor/backend";
import { formatPerf, measurePerf, type PerfOptions } from "../src/perf.ts";

const backends: Readonly<Record<string, () => Promise<PerfOptions>>> = {
  reference: async () => ({ name: "reference", create: async () => reference(), shrink: 8 }),
  wasm: async () => {
    const { wasm } = await import("../../backend-wasm/src/index.ts");
    return { name: "wasm", create: () => wasm() };
  },
};

const wanted = process.argv[2] ?? "wasm";
const find = backends[wanted];
if (!find) {
  console.error(`unknown backend ${wanted}: expected ${Object.keys(backends).join(" or ")}`);
  process.exitCode = 1;
} else {
  const options = await find();
  console.log(formatPerf(options.name, await measurePerf(options)));
}
