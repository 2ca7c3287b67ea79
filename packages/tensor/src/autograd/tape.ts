// The tape: one node per recorded op, holding what its gradient rule needs. Nodes point from results to
// operands, and ids grow as ops run, so walking ids downwards is a topological order.

import type { Lazy } from "../core/lazy.ts";
import { AutogradError, ShapeError } from "../errors.ts";
import { sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Gradients of an op's operands, in order; null where there is none. */
export type OperandGradients = readonly (Tensor | null)[];

export type GradientHook = (gradient: Tensor) => Tensor | void;

let nextId = 1;
let recording = true;

export class TapeNode {
  readonly id: number = nextId++;
  readonly op: string;
  readonly outputCount: number;
  /** Where each operand's gradient goes; undefined for operands that need none. */
  readonly operands: readonly (GradientEdge | undefined)[];
  /** The leaf tensor, for nodes that accumulate into `.grad`. */
  readonly leaf: Tensor | undefined;
  readonly #rule: ((outputs: readonly (Tensor | null)[]) => OperandGradients) | undefined;
  #saved: readonly SavedValue[] = [];
  #releasedBy: "backward" | "scope" | undefined;
  #hooks: readonly { readonly output: number; readonly hook: GradientHook }[] = [];

  constructor(
    op: string,
    operands: readonly (GradientEdge | undefined)[],
    outputCount: number,
    rule: ((outputs: readonly (Tensor | null)[]) => OperandGradients) | undefined,
    leaf?: Tensor,
  ) {
    this.op = op;
    this.operands = operands;
    this.outputCount = outputCount;
    this.#rule = rule;
    this.leaf = leaf;
  }

  save(values: readonly SavedValue[]): void {
    this.#saved = values;
  }

  backward(outputs: readonly (Tensor | null)[]): OperandGradients {
    if (this.#releasedBy) throw new AutogradError(`${this.op}: ${whyReleased[this.#releasedBy]}`);
    for (const saved of this.#saved) saved.check(this.op);
    return this.#rule!(outputs);
  }

  /** Returns the function that removes the hook. */
  addHook(output: number, hook: GradientHook): () => void {
    const entry = { output, hook };
    this.#hooks = [...this.#hooks, entry];
    return () => {
      this.#hooks = this.#hooks.filter((other) => other !== entry);
    };
  }

  /** The gradients after the hooks have seen them. */
  applyHooks(gradients: readonly (Tensor | null)[]): (Tensor | null)[] {
    const seen = [...gradients];
    for (const { output, hook } of this.#hooks) {
      const gradient = seen[output];
      if (!gradient) continue;
      seen[output] = checkGradient(`hook of ${this.op}`, gradient, hook(gradient) ?? gradient);
    }
    return seen;
  }

  /** Lets go of the saved values. Idempotent. */
  release(by: "backward" | "scope"): void {
    if (this.#rule === undefined || this.#releasedBy) return;
    this.#releasedBy = by;
    for (const saved of this.#saved) saved.release();
    this.#saved = [];
  }
}

/** Returns `gradient`. Throws ShapeError if it has not the shape and dtype of `x`, to which it belongs. */
export function checkGradient(op: string, x: Tensor, gradient: Tensor): Tensor {
  if (x.dtype !== gradient.dtype || !sameShape(x.shape, gradient.shape)) {
    throw new ShapeError(
      `${op}: expected a gradient like ${x.toString()}, got ${gradient.toString()}.`,
    );
  }
  return gradient;
}

const whyReleased = {
  backward:
    "backward() ran over this already and freed what its gradient needs. " +
    "Pass { retainGraph: true } to the first one.",
  scope:
    "the scope this was recorded in has ended and freed what its gradient needs. " +
    "Call backward() inside it, or detach() what leaves it.",
};

export interface GradientEdge {
  readonly node: TapeNode;
  /** Which output of `node` the operand was. */
  readonly output: number;
}

/** A value the tape keeps alive, and the storage version it had when it was saved. */
export class SavedValue {
  readonly #lazy: Lazy;
  /** Undefined for a value not computed yet: it will get a storage that nobody else writes. */
  readonly #version: number | undefined;

  constructor(lazy: Lazy) {
    this.#lazy = lazy.retain();
    this.#version = lazy.isPending ? undefined : lazy.view().storage.version;
  }

  check(op: string): void {
    if (this.#version === undefined) return;
    if (this.#lazy.view().storage.version !== this.#version) {
      throw new AutogradError(
        `${op}: a value saved for the gradient was overwritten in place after the forward pass. ` +
          `Call backward() before updating parameters, or clone() the value first.`,
      );
    }
  }

  release(): void {
    this.#lazy.release();
  }
}

export function isRecording(): boolean {
  return recording;
}

/** Sets whether ops are recorded and returns what it was. */
export function setRecording(on: boolean): boolean {
  const before = recording;
  recording = on;
  return before;
}

/**
 * Runs `fn` without recording gradients. `fn` must be synchronous: an async function would leave the
 * mode on for whatever else runs meanwhile.
 */
export function noGrad<T>(fn: () => T): T {
  return withRecording(false, "noGrad", fn);
}

export function enableGrad<T>(fn: () => T): T {
  return withRecording(true, "enableGrad", fn);
}

function withRecording<T>(on: boolean, name: string, fn: () => T): T {
  const before = setRecording(on);
  try {
    const result = fn();
    if (result instanceof Promise) {
      throw new AutogradError(
        `${name}: expected a synchronous function, got one that returned a promise. ` +
          `Await inside, around several ${name} calls, instead.`,
      );
    }
    return result;
  } finally {
    setRecording(before);
  }
}
