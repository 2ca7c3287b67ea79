// Parameter groups: parts of a model with settings of their own (no decay for norms, a smaller rate for
// embeddings). Every optimizer takes a list of parameters or a list of groups.

import { ArgumentError } from "../errors.ts";
import type { Device } from "../core/device.ts";
import { Lazy } from "../core/lazy.ts";
import type { Tensor } from "../tensor.ts";

/** Parameters with settings that differ from the optimizer's; what is left out is the optimizer's. */
export type ParameterGroup<Options> = Omit<Options, "learningRate"> & {
  readonly parameters: readonly Tensor[];
  /** Multiplies the optimizer's learning rate for this group. Default 1. */
  readonly learningRateScale?: number;
};

/** Groups as they are; a plain list of parameters as one group. Throws ArgumentError on nothing or a parameter twice. */
export function toGroups<Group extends { readonly parameters: readonly Tensor[] }>(
  optimizer: string,
  parameters: readonly Tensor[] | readonly Group[],
): readonly (Group | { readonly parameters: readonly Tensor[] })[] {
  const groups = isGroups(parameters) ? parameters : [{ parameters }];
  const all = groups.flatMap((group) => group.parameters);
  if (all.length === 0) throw new ArgumentError(`${optimizer}: expected at least one parameter, got none.`);
  if (new Set(all).size !== all.length) {
    throw new ArgumentError(`${optimizer}: a parameter is listed twice. Tied weights go in once.`);
  }
  return groups;
}

function isGroups<Group extends { readonly parameters: readonly Tensor[] }>(
  parameters: readonly Tensor[] | readonly Group[],
): parameters is readonly Group[] {
  return parameters.length > 0 && "parameters" in parameters[0]!;
}

/**
 * A number as a tensor of shape [], read anew by every replay of a recorded step: a learning rate that a schedule
 * changes is data, never part of the plan.
 */
export function fedNumber(device: Device, read: () => number): Tensor {
  const view = device.feed("f32", [], () => Float32Array.of(read()));
  return device.wrap(Lazy.computed(device, "feed", view));
}
