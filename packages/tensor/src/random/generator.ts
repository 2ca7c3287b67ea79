// Random tensors from a counter-based generator (Threefry-2x32-20): equal seeds give equal bits on every
// backend. The state is four words on the host; each draw takes the next counters.

import { ArgumentError } from "../errors.ts";
import { assertShape, sizeOf, type Shape } from "../shape.ts";
import type { Device } from "../core/device.ts";
import { Lazy } from "../core/lazy.ts";
import { sample } from "../ops/sample/sample.ts";
import { sort } from "../ops/sort/sort.ts";
import type { Tensor } from "../tensor.ts";
import { drawing } from "./draws.ts";
import { gumbelOf, unitOf, wordsOf } from "./words.ts";

/** Everything a generator is: plain numbers, fit for a checkpoint. */
export interface GeneratorState {
  readonly key: readonly [number, number];
  /** The next counter, as low and high 32-bit words. */
  readonly counter: readonly [number, number];
}

export class Generator {
  readonly device: Device;
  readonly #key: readonly [number, number];
  #counter: number;

  /** `seed`: any integer 0 ≤ seed < 2^53. */
  constructor(device: Device, seed: number) {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new ArgumentError(`Generator: a seed is an integer from 0 to 2^53 − 1, got ${seed}.`);
    }
    this.device = device;
    this.#key = [seed >>> 0, Math.floor(seed / 2 ** 32)];
    this.#counter = 0;
  }

  static restore(device: Device, state: GeneratorState): Generator {
    const [low, high] = state.key;
    const generator = new Generator(device, high * 2 ** 32 + low);
    generator.#counter = state.counter[1] * 2 ** 32 + state.counter[0];
    return generator;
  }

  state(): GeneratorState {
    return {
      key: this.#key,
      counter: [this.#counter % 2 ** 32, Math.floor(this.#counter / 2 ** 32)],
    };
  }

  /** The state, u32 [4], that `count` words follow; the generator goes on behind them. */
  reserve(count: number): Tensor {
    const { device } = this;
    const produce = drawing(() => {
      const { key, counter } = this.state();
      this.#counter += Math.ceil(count / 2);
      return Uint32Array.of(...key, ...counter);
    });
    return device.wrap(Lazy.computed(device, "random", device.feed("u32", [4], produce)));
  }

  /** Uniform 32-bit words, u32. */
  bits(shape: Shape): Tensor {
    assertShape("random", shape);
    const state = this.reserve(sizeOf(shape));
    const words = wordsOf(state, shape);
    state.dispose();
    return words;
  }

  /** Uniform on [low, high), f32: 24 random bits, so `low` can come and `high` cannot. */
  uniform(shape: Shape, low: number = 0, high: number = 1): Tensor {
    const unit = unitOf(this.bits(shape));
    return low === 0 && high === 1 ? unit : unit.mul(high - low).add(low);
  }

  /** Normal with the given mean and standard deviation, f32 (Box & Muller 1958). */
  normal(shape: Shape, mean: number = 0, std: number = 1): Tensor {
    const u = this.uniform([2, sizeOf(shape)]);
    // 1 − u lies in (0, 1], so the logarithm is finite.
    const radius = u.select(0, 0).neg().add(1).log().mul(-2).sqrt();
    const angle = u.select(0, 1).mul(2 * Math.PI);
    return radius.mul(angle.cos()).mul(std).add(mean).reshape(shape);
  }

  /** 1 with probability p, else 0; bool. */
  bernoulli(shape: Shape, p: number): Tensor {
    if (!(p >= 0 && p <= 1)) throw new ArgumentError(`bernoulli: p must be in [0, 1], got ${p}.`);
    return this.uniform(shape).lt(p);
  }

  /** Standard Gumbel, f32. */
  gumbel(shape: Shape): Tensor {
    return gumbelOf(this.bits(shape));
  }

  /** One draw from softmax(logits) along the last axis, i32 (the Gumbel-max trick). */
  categorical(logits: Tensor): Tensor {
    return sample(logits, this);
  }

  /** A random order of 0..n−1, i32 [n]. */
  permutation(n: number): Tensor {
    // A stable sort of 32-bit words: equal words (rare below 2^16 elements) keep their order.
    return sort(this.bits([n])).indices;
  }
}
