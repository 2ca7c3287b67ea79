// A launch of a fused kernel together with its composite: what it must give, by tensor ops.

import { gradients, type Tensor } from "@sixtyone/tensor";
import type { FusedName, FusedParams } from "@sixtyone/tensor/backend";
import type { LaunchSpec } from "./launch-spec.ts";

export interface FusedSpec<K extends FusedName> extends LaunchSpec<K> {
  readonly composite: (x: readonly Tensor[], params: FusedParams[K]) => readonly Tensor[];
  /**
   * Inputs that follow from others (o and lse of the attention's backward kernel), computed on the
   * oracle; undefined leaves an input as it is.
   */
  readonly derive?: (x: readonly Tensor[]) => readonly (Tensor | undefined)[];
}

export const sums = { relative: 2e-5 } as const;
export const gradientSums = { relative: 1e-4 } as const;

/** Gradients of y at `points`, given the gradient of y. */
export function pullBack(
  points: readonly Tensor[],
  dy: Tensor,
  forward: (points: readonly Tensor[]) => Tensor,
): readonly Tensor[] {
  const leaves = points.map((x) => x.detach().requiresGrad_());
  return gradients([forward(leaves)], leaves, [dy]);
}
