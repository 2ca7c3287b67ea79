// Clipping of gradients by their global norm, for loops that use no optimizer of ours.

import { ArgumentError } from "../errors.ts";
import { noGrad } from "../autograd/tape.ts";
import type { Tensor } from "../tensor.ts";

/**
 * Scales all `.grad` so that their global L2 norm is at most `maxNorm`. Returns the norm before, as a tensor
 * of one element: nothing is read back (torch.nn.utils.clip_grad_norm_).
 */
export function clipGradNorm(parameters: readonly Tensor[], maxNorm: number): Tensor {
  const withGrad = parameters.filter((p) => p.grad);
  const [first] = withGrad;
  if (!first)
    throw new ArgumentError("clipGradNorm: no parameter has a gradient. Call backward() first.");
  return noGrad(() =>
    first.device.tidy(() => {
      const squares = withGrad.map((p) => p.grad!.square().sum());
      const norm = squares
        .reduce((a, b) => a.add(b))
        .sqrt()
        .eval();
      const factor = norm.add(1e-6).reciprocal().mul(maxNorm).minimum(1).eval();
      for (const p of withGrad) p.setGrad(p.grad!.mul(factor));
      return norm;
    }),
  );
}
