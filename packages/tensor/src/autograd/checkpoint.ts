// Recomputation: trade time for memory (Chen et al. 2016, "Training Deep Nets with Sublinear Memory
// Cost"). The forward pass keeps only the inputs; the backward pass runs the function again.

import { free } from "../ops/cost.ts";
import { applyOp, type OpDefinition } from "../ops/define.ts";
import { ArgumentError } from "../errors.ts";
import { keepDraws, repeatDraws, type Draws } from "../random/draws.ts";
import type { Tensor } from "../tensor.ts";
import { noGrad } from "./tape.ts";
import { vjp } from "./vjp.ts";

/**
 * fn(...inputs), storing nothing inside fn for the gradient but `inputs`. `fn` must be pure: it runs again
 * in backward(). Every tensor that needs a gradient must be an input, not a variable fn closes over. What it draws
 * from a Generator (dropout) is the same both times, as with torch's preserve_rng_state; Math.random() is not.
 */
export function checkpoint(fn: (...inputs: Tensor[]) => Tensor, ...inputs: Tensor[]): Tensor {
  if (inputs.length === 0)
    throw new ArgumentError("checkpoint: expected at least one input, got none.");
  const draws: Draws = [];
  const result = keepDraws(draws, () => noGrad(() => fn(...inputs)));
  const definition: OpDefinition<undefined> = {
    name: "checkpoint",
    shape: () => result.shape,
    dtype: () => result.dtype,
    lower: () => result.alias(),
    grad: ({ input, inputCount }, dy) =>
      vjp(
        (points) => [repeatDraws(draws, () => fn(...points))],
        Array.from({ length: inputCount }, (_, i) => input(i)),
        [dy],
      ),
    saves: inputs.map((_, i) => i),
    // The ops inside count by themselves.
    cost: () => free,
  };
  return applyOp(definition, inputs, undefined)[0]!;
}
