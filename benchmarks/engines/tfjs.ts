// TensorFlow.js on its WebAssembly backend (XNNPACK). One thread: it has no others in Node.

import * as tf from "@tensorflow/tfjs-core";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { isOperation, type BenchEngine } from "../engine.ts";
import { decode } from "./tfjs-decode.ts";
import { operation } from "./tfjs-operation.ts";

export async function tfjs(): Promise<BenchEngine> {
  const folder = dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm"));
  setWasmPaths(`${join(folder)}/`);
  await tf.setBackend("wasm");
  await tf.ready();
  return {
    name: "@tensorflow/tfjs-backend-wasm",
    threads: 1,
    description: `tfjs ${tf.version_core} wasm`,
    async prepare(work) {
      if (work.kind === "decode") return decode(work.size);
      if (!isOperation(work) || (work.kind === "linear" && work.weights)) return undefined;
      const { compute, made } = operation(work);
      return {
        run: () => tf.dispose(tf.tidy(compute)),
        result: async () => {
          const y = tf.tidy(compute);
          const data = y.dataSync() as Float32Array;
          y.dispose();
          return data;
        },
        dispose: () => tf.dispose(made),
      };
    },
    dispose: () => {},
  };
}
