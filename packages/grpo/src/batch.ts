// Token sequences as the loss wants them: prompt and completion in one row, padded on the right, with a
// mask over the completion's tokens.

import { tensor, type Device, type Tensor } from "@sixtyone/tensor";

export interface Sequence {
  readonly prompt: readonly number[];
  readonly completion: readonly number[];
}

export interface SequenceBatch {
  /** i32 [B, T]. */
  readonly ids: Tensor;
  /** f32 [B, T − 1]: 1 where ids[t + 1] belongs to the completion. */
  readonly mask: Tensor;
  /** Ones in the mask. */
  readonly tokenCount: number;
}

/** Pads with `padId`, which no counted position ever sees as a target. */
export function batchSequences(
  device: Device,
  sequences: readonly Sequence[],
  padId: number,
): SequenceBatch {
  const B = sequences.length;
  const T = Math.max(...sequences.map((s) => s.prompt.length + s.completion.length));
  const ids = new Int32Array(B * T).fill(padId);
  const mask = new Float32Array(B * (T - 1));
  let tokenCount = 0;
  sequences.forEach(({ prompt, completion }, b) => {
    ids.set(prompt, b * T);
    ids.set(completion, b * T + prompt.length);
    const first = b * (T - 1) + prompt.length - 1;
    mask.fill(1, first, first + completion.length);
    tokenCount += completion.length;
  });
  return {
    ids: tensor(device, ids, { shape: [B, T] }),
    mask: tensor(device, mask, { shape: [B, T - 1] }),
    tokenCount,
  };
}
