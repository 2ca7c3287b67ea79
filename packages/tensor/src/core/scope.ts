// Scopes own tensors: leaving one frees everything made inside but what was returned or kept. A scope is
// an explicit object, so it may stay open across `await`; ending it out of order only ends that one.

import type { Tensor } from "../tensor.ts";
import type { TapeNode } from "../autograd/tape.ts";

/** What a scope needs to know of its device. */
export interface ScopeOwner {
  closeScope(scope: Scope): void;
}

export class Scope implements Disposable {
  readonly parent: Scope | undefined;
  readonly #owner: ScopeOwner;
  #tensors: Tensor[] = [];
  #nodes: TapeNode[] = [];
  #open = true;

  constructor(owner: ScopeOwner, parent: Scope | undefined) {
    this.#owner = owner;
    this.parent = parent;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** @internal */
  add(tensor: Tensor): void {
    tensor.scope = this;
    this.#tensors.push(tensor);
  }

  /** @internal */
  addNode(node: TapeNode): void {
    this.#nodes.push(node);
  }

  /** Hands a tensor to the surrounding scope (or to nobody, if this is the outermost). */
  keep<T extends Tensor>(tensor: T): T {
    if (tensor.scope === this) {
      let next = this.parent;
      while (next && !next.isOpen) next = next.parent;
      if (next) next.add(tensor);
      else tensor.scope = undefined;
    }
    return tensor;
  }

  /** Hands everything to the surrounding scope, or to nobody. */
  handOver(): void {
    for (const tensor of this.#tensors) this.keep(tensor);
    for (const node of this.#nodes) this.parent?.addNode(node);
    this.#tensors = [];
    this.#nodes = [];
  }

  /** Frees what is still owned. Idempotent. */
  end(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#owner.closeScope(this);
    for (const node of this.#nodes) node.release("scope");
    for (const tensor of this.#tensors) if (tensor.scope === this) tensor.dispose();
    this.#tensors = [];
    this.#nodes = [];
  }

  [Symbol.dispose](): void {
    this.end();
  }
}
