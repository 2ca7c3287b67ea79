// An arena: the parameters of one group laid end to end in one allocation, and their gradients, and the
// optimizer's state beside them. One kernel updates all of them, one reduction gives the gradient norm,
// and the tensors the model holds become windows on it.

import { ArgumentError } from "../errors.ts";
import { leafExpr, scalarExpr } from "../ir/expr.ts";
import type { Device } from "../core/device.ts";
import { Lazy } from "../core/lazy.ts";
import type { View } from "../core/storage.ts";
import { contiguousStrides } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

export class Arena {
  readonly device: Device;
  readonly parameters: readonly Tensor[];
  /** Elements in all. */
  readonly length: number;
  readonly values: View;
  readonly gradients: View;
  readonly #windows: readonly View[];
  readonly #owned: View[] = [];

  constructor(parameters: readonly Tensor[]) {
    const first = parameters[0];
    if (!first) throw new ArgumentError("optimizer: expected at least one parameter, got none.");
    for (const p of parameters) {
      if (!p.isLeaf || !p.requiresGrad || p.dtype !== "f32") {
        throw new ArgumentError(
          `optimizer: a parameter is an f32 leaf with requiresGrad, got ${p.toString()}` +
            `${p.isLeaf ? "" : ", the result of an op"}. Call p.requiresGrad_() on the leaf.`,
        );
      }
    }
    this.device = first.device;
    this.parameters = parameters;
    this.length = parameters.reduce((sum, p) => sum + p.size, 0);
    this.values = this.allocate();
    this.gradients = this.allocate();
    let offset = 0;
    this.#windows = parameters.map((p) => {
      const view = window(this.values, p, offset);
      offset += p.size;
      const source = p.lazy.view();
      this.device.store("arena", [leafExpr(source, source.dtype)], p.shape, [view]);
      this.values.storage.retain();
      p.rebind(Lazy.computed(this.device, "parameter", view));
      return view;
    });
  }

  /** A zeroed array of the arena's length, freed with it. */
  allocate(): View {
    const view = this.device.allocate("arena", "f32", [this.length]);
    this.device.store("arena", [scalarExpr(0, "f32")], view.shape, [view]);
    this.#owned.push(view);
    return view;
  }

  /**
   * Copies the parameters' `.grad` into the arena (zeros where there is none) and drops them. Throws ArgumentError if
   * a parameter has moved to the arena of an optimizer made later.
   */
  collectGradients(): void {
    const lost = this.parameters.find((p) => p.lazy.view().storage !== this.values.storage);
    if (lost) {
      throw new ArgumentError(
        `optimizer: ${lost.toString()} was given to another optimizer after this one and is no longer updated here. ` +
          `Use one of the two, with groups where settings differ.`,
      );
    }
    this.device.beforeWrite(this.gradients.storage);
    this.parameters.forEach((p, i) => {
      const target = { ...this.#windows[i]!, storage: this.gradients.storage };
      const source = p.grad?.lazy.view();
      const expr = source ? leafExpr(source, source.dtype) : scalarExpr(0, "f32");
      this.device.store("arena", [expr], p.shape, [target]);
      p.grad?.dispose();
      p.grad = null;
    });
  }

  /** A view of the arena as a tensor, for saving and for norms; owned by the current scope. */
  tensor(view: View): Tensor {
    view.storage.retain();
    return this.device.wrap(Lazy.computed(this.device, "arena", view));
  }

  dispose(): void {
    for (const view of this.#owned) view.storage.release();
    this.#owned.length = 0;
  }
}

function window(arena: View, p: Tensor, offset: number): View {
  const strides = contiguousStrides(p.shape);
  return { storage: arena.storage, dtype: "f32", shape: p.shape, strides, offset };
}
