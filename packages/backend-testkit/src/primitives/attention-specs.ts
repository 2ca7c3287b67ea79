// Launches of the attention kernels, forward and backward: causal and not, masked, more keys than queries,
// values narrower than keys, strided operands.

import { logsumexp, attention, type Tensor } from "@sixtyone/tensor";
import { gradientSums, pullBack, sums, type FusedSpec } from "./fused-spec.ts";
import type { BindingLayout, BindingSpec } from "./launch-spec.ts";

interface AttentionSize {
  readonly B: number;
  readonly H: number;
  readonly T: number;
  readonly S: number;
  readonly D: number;
  readonly Dv: number;
  readonly causal: boolean;
  readonly masked?: boolean;
  readonly layout?: BindingLayout;
  /** Of keys and values, where theirs differs. */
  readonly keys?: BindingLayout;
}

const attentionSizes: readonly AttentionSize[] = [
  { B: 1, H: 1, T: 1, S: 1, D: 1, Dv: 1, causal: false },
  { B: 1, H: 2, T: 3, S: 5, D: 4, Dv: 6, causal: false },
  { B: 2, H: 2, T: 6, S: 6, D: 8, Dv: 8, causal: true },
  { B: 1, H: 2, T: 2, S: 9, D: 5, Dv: 3, causal: true },
  { B: 1, H: 3, T: 33, S: 33, D: 24, Dv: 16, causal: true },
  { B: 2, H: 1, T: 4, S: 5, D: 4, Dv: 4, causal: false, masked: true },
  { B: 1, H: 2, T: 5, S: 5, D: 3, Dv: 3, causal: true, masked: true },
  { B: 2, H: 3, T: 4, S: 4, D: 4, Dv: 4, causal: true, layout: "transposed" },
  { B: 1, H: 2, T: 70, S: 70, D: 12, Dv: 8, causal: true },
  // Decoding: a few queries after many keys, and keys that all heads share (latent attention, absorbed).
  { B: 2, H: 2, T: 9, S: 133, D: 20, Dv: 12, causal: true },
  { B: 2, H: 5, T: 1, S: 133, D: 24, Dv: 24, causal: true, keys: "shared" },
  { B: 1, H: 50, T: 1, S: 7, D: 8, Dv: 8, causal: false, masked: true, keys: "shared" },
];

const scale = 0.4;

function operands({
  B,
  H,
  T,
  S,
  D,
  Dv,
  layout = "contiguous",
  keys = layout,
}: AttentionSize): BindingSpec[] {
  return [
    [B, H, T, D],
    [B, H, S, D],
    [B, H, S, Dv],
  ].map((shape, i) => ({ shape, layout: i === 0 ? layout : keys }));
}

/** One key in four is hidden; the first query sees the first key. */
function maskOf({ B, H, T, S, masked }: AttentionSize): BindingSpec[] {
  const values = { kind: "list", values: [0, -0.5, 0, -Infinity, 0.25] } as const;
  return masked ? [{ shape: [B, H, T, S], layout: "repeated", values }] : [];
}

function scores(q: Tensor, k: Tensor, mask: Tensor | undefined, causal: boolean): Tensor {
  const plain = q.matmul(k.transpose()).mul(scale);
  const all = mask ? plain.add(mask) : plain;
  if (!causal) return all;
  const [T, S] = [q.shape[2]!, k.shape[2]!];
  const rows = q.device.iota([T, S], -2).add(S - T);
  return q.device.iota([T, S], -1).le(rows).where(all, -Infinity);
}

export const attentionSpecs: readonly FusedSpec<"attention">[] = attentionSizes.map((size) => {
  const { B, H, T, Dv, causal, masked = false } = size;
  return {
    kernel: "attention",
    note: causal ? "causal" : "full",
    params: { scale, causal, masked },
    inputs: [...operands(size), ...maskOf(size)],
    outputs: [{ shape: [B, H, T, Dv] }, { shape: [B, H, T] }],
    tolerance: sums,
    composite: ([q, k, v, mask]) => [
      attention(q!, k!, v!, { scale, causal, ...(mask && { mask }) }),
      logsumexp(scores(q!, k!, mask, causal), -1),
    ],
  };
});

export const attentionBackwardSpecs: readonly FusedSpec<"attentionBackward">[] = attentionSizes.map(
  (size) => {
    const { B, H, T, Dv, causal, masked = false } = size;
    const options = (mask: Tensor | undefined) => ({ scale, causal, ...(mask && { mask }) });
    return {
      kernel: "attentionBackward",
      note: causal ? "causal" : "full",
      params: { scale, causal, masked },
      inputs: [
        { shape: [B, H, T, Dv] },
        ...operands(size),
        { shape: [B, H, T, Dv] },
        { shape: [B, H, T] },
        ...maskOf(size),
      ],
      outputs: operands(size).map(({ shape }) => ({ shape })),
      tolerance: gradientSums,
      derive: ([, q, k, v, , , mask]) => [
        undefined,
        undefined,
        undefined,
        undefined,
        attention(q!, k!, v!, options(mask)),
        logsumexp(scores(q!, k!, mask, causal), -1),
      ],
      composite: ([dout, q, k, v, , , mask]) =>
        pullBack([q!, k!, v!], dout!, ([a, b, c]) => attention(a!, b!, c!, options(mask))),
    };
  },
);
