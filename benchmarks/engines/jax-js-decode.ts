// One decoding step of the decoder on jax-js, jitted. Arrays cannot be written in place there, so the new
// keys and values are joined to the seen ones, which is what a cache of its users comes to.

import { jit, nn, numpy as np, type Array as JaxArray } from "@jax-js/jax";
import { caches, decoderParameters, nextTokens, type DecoderSize } from "../decoder.ts";
import type { Prepared } from "../engine.ts";

type Arrays = { [name: string]: JaxArray };

function rmsNorm(x: JaxArray, weight: JaxArray): JaxArray {
  const mean = np.mean(np.square(x.ref), -1, { keepdims: true });
  return x.mul(np.reciprocal(np.sqrt(mean.add(1e-5)))).mul(weight);
}

export function decode(size: DecoderSize): Prepared {
  const { batch: B, time: S, width: D, layers: L, heads: H } = size;
  const weights: Arrays = {};
  for (const { name, shape, values } of decoderParameters({ ...size, time: S + 1 })) {
    weights[name] = np.array(values).reshape(shape);
  }
  const cache: Arrays = {};
  caches(size, S).forEach(({ keys, values }, l) => {
    // [B, S, H, D/H], as its attention takes them
    cache[`${l}.keys`] = np
      .array(keys)
      .reshape([B, H, S, D / H])
      .transpose([0, 2, 1, 3]);
    cache[`${l}.values`] = np
      .array(values)
      .reshape([B, H, S, D / H])
      .transpose([0, 2, 1, 3]);
  });
  const ids = np.array(nextTokens(size)).reshape([B]);

  const next = jit((w: Arrays, seen: Arrays, tokens: JaxArray) => {
    const of = (name: string): JaxArray => w[name]!.ref;
    let x = np.take(of("embedding"), tokens, 0).add(of("position").slice([S, S + 1])); // [B, D]
    for (let l = 0; l < L; l++) {
      const h = rmsNorm(x.ref, of(`${l}.norm1`));
      const [q, k, v] = ["q", "k", "v"].map((name) =>
        np.matmul(h.ref, of(`${l}.${name}`)).reshape([B, 1, H, D / H]),
      ) as [JaxArray, JaxArray, JaxArray];
      const keys = np.concatenate([seen[`${l}.keys`]!.ref, k], 1);
      const values = np.concatenate([seen[`${l}.values`]!.ref, v], 1);
      const mixed = nn.dotProductAttention(q, keys, values).reshape([B, D]);
      x = x.add(np.matmul(mixed, of(`${l}.o`)));
      const m = rmsNorm(x.ref, of(`${l}.norm2`));
      x = x.add(
        np.matmul(nn.gelu(np.matmul(m, of(`${l}.up`)), { approximate: false }), of(`${l}.down`)),
      );
    }
    return np.matmul(rmsNorm(x, of("norm")), of("head").transpose());
  });
  const share = (arrays: Arrays): Arrays =>
    Object.fromEntries(Object.entries(arrays).map(([name, x]) => [name, x.ref]));
  const compute = (): JaxArray => next(share(weights), share(cache), ids.ref) as JaxArray;
  return {
    async run() {
      const y = compute();
      await y.blockUntilReady();
      y.dispose();
    },
    result: async () => (await compute().data()) as Float32Array,
    dispose: () =>
      [...Object.values(weights), ...Object.values(cache), ids].forEach((x) => x.dispose()),
  };
}
