// The ceilings of a device, measured: the rate of a large product and that of a large copy. What a kernel reaches of
// the lower of the two (Williams, Waterman & Patterson 2009, "Roofline") says whether it is worth a look.

import type { Device } from "../core/device.ts";
import { noGrad } from "../autograd/tape.ts";
import type { Tensor } from "../tensor.ts";

export interface Peak {
  readonly gflops: number;
  readonly gigabytesPerSecond: number;
}

/** A run should last this long, or the clock and the launch are what is measured. */
const enoughMs = 10;
/** A product of 1024³, a copy of 64 MB: no larger, whatever the device. */
const [largestSide, largestLength] = [1024, 2 ** 23];

const known = new WeakMap<Device, Promise<Peak>>();

/** Measured once a device, in some tenths of a second; later calls give the same numbers. */
export function measurePeak(device: Device): Promise<Peak> {
  let peak = known.get(device);
  if (!peak) known.set(device, (peak = measure(device)));
  return peak;
}

async function measure(device: Device): Promise<Peak> {
  using _scope = device.scope();
  const rate = async (
    start: number,
    limit: number,
    work: (size: number) => () => Tensor,
    amount: (size: number) => number,
  ) => {
    let best = 0;
    for (let size = start; size <= limit; size *= 2) {
      const run = work(size);
      let fastest = Infinity;
      for (let repeat = 0; repeat < 4; repeat++) {
        const begin = performance.now();
        noGrad(() => device.tidy(() => void run().eval()));
        await device.sync();
        fastest = Math.min(fastest, performance.now() - begin);
      }
      best = Math.max(best, amount(size) / fastest / 1e6);
      if (fastest > enoughMs) break;
    }
    return best;
  };
  const filled = (shape: readonly number[]): Tensor => device.zeros(shape).add(1).eval();
  const square = (side: number) => {
    const [a, b] = [filled([side, side]), filled([side, side])];
    return () => a.matmul(b);
  };
  const copy = (length: number) => {
    const x = filled([length]);
    return () => x.clone();
  };
  return {
    gflops: await rate(32, largestSide, square, (side) => 2 * side ** 3),
    gigabytesPerSecond: await rate(2 ** 12, largestLength, copy, (length) => 8 * length),
  };
}
