// TensorFlow.js on its WebAssembly backend (XNNPACK). One thread: it has no others in Node.

import * as tf from "@tensorflow/tfjs-core";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { comparable, isOperation, type BenchEngine, type Case } from "../engine.ts";
import { drawing, routing } from "./tfjs-choices.ts";
import { decode } from "./tfjs-decode.ts";
import { operation, type Computation } from "./tfjs-operation.ts";

function computation(work: Case): Computation | undefined {
  if (work.kind === "routing") return routing(work);
  if (work.kind === "sample") return work.topP ? undefined : drawing(work);
  if (!isOperation(work) || (work.kind === "linear" && work.weights)) return undefined;
  return operation(work);
}

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
      const measured = computation(work);
      if (!measured) return undefined;
      const compared = comparable(work) === work ? measured : computation(comparable(work))!;
      return {
        run: () => tf.dispose(tf.tidy(measured.compute)),
        result: async () => {
          const y = tf.tidy(compared.compute);
          const data = y.dataSync() as Float32Array;
          y.dispose();
          return data;
        },
        dispose: () => tf.dispose([...new Set([...measured.made, ...compared.made])]),
      };
    },
    dispose: () => {},
  };
}
