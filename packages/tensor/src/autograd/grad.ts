// Functional gradients: `grad(fn)` as in JAX. The arguments need no requiresGrad; they are differentiated
// because they are arguments.

import { AutogradError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { gradients } from "./backward.ts";
import { isRecording, setRecording } from "./tape.ts";

/** A function that gives the gradients of fn's single-element result with respect to every argument. */
export function grad<Args extends Tensor[]>(
  fn: (...args: Args) => Tensor,
): (...args: Args) => { [I in keyof Args]: Tensor } {
  const both = valueAndGrad(fn);
  return (...args) => both(...args).gradients;
}

/** Like `grad`, with the value beside the gradients. Nests: gradients of gradients are recorded. */
export function valueAndGrad<Args extends Tensor[]>(
  fn: (...args: Args) => Tensor,
): (...args: Args) => { value: Tensor; gradients: { [I in keyof Args]: Tensor } } {
  return (...args) => {
    if (args.length === 0) throw new AutogradError("grad: expected at least one tensor argument.");
    // Inside another grad() the arguments belong to a graph already and must stay in it.
    const nested = isRecording() && args.some((x) => x.requiresGrad);
    const before = setRecording(true);
    try {
      const points = args.map((x) => (nested ? x.mul(1) : x.detach()).requiresGrad_()) as Args;
      const value = fn(...points);
      // A value that does not depend on its arguments (the slope of a linear function) has gradient 0.
      const result = value.requiresGrad
        ? gradients([value], points, undefined, { createGraph: nested, stopAtInputs: true })
        : points.map((x) => x.device.zeros(x.shape));
      return {
        value: nested ? value : value.detach(),
        gradients: result as { [I in keyof Args]: Tensor },
      };
    } finally {
      setRecording(before);
    }
  };
}
