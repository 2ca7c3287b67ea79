// The decoding cache of latent attention: per layer and token the normalised latent and the rotated
// shared key, rkv + dr numbers in all (576 for the real model). Allocated once, written in place.

import { ArgumentError, zeros, type Device, type Tensor } from "@sixtyone/tensor";
import type { DeepseekV3Config } from "./config.ts";

export class KeyValueCache implements Disposable {
  /** One [B, capacity, rkv + dr] tensor a layer. */
  readonly layers: readonly Tensor[];
  readonly batch: number;
  /** The most tokens it can hold. */
  readonly capacity: number;
  #length = 0;

  constructor(device: Device, config: DeepseekV3Config, batch: number, capacity: number) {
    const width = config.kv_lora_rank + config.qk_rope_head_dim;
    this.batch = batch;
    this.capacity = capacity;
    this.layers = Array.from({ length: config.num_hidden_layers }, () =>
      zeros(device, [batch, capacity, width]).eval(),
    );
  }

  /** Tokens held so far. */
  get length(): number {
    return this.#length;
  }

  /** @internal Makes room for T more tokens and returns the position of the first. */
  extend(batch: number, T: number): number {
    if (batch !== this.batch || this.#length + T > this.capacity) {
      throw new ArgumentError(
        `KeyValueCache: holds ${this.batch} sequences of ${this.capacity} tokens, ` +
          `${this.#length} used; got ${batch} sequences of ${T} more. Make a larger cache.`,
      );
    }
    const start = this.#length;
    this.#length += T;
    return start;
  }

  dispose(): void {
    for (const layer of this.layers) layer.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
