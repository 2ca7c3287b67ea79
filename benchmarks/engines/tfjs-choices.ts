// The draw of tokens and the routing of a mixture of experts on TensorFlow.js. It has no top-p.

import * as tf from "@tensorflow/tfjs-core";
import { inputs, type RoutingCase, type SampleCase } from "../engine.ts";
import type { Computation } from "./tfjs-operation.ts";

const make = (rows: number, columns: number, seed: number, factor = 1): tf.Tensor2D =>
  tf.tensor2d(
    inputs(rows * columns, seed).map((x) => x * factor),
    [rows, columns],
  );

export function drawing({ rows, vocabulary, spread, topK }: SampleCase): Computation {
  const logits = make(rows, vocabulary, 1, spread);
  return {
    made: [logits],
    compute() {
      if (!topK) return tf.multinomial(logits, 1);
      const least = tf.slice(tf.topk(logits, topK).values, [0, topK - 1], [rows, 1]);
      return tf.multinomial(tf.where(tf.less(logits, least), -1e30, logits), 1);
    },
  };
}

export function routing(work: RoutingCase): Computation {
  const { tokens: N, experts: E, chosen, groups, keptGroups } = work;
  const [logits, bias] = [make(N, E, 1), make(1, E, 2)];
  const starts = tf.tensor2d(
    Int32Array.from({ length: N }, (_, i) => i * E),
    [N, 1],
  );
  return {
    made: [logits, bias, starts],
    compute() {
      const scores = tf.sigmoid(logits); // [N, E]
      const grouped = tf.reshape(tf.add(scores, bias), [N, groups, E / groups]);
      const groupScores = tf.sum(tf.topk(grouped, 2).values, -1); // [N, groups]
      const kept = tf.topk(groupScores, keptGroups).indices as tf.Tensor2D;
      const isKept = tf.max(tf.oneHot(kept, groups), 1, true); // [N, 1, groups]
      const whole = tf.broadcastTo(tf.reshape(isKept, [N, groups, 1]), [N, groups, E / groups]);
      const choice = tf.where(tf.cast(whole, "bool"), grouped, -1e30);
      const { indices } = tf.topk(tf.reshape(choice, [N, E]), chosen);
      // By flat positions: gathering along the last axis of a batch leaves its memory.
      const weights = tf.gather(tf.reshape(scores, [-1]), tf.add(indices, starts)); // [N, chosen]
      return tf.div(weights, tf.sum(weights, -1, true));
    },
  };
}
