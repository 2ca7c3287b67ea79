// What a recorded step does to `.grad`. A replay repeats launches, not the assignments on the host: the gradients
// that the recorded run left behind stay with the plan, which computes them anew, and are added to the leaves after
// each replay, as backward() would have.

import { noGrad } from "../autograd/tape.ts";
import type { Tensor } from "../tensor.ts";

interface Use {
  readonly leaf: Tensor;
  readonly found: Tensor | null;
  /** How often backward() added to it. */
  added: number;
  /** Whether anything else read or set it. */
  touched: boolean;
}

/** A leaf, or the position of the input whose copy in the plan is one. */
interface Left {
  readonly leaf: Tensor | number;
  /** What a replay computes; null where the step leaves no gradient. */
  readonly gradient: Tensor | null;
  /** Added to exactly once and otherwise not looked at: the sum is the same from any gradient before. */
  readonly addsOnce: boolean;
}

export class StepGradients {
  readonly #uses = new Map<Tensor, Use>();
  #left: readonly Left[] = [];

  /** Called before `leaf.grad`, now `found`, is read, set or added to. */
  uses(leaf: Tensor, found: Tensor | null, added: boolean): void {
    let use = this.#uses.get(leaf);
    if (!use) this.#uses.set(leaf, (use = { leaf, found, added: 0, touched: false }));
    if (added) use.added++;
    else use.touched = true;
  }

  /** Whether the run took in a gradient from before it. */
  get outstanding(): boolean {
    return [...this.#uses.values()].some(({ found }) => found !== null);
  }

  /** Drops the gradients that a run which was not recorded has used. */
  dropUsed(): void {
    for (const leaf of this.#uses.keys()) leaf.setGrad(null);
  }

  /** After the recorded run: keeps its gradients for the plan, and gives the leaves their own. */
  keep(inputs: readonly Tensor[], given: readonly Tensor[]): void {
    const live = [...this.#uses.values()].filter(({ leaf }) => !leaf.isDisposed);
    this.#left = live.map(({ leaf, added, touched }) => {
      const gradient = leaf.grad && leaf.device.unscoped(() => leaf.grad!.detach());
      const input = inputs.indexOf(leaf);
      return { leaf: input < 0 ? leaf : input, gradient, addsOnce: added === 1 && !touched };
    });
    this.#uses.clear();
    for (const { leaf } of live) leaf.setGrad(null);
    this.handOver(given);
  }

  /** Whether a replay does to the gradients of now what the step would. */
  canReplay(given: readonly Tensor[]): boolean {
    return this.#left.every((left) => left.addsOnce || leafOf(left, given).grad === null);
  }

  /** Adds what the plan has computed to the leaves. */
  handOver(given: readonly Tensor[]): void {
    noGrad(() => {
      for (const left of this.#left) {
        const { gradient } = left;
        const leaf = leafOf(left, given);
        // The plan overwrites its own with the next replay.
        if (gradient) leaf.device.tidy(() => leaf.addGrad(leaf.grad ? gradient : gradient.clone()));
      }
    });
  }

  /** The gradients as they are now, copied. */
  take(given: readonly Tensor[]): (Tensor | null)[] {
    return this.#left.map((left) => leafOf(left, given).grad?.detach().clone().eval() ?? null);
  }

  /** Sets what `take` has taken. */
  restore(given: readonly Tensor[], taken: readonly (Tensor | null)[]): void {
    this.#left.forEach((left, i) => leafOf(left, given).setGrad(taken[i]!));
  }

  /** Drops the gradients that the step uses. */
  drop(given: readonly Tensor[]): void {
    for (const left of this.#left) leafOf(left, given).setGrad(null);
  }

  name(index: number, given: readonly Tensor[]): string {
    return `.grad of ${leafOf(this.#left[index]!, given).toString()}`;
  }

  /** Whether `leaf` is among those whose gradients the step uses. */
  has(leaf: Tensor, given: readonly Tensor[]): boolean {
    return this.#left.some((left) => leafOf(left, given) === leaf);
  }

  dispose(): void {
    for (const { gradient } of this.#left) gradient?.dispose();
    this.#left = [];
  }
}

function leafOf({ leaf }: Left, given: readonly Tensor[]): Tensor {
  return typeof leaf === "number" ? given[leaf]! : leaf;
}
