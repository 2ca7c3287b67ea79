// The decoder of the train-step suite on our engine: token and position embeddings, L blocks of RMSNorm,
// causal attention and a GELU MLP, and a cross-entropy over the vocabulary; AdamW.

import {
  AdamW,
  attention,
  embedding,
  gelu,
  linearLogProb,
  rmsNorm,
  tensor,
  type Device,
  type Tensor,
} from "@sixtyone/tensor";
import { decoderParameters, tokens, type DecoderSize } from "../decoder.ts";

export function decoder(
  device: Device,
  size: DecoderSize,
): { step: () => Tensor; parameters: Tensor[] } {
  const { batch: B, time: T, width: D, layers: L, heads: H } = size;
  const parameters = new Map<string, Tensor>();
  for (const { name, shape, values } of decoderParameters(size)) {
    parameters.set(name, tensor(device, values, { shape }).requiresGrad_());
  }
  const of = (name: string): Tensor => parameters.get(name)!;
  const optimizer = new AdamW([...parameters.values()], { learningRate: 1e-3, weightDecay: 0.01 });
  const ids = tokens(size);
  const input = tensor(device, ids.input, { shape: [B, T], dtype: "i32" });
  const target = tensor(device, ids.target, { shape: [B * T], dtype: "i32" });
  const split = (x: Tensor): Tensor => x.reshape([B, T, H, D / H]).permute([0, 2, 1, 3]); // [B, H, T, D/H]

  function loss(): Tensor {
    let x = embedding(of("embedding"), input).add(of("position")); // [B, T, D]
    for (let l = 0; l < L; l++) {
      const h = rmsNorm(x, of(`${l}.norm1`), 1e-5);
      const [q, k, v] = ["q", "k", "v"].map((name) => split(h.matmul(of(`${l}.${name}`)))) as [
        Tensor,
        Tensor,
        Tensor,
      ];
      const mixed = attention(q, k, v, { scale: 1 / Math.sqrt(D / H), causal: true });
      x = x.add(
        mixed
          .permute([0, 2, 1, 3])
          .reshape([B, T, D])
          .matmul(of(`${l}.o`)),
      );
      const m = rmsNorm(x, of(`${l}.norm2`), 1e-5);
      x = x.add(gelu(m.matmul(of(`${l}.up`))).matmul(of(`${l}.down`)));
    }
    const hidden = rmsNorm(x, of("norm"), 1e-5).reshape([B * T, D]);
    return linearLogProb(hidden, of("head"), target).logProb.mean().neg();
  }

  return {
    parameters: [...parameters.values()],
    /** One training step; gives the loss before it, still on the device. */
    step: () =>
      device.tidy(() => {
        const value = loss();
        value.backward();
        optimizer.step();
        return value;
      }),
  };
}
