import { noGrad } from "../autograd/tape.ts";
import { ArgumentError } from "../errors.ts";
import type { Device } from "../core/device.ts";
import type { View } from "../core/storage.ts";
import { assign } from "../ops/assign/assign.ts";
import type { Tensor } from "../tensor.ts";
import { Arena } from "./arena.ts";

export interface SgdOptions {
  /** Default 1e-3. */
  readonly learningRate?: number;
  /** Default 0. */
  readonly momentum?: number;
  /** Look-ahead gradient (Sutskever et al. 2013). Default false. */
  readonly nesterov?: boolean;
  /** L2, added to the gradient. Default 0. */
  readonly weightDecay?: number;
}

export interface SgdState {
  readonly step: number;
  readonly momentum: Float32Array;
}

/** Stochastic gradient descent, as torch.optim.SGD: b ← momentum·b + g, p ← p − lr·b. */
export class SGD {
  learningRate: number;
  readonly device: Device;
  readonly #arena: Arena;
  readonly #buffer: View;
  readonly #options: Required<Omit<SgdOptions, "learningRate">>;
  #step = 0;

  constructor(
    parameters: readonly Tensor[],
    { learningRate = 1e-3, momentum = 0, nesterov = false, weightDecay = 0 }: SgdOptions = {},
  ) {
    if (nesterov && momentum === 0) throw new ArgumentError("SGD: nesterov needs a momentum above 0.");
    this.learningRate = learningRate;
    this.#options = { momentum, nesterov, weightDecay };
    this.#arena = new Arena(parameters);
    this.#buffer = this.#arena.allocate();
    this.device = this.#arena.device;
  }

  /** Applies the gradients in `.grad` and drops them. */
  step(): void {
    const { momentum, nesterov, weightDecay } = this.#options;
    noGrad(() =>
      this.device.tidy(() => {
        this.#arena.collectGradients();
        const values = this.#arena.tensor(this.#arena.values);
        const buffer = this.#arena.tensor(this.#buffer);
        const raw = this.#arena.tensor(this.#arena.gradients);
        const gradient = weightDecay === 0 ? raw : raw.add(values.mul(weightDecay));
        const next = this.#step === 0 ? gradient : buffer.mul(momentum).add(gradient);
        const direction = nesterov ? gradient.add(next.mul(momentum)) : next;
        const updated = values.sub(direction.mul(this.learningRate)).eval();
        if (momentum !== 0) assign(buffer, next);
        assign(values, updated);
        this.#step++;
      }),
    );
  }

  async state(): Promise<SgdState> {
    return { step: this.#step, momentum: (await this.device.read(this.#buffer)) as Float32Array };
  }

  load(state: SgdState): void {
    if (state.momentum.length !== this.#arena.length) {
      throw new ArgumentError(
        `SGD.load: this optimizer has ${this.#arena.length} elements, the state ${state.momentum.length}. ` +
          `Load the state of the same model.`,
      );
    }
    this.#step = state.step;
    this.device.write(this.#buffer, state.momentum);
  }

  dispose(): void {
    this.#arena.dispose();
  }
}
