// One decoding step of the decoder on TensorFlow.js. Tensors cannot be written in place there, so the new
// keys and values are joined to the seen ones, which is what a cache of its users comes to.

import * as tf from "@tensorflow/tfjs-core";
import { caches, decoderParameters, nextTokens, type DecoderSize } from "../decoder.ts";
import type { Prepared } from "../engine.ts";

function rmsNorm(x: tf.Tensor, weight: tf.Tensor): tf.Tensor {
  return tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), 1e-5))), weight);
}

function gelu(x: tf.Tensor): tf.Tensor {
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
}

export function decode(size: DecoderSize): Prepared {
  const { batch: B, time: S, width: D, layers: L, heads: H } = size;
  const weights = new Map<string, tf.Tensor2D>();
  for (const { name, shape, values } of decoderParameters({ ...size, time: S + 1 })) {
    weights.set(name, tf.tensor(values, shape as [number, number]));
  }
  const of = (name: string): tf.Tensor2D => weights.get(name)!;
  const cache = caches(size, S).map(({ keys, values }) =>
    [keys, values].map((x) => tf.tensor4d(x, [B, H, S, D / H])),
  );
  const ids = tf.tensor1d(nextTokens(size), "int32");

  function compute(): tf.Tensor {
    let x: tf.Tensor = tf.add(
      tf.gather(of("embedding"), ids),
      tf.slice(of("position"), [S, 0], [1, D]),
    ); // [B, D]
    for (let l = 0; l < L; l++) {
      const h = rmsNorm(x, of(`${l}.norm1`)) as tf.Tensor2D;
      const [q, k, v] = ["q", "k", "v"].map((name) =>
        tf.reshape(tf.matMul(h, of(`${l}.${name}`)), [B, H, 1, D / H]),
      ) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
      const [keys, values] = [tf.concat([cache[l]![0]!, k], 2), tf.concat([cache[l]![1]!, v], 2)];
      const scores = tf.softmax(tf.mul(tf.matMul(q, keys, false, true), 1 / Math.sqrt(D / H)));
      const mixed = tf.reshape(tf.matMul(scores, values), [B, D]) as tf.Tensor2D;
      x = tf.add(x, tf.matMul(mixed, of(`${l}.o`)));
      const m = rmsNorm(x, of(`${l}.norm2`)) as tf.Tensor2D;
      x = tf.add(x, tf.matMul(gelu(tf.matMul(m, of(`${l}.up`))) as tf.Tensor2D, of(`${l}.down`)));
    }
    return tf.matMul(rmsNorm(x, of("norm")) as tf.Tensor2D, of("head"), false, true);
  }

  return {
    run: () => tf.dispose(tf.tidy(compute)),
    result: async () => {
      const y = tf.tidy(compute);
      const data = y.dataSync() as Float32Array;
      y.dispose();
      return data;
    },
    dispose: () => tf.dispose([...weights.values(), ...cache.flat(), ids]),
  };
}
