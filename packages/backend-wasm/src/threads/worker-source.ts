// The program of a worker, as text: it is started from a string (Node) or a Blob (browsers), so that no
// bundler has to find another file. It only knows the control block and the kernels' numbers.

import { control, quitKernel } from "./control.ts";

/** What a worker is told at its start. */
export interface WorkerStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Names of the kernels; a job names them by position. */
  readonly names: readonly string[];
  /** Address of the control block, and of this worker's scratch memory. */
  readonly control: number;
  readonly scratch: number;
}

/** How often a worker looks for work before it sleeps: about 100 µs. */
const spins = 16_000;

export const workerSource: string = `
"use strict";
function work({ module, memory, names, control, scratch }, ready) {
  const exports = new WebAssembly.Instance(module, { env: { memory } }).exports;
  const kernels = names.map((name) => exports[name]);
  const words = new Int32Array(memory.buffer, control, 16);
  let seen = Atomics.load(words, ${control.epoch});
  ready();
  for (;;) {
    let epoch = seen;
    for (let i = 0; i < ${spins} && (epoch === seen || epoch & 1); i++) epoch = Atomics.load(words, ${control.epoch});
    while (epoch === seen || epoch & 1) {
      Atomics.add(words, ${control.sleeping}, 1);
      Atomics.wait(words, ${control.epoch}, epoch);
      Atomics.sub(words, ${control.sleeping}, 1);
      epoch = Atomics.load(words, ${control.epoch});
    }
    seen = epoch;
    Atomics.add(words, ${control.active}, 1);
    if (Atomics.load(words, ${control.epoch}) === epoch) {
      const number = words[${control.kernel}];
      if (number === ${quitKernel}) {
        Atomics.sub(words, ${control.active}, 1);
        return;
      }
      try {
        const kernel = kernels[number];
        const params = words[${control.params}], tiles = words[${control.tiles}], chunk = words[${control.chunk}];
        for (;;) {
          const begin = Atomics.add(words, ${control.next}, chunk);
          if (begin >= tiles) break;
          kernel(params, begin, Math.min(begin + chunk, tiles), scratch);
        }
      } catch (error) {
        Atomics.store(words, ${control.failed}, 1);
        Atomics.sub(words, ${control.active}, 1);
        throw error;
      }
    }
    Atomics.sub(words, ${control.active}, 1);
    Atomics.notify(words, ${control.active});
  }
}
if (typeof process === "object" && process.versions && process.versions.node) {
  const { parentPort, workerData } = require("node:worker_threads");
  work(workerData, () => parentPort.postMessage("ready"));
} else {
  self.onmessage = ({ data }) => {
    work(data, () => self.postMessage("ready"));
    self.close();
  };
}
`;
