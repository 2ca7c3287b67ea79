// Modules: trees of parameters with names. A module finds its parameters in its own properties, so a class
// is written like any other, and names follow the properties ("layers.0.weight"). Where a checkpoint calls
// a property otherwise, `parameterNames` translates, which is how Hugging Face's names come out.

import { ArgumentError } from "../errors.ts";
import { assign } from "../ops/assign/assign.ts";
import { noGrad } from "../autograd/tape.ts";
import type { Tensor } from "../tensor.ts";
import { sameShape, formatShape } from "../shape.ts";

export abstract class Module {
  /** Property → checkpoint name, where they differ; "" leaves the level out. */
  protected readonly parameterNames: Readonly<Record<string, string>> = {};
  #training = true;

  /** Whether dropout and the like are on. */
  get training(): boolean {
    return this.#training;
  }

  /** Sets the mode of this module and all below. Returns this. */
  train(on: boolean = true): this {
    this.#training = on;
    for (const [, child] of this.#children()) child.train(on);
    return this;
  }

  eval(): this {
    return this.train(false);
  }

  /** All parameters below, by name, in the order of the properties. */
  namedParameters(): Map<string, Tensor> {
    const found = new Map<string, Tensor>();
    this.#collect("", found);
    return found;
  }

  parameters(): Tensor[] {
    return [...this.namedParameters().values()];
  }

  /** Copies values in by name. Throws ArgumentError listing what is missing, unknown or of another shape. */
  load(
    tensors: ReadonlyMap<string, Tensor>,
    { strict = true }: { readonly strict?: boolean } = {},
  ): void {
    const own = this.namedParameters();
    const problems: string[] = [];
    for (const [name, parameter] of own) {
      const value = tensors.get(name);
      if (!value) problems.push(`${name} is missing`);
      else if (!sameShape(value.shape, parameter.shape)) {
        problems.push(
          `${name} is ${formatShape(value.shape)}, not ${formatShape(parameter.shape)}`,
        );
      }
    }
    if (strict)
      for (const name of tensors.keys()) if (!own.has(name)) problems.push(`${name} is unknown`);
    if (problems.length > 0) {
      const [first, ...more] = problems;
      throw new ArgumentError(
        `load: ${first}${more.length > 0 ? ` (and ${more.length} more problems)` : ""}. ` +
          `Is this the state of the same module?`,
      );
    }
    noGrad(() => {
      for (const [name, parameter] of own) assign(parameter, tensors.get(name)!);
    });
  }

  dispose(): void {
    for (const parameter of this.parameters()) parameter.dispose();
  }

  #collect(prefix: string, found: Map<string, Tensor>): void {
    for (const [key, value] of Object.entries(this)) {
      if (isTensor(value)) found.set(prefix + (this.parameterNames[key] ?? key), value);
    }
    for (const [key, child] of this.#children()) {
      child.#collect(key === "" ? prefix : `${prefix}${key}.`, found);
    }
  }

  #children(): [string, Module][] {
    return Object.entries(this).flatMap(([key, value]): [string, Module][] => {
      const name = this.parameterNames[key] ?? key;
      if (value instanceof Module) return [[name, value]];
      if (!Array.isArray(value)) return [];
      return value.flatMap((item: unknown, i): [string, Module][] =>
        item instanceof Module ? [[name === "" ? String(i) : `${name}.${i}`, item]] : [],
      );
    });
  }
}

function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && "requiresGrad_" in value;
}
