// Numbers a loop wants to see without waiting for them. A device that only enqueues (WebGPU) computes step n
// while the host prepares step n + 1; reading the loss at once would stop both. The ring starts reading when
// a step ends and hands the numbers over a step later. Waiting for the oldest also bounds how many steps are
// under way, and with them the memory they hold.

import { ArgumentError } from "../errors.ts";
import { stack } from "../ops/concat/concat.ts";
import type { Tensor } from "../tensor.ts";

export interface StepMetrics<Name extends string> {
  /** Counted from 0. */
  readonly step: number;
  readonly values: Readonly<Record<Name, number>>;
}

export interface MetricRingOptions {
  /** How many steps may be under way, the one the host prepares included. Default 2; 1 waits for each step. */
  readonly inFlight?: number;
}

/** `const past = await ring.push({ loss })` once a step, `for (const past of await ring.drain())` at the end. */
export class MetricRing<Name extends string = string> {
  readonly #inFlight: number;
  readonly #pending: Promise<StepMetrics<Name>>[] = [];
  #steps = 0;

  constructor({ inFlight = 2 }: MetricRingOptions = {}) {
    if (!Number.isInteger(inFlight) || inFlight < 1) {
      throw new ArgumentError(`MetricRing: inFlight must be 1 or more, got ${inFlight}.`);
    }
    this.#inFlight = inFlight;
  }

  /**
   * Starts to read this step's metrics (one element each) and gives those of the step inFlight − 1 before;
   * undefined while there are none. Rejects with what went wrong in the step whose numbers it would give.
   */
  async push(metrics: Readonly<Record<Name, Tensor>>): Promise<StepMetrics<Name> | undefined> {
    const reading = read(this.#steps++, metrics);
    reading.catch(() => {}); // told by the push or drain that takes it off
    this.#pending.push(reading);
    return this.#pending.length < this.#inFlight ? undefined : this.#pending.shift();
  }

  /** What has not been given yet, the oldest first. */
  async drain(): Promise<StepMetrics<Name>[]> {
    return Promise.all(this.#pending.splice(0));
  }
}

/** All metrics in one read. */
async function read<Name extends string>(
  step: number,
  metrics: Readonly<Record<Name, Tensor>>,
): Promise<StepMetrics<Name>> {
  const names = Object.keys(metrics) as Name[];
  for (const name of names) {
    if (metrics[name].size === 1) continue;
    throw new ArgumentError(
      `MetricRing: ${name} must have one element, got ${metrics[name].size}.`,
    );
  }
  if (names.length === 0) return { step, values: {} as Record<Name, number> };
  const { device } = metrics[names[0]!];
  const packed = device.unscoped(() =>
    device.tidy(() =>
      stack(names.map((name) => metrics[name].detach().reshape([]).cast("f32"))).eval(),
    ),
  );
  try {
    const data = await packed.data();
    return {
      step,
      values: Object.fromEntries(names.map((name, i) => [name, data[i]!])) as Record<Name, number>,
    };
  } finally {
    packed.dispose();
  }
}
