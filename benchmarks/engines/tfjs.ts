// TensorFlow.js on its WebAssembly backend (XNNPACK). One thread: it has no others in Node.

import * as tf from "@tensorflow/tfjs-core";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { inputs, type BenchEngine, type Case } from "../engine.ts";

export async function tfjs(): Promise<BenchEngine> {
  const folder = dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm"));
  setWasmPaths(`${join(folder)}/`);
  await tf.setBackend("wasm");
  await tf.ready();
  const make = (rows: number, columns: number, seed: number): tf.Tensor2D =>
    tf.tensor2d(inputs(rows * columns, seed), [rows, columns]);

  function operation(work: Exclude<Case, { kind: "train-step" }>): { compute: () => tf.Tensor; made: tf.Tensor[] } {
    if (work.kind === "gemm") {
      const [a, b] = [make(work.size, work.size, 1), make(work.size, work.size, 2)];
      return {
        made: [a, b],
        compute: () => tf.matMul(a, b, work.layout === "Aᵀ·B", work.layout === "A·Bᵀ"),
      };
    }
    const x = make(work.rows, work.columns, 1);
    const weight = tf.tensor1d(inputs(work.columns, 2));
    const half = tf.scalar(0.5);
    const compute = {
      softmax: () => tf.softmax(x),
      silu: () => tf.mul(x, tf.sigmoid(x)),
      gelu: () => tf.mul(tf.mul(x, half), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)),
      rmsNorm: () => tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), 1e-5))), weight),
    }[work.op];
    return { made: [x, weight, half], compute };
  }

  return {
    name: "@tensorflow/tfjs-backend-wasm",
    threads: 1,
    description: `tfjs ${tf.version_core} wasm`,
    async prepare(work) {
      if (work.kind === "train-step") return undefined;
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
