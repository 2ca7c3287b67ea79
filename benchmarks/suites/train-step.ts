// One training step (forward, backward, AdamW) of a small decoder at the two sizes that every engine of
// the comparison was once measured at. The value counts the products only.

import { stepFlops, type DecoderSize } from "../decoder.ts";
import type { CaseOfSuite } from "../measure.ts";

const sizes: readonly DecoderSize[] = [
  { batch: 8, time: 64, width: 128, layers: 4, heads: 4, hidden: 512, vocabulary: 64 },
  { batch: 8, time: 128, width: 256, layers: 4, heads: 8, hidden: 1024, vocabulary: 512 },
];

export function trainStep(): CaseOfSuite[] {
  return sizes.map((size) => ({
    name: `B${size.batch} T${size.time} D${size.width} L${size.layers} H${size.heads} F${size.hidden} V${size.vocabulary}`,
    work: { kind: "train-step", size },
    value: (ms) => stepFlops(size) / ms / 1e6,
    unit: "GFLOP/s",
    timesFirst: true,
  }));
}
