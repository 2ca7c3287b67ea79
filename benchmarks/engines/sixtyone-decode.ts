// Decoding on our engine: one step of the decoder over a cache, latent attention in its absorbed form, and
// linear layers with weights in fewer bits. Nothing is recorded for gradients.

import {
  assign,
  attention,
  embedding,
  gelu,
  linear,
  noGrad,
  quantize,
  rmsNorm,
  tensor,
  type Device,
  type Tensor,
} from "@sixtyone/tensor";
import { caches, decoderParameters, nextTokens, type DecoderSize } from "../decoder.ts";
import type { Case, LatentSize, WeightFormat } from "../engine.ts";

type Make = (shape: number[], seed: number) => Tensor;

/** The logits [B, V] of the next token; writes its keys and values behind the S seen ones. */
export function decode(device: Device, size: DecoderSize, made: Tensor[]): () => Tensor {
  const { batch: B, time: S, width: D, layers: L, heads: H } = size;
  const parameters = new Map<string, Tensor>();
  const upload = (values: Float32Array<ArrayBuffer>, shape: number[]): Tensor => {
    const x = tensor(device, values, { shape });
    made.push(x);
    return x;
  };
  // A table of positions for the seen tokens and the next.
  for (const { name, shape, values } of decoderParameters({ ...size, time: S + 1 })) {
    parameters.set(name, upload(values, shape));
  }
  const of = (name: string): Tensor => parameters.get(name)!;
  const cache = caches(size, S + 1).map(({ keys, values }) =>
    [keys, values].map((x) => upload(x, [B, H, S + 1, D / H])),
  );
  const ids = tensor(device, nextTokens(size), { shape: [B], dtype: "i32" });
  made.push(ids);
  const heads = (x: Tensor): Tensor => x.reshape([B, H, 1, D / H]);

  return () =>
    noGrad(() => {
      let x = embedding(of("embedding"), ids).add(of("position").narrow(0, S, 1)); // [B, D]
      for (let l = 0; l < L; l++) {
        const h = rmsNorm(x, of(`${l}.norm1`), 1e-5);
        const [q, k, v] = ["q", "k", "v"].map((name) => heads(h.matmul(of(`${l}.${name}`)))) as [
          Tensor,
          Tensor,
          Tensor,
        ];
        const [keys, values] = cache[l] as [Tensor, Tensor]; // [B, H, S + 1, D/H]
        assign(keys.narrow(2, S, 1), k);
        assign(values.narrow(2, S, 1), v);
        const mixed = attention(q, keys, values, { scale: 1 / Math.sqrt(D / H) });
        x = x.add(mixed.reshape([B, D]).matmul(of(`${l}.o`)));
        const m = rmsNorm(x, of(`${l}.norm2`), 1e-5);
        x = x.add(gelu(m.matmul(of(`${l}.up`))).matmul(of(`${l}.down`)));
      }
      return linear(rmsNorm(x, of("norm"), 1e-5), of("head"));
    });
}

/** One query a head, [B, H, 1, R + r], over the latents that all heads share, [B, S, R + r]. */
export function latentAttention(
  { batch: B, heads: H, latent: R, rope: r, seen: S }: LatentSize,
  make: Make,
): () => Tensor {
  const [q, cache] = [make([B, H, 1, R + r], 1), make([B, S, R + r], 2)];
  return () =>
    noGrad(() => {
      const keys = cache.unsqueeze(1).expand([B, H, S, R + r]);
      return attention(q, keys, keys.narrow(-1, 0, R), {
        scale: 1 / Math.sqrt(R + r),
        causal: true,
      });
    });
}

export async function quantizedLinear(
  { rows, inner, columns }: Extract<Case, { kind: "linear" }>,
  format: WeightFormat,
  make: Make,
): Promise<() => Tensor> {
  const [x, full] = [make([rows, inner], 1), make([columns, inner], 2)];
  if (format === "f32" || format === "f16" || format === "bf16") {
    const weight = full.cast(format).eval();
    return () => noGrad(() => linear(x, weight));
  }
  const weight = await quantize(full, { format });
  return () => noGrad(() => linear(x, weight));
}
