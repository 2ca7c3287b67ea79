// One operation of the gemm and elementwise suites on TensorFlow.js, whatever its backend.

import * as tf from "@tensorflow/tfjs-core";
import { inputs, type OperationCase } from "../engine.ts";

export interface Computation {
  readonly compute: () => tf.Tensor;
  readonly made: tf.Tensor[];
}

const make = (rows: number, columns: number, seed: number): tf.Tensor2D =>
  tf.tensor2d(inputs(rows * columns, seed), [rows, columns]);

export function operation(work: OperationCase): Computation {
  if (work.kind === "gemm") {
    const [a, b] = [make(work.size, work.size, 1), make(work.size, work.size, 2)];
    return {
      made: [a, b],
      compute: () => tf.matMul(a, b, work.layout === "Aᵀ·B", work.layout === "A·Bᵀ"),
    };
  }
  if (work.kind === "linear") {
    const [x, weight] = [make(work.rows, work.inner, 1), make(work.columns, work.inner, 2)];
    return { made: [x, weight], compute: () => tf.matMul(x, weight, false, true) };
  }
  const x = make(work.rows, work.columns, 1);
  const weight = tf.tensor1d(inputs(work.columns, 2));
  const half = tf.scalar(0.5);
  const compute = {
    softmax: () => tf.softmax(x),
    silu: () => tf.mul(x, tf.sigmoid(x)),
    gelu: () => tf.mul(tf.mul(x, half), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)),
    rmsNorm: () =>
      tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), 1e-5))), weight),
  }[work.op];
  return { made: [x, weight, half], compute };
}
