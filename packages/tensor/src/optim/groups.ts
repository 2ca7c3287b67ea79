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

/**
 * Groups as they are; a plain list of parameters as one group. Throws ArgumentError on nothing, a parameter twice, or
 * settings out of range: the groups' or the optimizer's own, `options`.
 */
export function toGroups<Group extends { readonly parameters: readonly Tensor[] }>(
  optimizer: string,
  parameters: readonly Tensor[] | readonly Group[],
  options: object,
): readonly (Group | { readonly parameters: readonly Tensor[] })[] {
  const groups = isGroups(parameters) ? parameters : [{ parameters }];
  const all = groups.flatMap((group) => group.parameters);
  if (all.length === 0)
    throw new ArgumentError(`${optimizer}: expected at least one parameter, got none.`);
  if (new Set(all).size !== all.length) {
    throw new ArgumentError(`${optimizer}: a parameter is listed twice. Tied weights go in once.`);
  }
  checkRanges(optimizer, options);
  for (const group of groups) {
    if ("learningRate" in group) {
      throw new ArgumentError(
        `${optimizer}: a group has no learningRate of its own. Give it a learningRateScale, which multiplies the ` +
          `optimizer's: 0.1 for a tenth.`,
      );
    }
    checkRanges(optimizer, group);
  }
  return groups;
}

type Range = readonly [holds: (value: number) => boolean, expected: string];

const notNegative: Range = [(x) => x >= 0 && Number.isFinite(x), "a finite number ≥ 0"];
const fraction: Range = [(x) => x >= 0 && x < 1, "a number in [0, 1)"];
const ranges: Readonly<Record<string, Range>> = {
  learningRate: notNegative,
  learningRateScale: notNegative,
  weightDecay: notNegative,
  eps: notNegative,
  momentum: notNegative,
  betas: fraction,
  iterations: [(x) => Number.isInteger(x) && x >= 0, "an integer ≥ 0"],
};

/** Left out and undefined stand for the default. */
function checkRanges(optimizer: string, options: object): void {
  for (const [name, value] of Object.entries(options)) {
    const range = ranges[name];
    if (!range || value === undefined) continue;
    const [holds, expected] = range;
    const numbers: readonly unknown[] = name === "betas" && Array.isArray(value) ? value : [value];
    const right = numbers.every((x) => typeof x === "number" && holds(x));
    if (right && numbers.length === (name === "betas" ? 2 : 1)) continue;
    const shown = typeof value === "string" ? JSON.stringify(value) : String(value);
    throw new ArgumentError(
      `${optimizer}: ${name} must be ${name === "betas" ? "two numbers, each " : ""}${expected}, got ${shown}.`,
    );
  }
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
