// The decoder of the train-step suite on TensorFlow.js: variableGrads over the loss, AdamW in ops of its own.

import * as tf from "@tensorflow/tfjs-core";
import { decoderParameters, tokens, type DecoderSize } from "../decoder.ts";

const [beta1, beta2, eps, decay, rate] = [0.9, 0.999, 1e-8, 0.01, 1e-3];

function rmsNorm(x: tf.Tensor, weight: tf.Tensor): tf.Tensor {
  return tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), 1e-5))), weight);
}

function gelu(x: tf.Tensor): tf.Tensor {
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
}

export function decoder(size: DecoderSize): { step: () => Promise<number>; dispose: () => void } {
  const { batch: B, time: T, width: D, layers: L, heads: H, vocabulary: V } = size;
  const zeros = (shape: number[]): tf.Variable => tf.variable(tf.zeros(shape), false);
  const parameters = decoderParameters(size).map(({ name, shape, values }) => ({
    name,
    w: tf.variable(tf.tensor(values, shape)),
    m: zeros(shape),
    v: zeros(shape),
  }));
  const weights = new Map(parameters.map(({ name, w }) => [name, w]));
  const of = (name: string): tf.Variable => weights.get(name)!;
  const ids = tokens(size);
  const input = tf.tensor1d(ids.input, "int32");
  const target = tf.tensor1d(ids.target, "int32");
  const mask = tf.tensor2d(
    Float32Array.from({ length: T * T }, (_, i) => (i % T > Math.floor(i / T) ? -1e30 : 0)),
    [T, T],
  );
  const linear = (x: tf.Tensor, name: string): tf.Tensor =>
    tf.matMul(tf.reshape(x, [B * T, -1]), of(name) as tf.Tensor2D);
  const split = (x: tf.Tensor): tf.Tensor =>
    tf.transpose(tf.reshape(x, [B, T, H, D / H]), [0, 2, 1, 3]);

  function loss(): tf.Scalar {
    const position = of("position");
    let x: tf.Tensor = tf.add(tf.reshape(tf.gather(of("embedding"), input), [B, T, D]), position);
    x = tf.reshape(x, [B * T, D]);
    for (let l = 0; l < L; l++) {
      const h = rmsNorm(x, of(`${l}.norm1`));
      const [q, k, v] = ["q", "k", "v"].map((name) => split(linear(h, `${l}.${name}`))) as [
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
      ];
      const scores = tf.add(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(D / H)), mask); // [B, H, T, T]
      const mixed = tf.reshape(tf.transpose(tf.matMul(tf.softmax(scores), v), [0, 2, 1, 3]), [
        B * T,
        D,
      ]);
      x = tf.add(x, linear(mixed, `${l}.o`));
      const hidden = rmsNorm(x, of(`${l}.norm2`));
      x = tf.add(x, linear(gelu(linear(hidden, `${l}.up`)), `${l}.down`));
    }
    const logits = tf.matMul(
      rmsNorm(x, of("norm")) as tf.Tensor2D,
      of("head") as unknown as tf.Tensor2D,
      false,
      true,
    );
    const chosen = tf.sum(tf.mul(tf.logSoftmax(logits), tf.oneHot(target, V)));
    return tf.mul(chosen, -1 / (B * T)) as tf.Scalar;
  }

  let count = 0;
  return {
    async step() {
      count++;
      const [c1, c2] = [1 / (1 - beta1 ** count), 1 / (1 - beta2 ** count)];
      const value = tf.tidy(() => {
        const { value: result, grads } = tf.variableGrads(loss);
        for (const { w, m, v } of parameters) {
          const g = grads[w.name]!;
          m.assign(tf.add(tf.mul(m, beta1), tf.mul(g, 1 - beta1)));
          v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(g), 1 - beta2)));
          const direction = tf.div(tf.mul(m, c1), tf.add(tf.sqrt(tf.mul(v, c2)), eps));
          w.assign(tf.sub(tf.mul(w, 1 - rate * decay), tf.mul(direction, rate)));
        }
        return result;
      });
      const [number] = await value.data();
      value.dispose();
      return number!;
    },
    dispose: () =>
      tf.dispose([...parameters.flatMap(({ w, m, v }) => [w, m, v]), input, target, mask]),
  };
}
