// Decoding: a linear layer on few rows, whole steps of the decoder over a cache, and what only we have
// (weights in fewer bits, latent attention in its absorbed form), which is measured without peers; the draw of the
// tokens, and the routing of a mixture of experts. Those are fused kernels: `--vs sixtyone-composites` is without.

import type { DecoderSize } from "../decoder.ts";
import type { LatentSize, WeightFormat } from "../engine.ts";
import type { CaseOfSuite } from "../measure.ts";

const [inner, columns] = [1024, 4096];
const formats: readonly WeightFormat[] = ["bf16", "f16", "fp8-e4m3", "int8", "int4"];

/** `time` counts the tokens seen. */
const sizes: readonly DecoderSize[] = [1, 8, 32].map((batch) => ({
  batch,
  time: 256,
  width: 256,
  layers: 4,
  heads: 8,
  hidden: 1024,
  vocabulary: 512,
}));
/** DeepSeek-V3's latents with an eighth of its heads. */
const latents: readonly LatentSize[] = [1, 8].map((batch) => ({
  batch,
  heads: 16,
  latent: 512,
  rope: 64,
  seen: 1024,
}));

const sample = (more: { readonly topK?: number; readonly topP?: number }): CaseOfSuite => {
  const [rows, vocabulary] = [32, 32000];
  return {
    name: `sample ${rows} of ${vocabulary}${more.topK ? ` top-k ${more.topK}` : ""}${more.topP ? ` top-p ${more.topP}` : ""}`,
    work: { kind: "sample", rows, vocabulary, spread: 6, ...more },
    value: (ms) => (1000 * rows) / ms,
    unit: "tokens/s",
  };
};

const linear = (rows: number, weights?: WeightFormat): CaseOfSuite => ({
  name: `linear M${rows} K${inner} N${columns}${weights ? ` ${weights}` : ""}`,
  work: { kind: "linear", rows, inner, columns, ...(weights && { weights }) },
  value: (ms) => (2 * rows * inner * columns) / ms / 1e6,
  unit: "GFLOP/s",
});

export function decode(): CaseOfSuite[] {
  return [
    ...[1, 4, 16, 64].map((rows) => linear(rows)),
    ...formats.flatMap((format) => [1, 16].map((rows) => linear(rows, format))),
    ...sizes.map((size): CaseOfSuite => ({
      name: `step B${size.batch} S${size.time} D${size.width} L${size.layers}`,
      work: { kind: "decode", size },
      value: (ms) => (1000 * size.batch) / ms,
      unit: "tokens/s",
    })),
    ...latents.map((size): CaseOfSuite => ({
      name: `latent attention B${size.batch} H${size.heads} S${size.seen}`,
      work: { kind: "latent-attention", size },
      value: (ms) =>
        (2 * size.batch * size.heads * size.seen * (2 * size.latent + size.rope)) / ms / 1e6,
      unit: "GFLOP/s",
    })),
    ...[{}, { topK: 50 }, { topP: 0.95 }].map(sample),
    {
      name: "routing N512 E256 top 8 of 4 of 8 groups",
      work: {
        kind: "routing",
        tokens: 512,
        experts: 256,
        chosen: 8,
        groups: 8,
        keptGroups: 4,
      },
      value: (ms) => (1000 * 512) / ms,
      unit: "tokens/s",
    },
  ];
}
