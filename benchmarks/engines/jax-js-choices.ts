// The draw of tokens on jax-js, jitted. Its top-k sorts.

import { jit, lax, numpy as np, random, type Array as JaxArray } from "@jax-js/jax";
import { inputs, type SampleCase } from "../engine.ts";

export function drawing({ rows, vocabulary, spread, topK }: SampleCase): {
  compute: () => JaxArray;
  made: JaxArray[];
} {
  const numbers = inputs(rows * vocabulary, 1).map((x) => x * spread);
  const logits = np.array(numbers).reshape([rows, vocabulary]);
  const draw = jit((key: JaxArray, x: JaxArray) => {
    if (!topK) return random.categorical(key, x, { axis: -1 });
    const [largest, places] = lax.topK(x.ref, topK, -1);
    places.dispose();
    const least = largest.slice([], [topK - 1, topK]); // [N, 1]
    const kept = np.where(np.less(x.ref, least), -1e30, x);
    return random.categorical(key, kept, { axis: -1 });
  });
  let seed = 0;
  return { made: [logits], compute: () => draw(random.key(seed++), logits.ref) as JaxArray };
}
