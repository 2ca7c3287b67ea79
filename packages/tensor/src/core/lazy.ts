// Lazy: the value of a tensor, computed or not yet. Elementwise ops only build an expression here;
// `view()` computes it, as one kernel, when a matmul, a reduction, a read or a second distant use needs
// it. Tensors and the tape's saved values share one Lazy, so what one of them computes all of them have.

import type { DType } from "../dtype.ts";
import { leafExpr, type Expr } from "../ir/expr.ts";
import { UseAfterFreeError } from "../errors.ts";
import type { Shape } from "../shape.ts";
import type { View } from "./storage.ts";

/** Computes expressions; the device. */
export interface Evaluator {
  evaluate(op: string, expr: Expr<View>, shape: Shape, dtype: DType): View;
}

/** An expression of at most this many nodes without a heavy op is computed again rather than stored. */
const cheapNodes = 4;

export class Lazy {
  readonly shape: Shape;
  readonly dtype: DType;
  /** The op that made it, for messages and profiles. */
  readonly op: string;
  readonly #evaluator: Evaluator;
  #view: View | undefined;
  #expr: Expr<View> | undefined;
  #leaves: readonly View[] = [];
  #uses = 0;
  #references = 1;

  private constructor(evaluator: Evaluator, op: string, shape: Shape, dtype: DType) {
    this.#evaluator = evaluator;
    this.op = op;
    this.shape = shape;
    this.dtype = dtype;
  }

  /** Takes over the caller's reference on the view's storage. */
  static computed(evaluator: Evaluator, op: string, view: View): Lazy {
    const lazy = new Lazy(evaluator, op, view.shape, view.dtype);
    lazy.#view = view;
    view.storage.isOwned = true;
    return lazy;
  }

  static pending(
    evaluator: Evaluator,
    op: string,
    expr: Expr<View>,
    leaves: readonly View[],
    shape: Shape,
    dtype: DType,
  ): Lazy {
    const lazy = new Lazy(evaluator, op, shape, dtype);
    lazy.#expr = expr;
    lazy.#leaves = leaves;
    for (const leaf of leaves) {
      leaf.storage.retain();
      leaf.storage.readers.add(lazy);
    }
    return lazy;
  }

  get isPending(): boolean {
    return this.#view === undefined;
  }

  get isFreed(): boolean {
    return this.#references === 0;
  }

  retain(): Lazy {
    this.#references++;
    return this;
  }

  release(): void {
    if (--this.#references > 0) return;
    this.#view?.storage.release();
    this.#dropExpression();
  }

  /** The computed value. */
  view(): View {
    this.#assertAlive();
    if (this.#view === undefined) {
      this.#view = this.#evaluator.evaluate(this.op, this.#expr!, this.shape, this.dtype);
      this.#view.storage.isOwned = true;
      this.#dropExpression();
    }
    return this.#view;
  }

  /**
   * This value as an operand of a bigger expression on `outputShape`. Inlines what is cheap or used for
   * the first time; computes what would otherwise be computed again and again.
   */
  operand(outputSize: number, ownSize: number): { expr: Expr<View>; leaves: readonly View[] } {
    this.#assertAlive();
    const expr = this.#expr;
    if (expr !== undefined) {
      const cheap = !expr.heavy && expr.size <= cheapNodes;
      const repeats = outputSize > ownSize || this.#uses > 0;
      if (cheap || !repeats) {
        this.#uses++;
        return { expr, leaves: this.#leaves };
      }
    }
    const view = this.view();
    return { expr: leafOf(view), leaves: [view] };
  }

  #assertAlive(): void {
    if (this.#references > 0) return;
    throw new UseAfterFreeError(
      `${this.op}: the result was freed before it was read, by dispose() or by its scope. ` +
        `Await reads inside the scope.`,
    );
  }

  #dropExpression(): void {
    for (const leaf of this.#leaves) {
      leaf.storage.readers.delete(this);
      leaf.storage.release();
    }
    this.#leaves = [];
    this.#expr = undefined;
  }
}

/** One leaf node per view object, so that an expression which reads a view twice loads it once. */
const leafNodes = new WeakMap<View, Expr<View>>();

function leafOf(view: View): Expr<View> {
  let node = leafNodes.get(view);
  if (node === undefined) {
    node = leafExpr(view, view.dtype);
    leafNodes.set(view, node);
  }
  return node;
}
