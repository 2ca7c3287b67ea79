// Learning-rate schedules: functions from the step (0, 1, 2, …) to a factor on the base rate.

import { ArgumentError } from "../errors.ts";

export type Schedule = (step: number) => number;

export function constant(): Schedule {
  return () => 1;
}

/** From 1 to `end` over `steps`, then `end`. */
export function linearDecay(steps: number, end: number = 0): Schedule {
  assertSteps("linearDecay", steps);
  return (step) => 1 + (end - 1) * Math.min(step / steps, 1);
}

/** Half a cosine from 1 to `end` over `steps`, then `end` (Loshchilov & Hutter 2017, without restarts). */
export function cosineDecay(steps: number, end: number = 0): Schedule {
  assertSteps("cosineDecay", steps);
  return (step) => end + (1 - end) * 0.5 * (1 + Math.cos(Math.PI * Math.min(step / steps, 1)));
}

/** 1 / √(1 + step / scale). */
export function inverseSquareRoot(scale: number): Schedule {
  assertSteps("inverseSquareRoot", scale);
  return (step) => 1 / Math.sqrt(1 + step / scale);
}

/** Rises linearly over `steps` (the first step gets 1/steps), then follows `after` from its start. */
export function warmup(steps: number, after: Schedule = constant()): Schedule {
  assertSteps("warmup", steps);
  return (step) => (step < steps ? (step + 1) / steps : after(step - steps));
}

function assertSteps(name: string, steps: number): void {
  if (!(steps > 0)) {
    throw new ArgumentError(`${name}: the number of steps must be above 0, got ${steps}.`);
  }
}
