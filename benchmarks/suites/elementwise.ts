// Softmax, RMSNorm, SiLU and GELU (with erf) over 4096 × 1024 f32: the kernels around the products. The
// value counts each element read once and written once, whatever the engine really moved.

import type { ElementwiseOp } from "../engine.ts";
import type { CaseOfSuite } from "../measure.ts";

const [rows, columns] = [4096, 1024];

export function elementwise(): CaseOfSuite[] {
  return (["softmax", "rmsNorm", "silu", "gelu"] as const satisfies ElementwiseOp[]).map((op) => ({
    name: `${op} ${rows}×${columns}`,
    work: { kind: "elementwise", op, rows, columns },
    value: (ms) => (2 * 4 * rows * columns) / ms / 1e6,
    unit: "GB/s",
  }));
}

/** What one thread copies, in GB/s read and written: the ceiling of everything above. */
export function copyBandwidth(now: () => number = () => performance.now()): number {
  const [from, to] = [new Float32Array(rows * columns).fill(1), new Float32Array(rows * columns)];
  let best = Infinity;
  for (let i = 0; i < 12; i++) {
    const start = now();
    to.set(from);
    best = Math.min(best, now() - start);
  }
  return (2 * 4 * rows * columns) / best / 1e6;
}
