import { noGrad } from "../autograd/tape.ts";
import { ArgumentError } from "../errors.ts";
import type { Device } from "../core/device.ts";
import type { View } from "../core/storage.ts";
import { assign } from "../ops/assign/assign.ts";
import type { Tensor } from "../tensor.ts";
import { Arena } from "./arena.ts";
import { fedNumber, toGroups, type ParameterGroup } from "./groups.ts";

export interface SgdOptions {
  /** Default 1e-3. May be changed between steps through `optimizer.learningRate`. */
  readonly learningRate?: number;
  /** Default 0. */
  readonly momentum?: number;
  /** Look-ahead gradient (Sutskever et al. 2013). Default false. */
  readonly nesterov?: boolean;
  /** L2, added to the gradient. Default 0. */
  readonly weightDecay?: number;
}

/** What `state()` gives and `load()` takes: one momentum a group, the group's parameters laid end to end. */
export interface SgdState {
  readonly momentum: readonly Float32Array[];
}

interface Group {
  readonly arena: Arena;
  readonly momentum: View;
  readonly scale: number;
  readonly options: Required<Omit<SgdOptions, "learningRate">>;
}

/**
 * Stochastic gradient descent, as torch.optim.SGD: b ← momentum·b + g, p ← p − lr·b. A parameter without a gradient
 * is stepped with a gradient of 0; PyTorch passes it over.
 */
export class SGD {
  learningRate: number;
  readonly device: Device;
  readonly #groups: readonly Group[];

  constructor(
    parameters: readonly Tensor[] | readonly ParameterGroup<SgdOptions>[],
    { learningRate = 1e-3, ...defaults }: SgdOptions = {},
  ) {
    this.learningRate = learningRate;
    this.#groups = toGroups("SGD", parameters, { learningRate, ...defaults }).map(
      (group: ParameterGroup<SgdOptions>) => {
        const { momentum = 0, nesterov = false, weightDecay = 0 } = { ...defaults, ...group };
        if (nesterov && momentum === 0) {
          throw new ArgumentError("SGD: nesterov needs a momentum above 0.");
        }
        const arena = new Arena(group.parameters);
        const options = { momentum, nesterov, weightDecay };
        return { arena, momentum: arena.allocate(), scale: group.learningRateScale ?? 1, options };
      },
    );
    this.device = this.#groups[0]!.arena.device;
  }

  /** Applies the gradients in `.grad` and drops them. */
  step(): void {
    noGrad(() => this.device.tidy(() => this.#groups.forEach((group) => this.#update(group))));
  }

  #update({ arena, momentum: memory, scale, options }: Group): void {
    const { momentum, nesterov, weightDecay } = options;
    arena.collectGradients();
    const values = arena.tensor(arena.values);
    const buffer = arena.tensor(memory);
    const raw = arena.tensor(arena.gradients);
    const rate = fedNumber(this.device, () => this.learningRate * scale);
    const gradient = weightDecay === 0 ? raw : raw.add(values.mul(weightDecay));
    // The momentum starts at 0, so the first step's is the gradient itself, as PyTorch's.
    const next = momentum === 0 ? gradient : buffer.mul(momentum).add(gradient);
    const direction = nesterov ? gradient.add(next.mul(momentum)) : next;
    const updated = values.sub(direction.mul(rate)).eval();
    if (momentum !== 0) assign(buffer, next);
    assign(values, updated);
  }

  async state(): Promise<SgdState> {
    const momentum = await Promise.all(
      this.#groups.map((group) => this.device.read(group.momentum)),
    );
    return { momentum: momentum as Float32Array[] };
  }

  /** Continues from a saved state. Throws ArgumentError if it is not of these parameters. */
  load(state: SgdState): void {
    const lengths = this.#groups.map(({ arena }) => arena.length);
    const saved = state.momentum.map(({ length }) => length);
    if (lengths.join() !== saved.join()) {
      throw new ArgumentError(
        `SGD.load: this optimizer has groups of ${lengths.join(", ")} elements, the state ${saved.join(", ")}. ` +
          `Load the state of the same model and groups.`,
      );
    }
    this.#groups.forEach((group, i) => this.device.write(group.momentum, state.momentum[i]!));
  }

  /** Frees the state. The parameters stay usable. */
  dispose(): void {
    for (const { arena } of this.#groups) arena.dispose();
  }
}
