// The decoder of the train-step suite on jax-js: forward, backward and AdamW in one jitted function.

import { jit, nn, numpy as np, valueAndGrad, type Array as JaxArray } from "@jax-js/jax";
import { decoderParameters, tokens, type DecoderSize } from "../decoder.ts";

type Weights = { [name: string]: JaxArray };

const [beta1, beta2, eps, decay, rate] = [0.9, 0.999, 1e-8, 0.01, 1e-3];

function rmsNorm(x: JaxArray, weight: JaxArray): JaxArray {
  const mean = np.mean(np.square(x.ref), -1, { keepdims: true });
  return x.mul(np.reciprocal(np.sqrt(mean.add(1e-5)))).mul(weight);
}

export function decoder(size: DecoderSize): { step: () => Promise<number> } {
  const { batch: B, time: T, width: D, layers: L, heads: H, vocabulary: V } = size;
  const zeros = (shape: number[]): JaxArray => np.zeros(shape);
  const list = decoderParameters(size);
  let weights: Weights = {};
  let m: Weights = {};
  let v: Weights = {};
  for (const { name, shape, values } of list) {
    weights[name] = np.array(values).reshape(shape);
    m[name] = zeros(shape);
    v[name] = zeros(shape);
  }
  const ids = tokens(size);
  const input = np.array(ids.input).reshape([B, T]);
  const target = np.array(ids.target).reshape([B * T]);
  const split = (x: JaxArray): JaxArray => x.reshape([B, T, H, D / H]);

  function loss(w: Weights, inputIds: JaxArray, targetIds: JaxArray): JaxArray {
    const of = (name: string): JaxArray => w[name]!.ref;
    let x = np.take(of("embedding"), inputIds, 0).add(of("position"));
    for (let l = 0; l < L; l++) {
      const h = rmsNorm(x.ref, of(`${l}.norm1`));
      const [q, k, value] = ["q", "k", "v"].map((name) =>
        split(np.matmul(h.ref, of(`${l}.${name}`))),
      ) as [JaxArray, JaxArray, JaxArray];
      const mixed = nn.dotProductAttention(q, k, value, { isCausal: true }).reshape([B, T, D]);
      x = x.add(np.matmul(mixed, of(`${l}.o`)));
      const hidden = rmsNorm(x.ref, of(`${l}.norm2`));
      const up = nn.gelu(np.matmul(hidden, of(`${l}.up`)), { approximate: false });
      x = x.add(np.matmul(up, of(`${l}.down`)));
    }
    const hidden = rmsNorm(x, of("norm")).reshape([B * T, D]);
    const logits = np.matmul(hidden, of("head").transpose());
    const chosen = nn.logSoftmax(logits, -1).mul(nn.oneHot(targetIds, V)).sum();
    return chosen.mul(-1 / (B * T));
  }

  const update = jit(
    (
      w: Weights,
      m1: Weights,
      v1: Weights,
      x: JaxArray,
      y: JaxArray,
      c1: JaxArray,
      c2: JaxArray,
    ) => {
      const [value, gradients] = valueAndGrad(loss)(w, x, y) as unknown as [JaxArray, Weights];
      const next: [Weights, Weights, Weights] = [{}, {}, {}];
      for (const { name } of list) {
        const g = gradients[name]!;
        const mean = m1[name]!.mul(beta1).add(g.ref.mul(1 - beta1));
        const square = v1[name]!.mul(beta2).add(np.square(g).mul(1 - beta2));
        const direction = mean.ref
          .mul(c1.ref)
          .mul(np.reciprocal(np.sqrt(square.ref.mul(c2.ref)).add(eps)));
        next[0][name] = w[name]!.ref.mul(1 - rate * decay).sub(direction.mul(rate));
        next[1][name] = mean;
        next[2][name] = square;
      }
      return [value, ...next];
    },
  );

  let count = 0;
  return {
    async step() {
      count++;
      const corrections = [beta1, beta2].map((beta) => np.array(1 / (1 - beta ** count)));
      const result = update(weights, m, v, input.ref, target.ref, corrections[0]!, corrections[1]!);
      const [value, w, m1, v1] = result as unknown as [JaxArray, Weights, Weights, Weights];
      weights = w;
      m = m1;
      v = v1;
      await weights["embedding"]!.blockUntilReady();
      return Number(await value.jsAsync());
    },
  };
}
