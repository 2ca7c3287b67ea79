import { noGrad } from "../autograd/tape.ts";
import { ArgumentError } from "../errors.ts";
import type { Device } from "../core/device.ts";
import { assign } from "../ops/assign/assign.ts";
import type { Tensor } from "../tensor.ts";
import { fedNumber, toGroups, type ParameterGroup } from "./groups.ts";

export interface MuonOptions {
  /** Default 0.02. May be changed between steps through `optimizer.learningRate`. */
  readonly learningRate?: number;
  /** Default 0.95. */
  readonly momentum?: number;
  /** Default true. */
  readonly nesterov?: boolean;
  /** Default 0; decoupled. */
  readonly weightDecay?: number;
  /** Newton–Schulz iterations. Default 5. */
  readonly iterations?: number;
}

/** What `state()` gives and `load()` takes: one momentum a parameter. */
export interface MuonState {
  readonly momentum: readonly Float32Array[];
}

interface Entry {
  readonly parameter: Tensor;
  readonly momentum: Tensor;
  readonly scale: number;
  readonly options: Required<Omit<MuonOptions, "learningRate">>;
}

/**
 * Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon), as torch.optim.Muon but in f32 where that
 * iterates in bf16: the momentum of each matrix is replaced by the nearest orthogonal one, found by a quintic
 * Newton–Schulz iteration. For matrices only (of a batch, each by itself): give embeddings, norms and biases to
 * AdamW. A parameter without a gradient is passed over.
 */
export class Muon {
  learningRate: number;
  readonly device: Device;
  readonly #entries: readonly Entry[];

  constructor(
    parameters: readonly Tensor[] | readonly ParameterGroup<MuonOptions>[],
    { learningRate = 0.02, ...defaults }: MuonOptions = {},
  ) {
    this.learningRate = learningRate;
    const groups = toGroups("Muon", parameters, { learningRate, ...defaults });
    const wrong = groups.flatMap((group) => group.parameters).find((p) => p.rank < 2);
    if (wrong) {
      throw new ArgumentError(
        `Muon: expected matrices, got ${wrong.toString()}. Use AdamW for the others.`,
      );
    }
    this.device = groups[0]!.parameters[0]!.device;
    this.#entries = this.device.unscoped(() =>
      groups.flatMap((group: ParameterGroup<MuonOptions>) => {
        const {
          momentum = 0.95,
          nesterov = true,
          weightDecay = 0,
          iterations = 5,
        } = { ...defaults, ...group };
        return group.parameters.map((parameter) => ({
          parameter,
          momentum: this.device.zeros(parameter.shape).eval(),
          scale: group.learningRateScale ?? 1,
          options: { momentum, nesterov, weightDecay, iterations },
        }));
      }),
    );
  }

  /** Applies the gradients in `.grad` and drops them. */
  step(): void {
    noGrad(() => this.device.tidy(() => this.#entries.forEach((entry) => this.#update(entry))));
  }

  #update({ parameter: p, momentum: buffer, scale, options }: Entry): void {
    if (!p.grad) return;
    const { momentum, nesterov, weightDecay, iterations } = options;
    const rate = fedNumber(this.device, () => this.learningRate * scale);
    // buf ← momentum·buf + (1 − momentum)·g, as in the reference implementation.
    assign(buffer, buffer.mul(momentum).add(p.grad.mul(1 - momentum)));
    const direction = nesterov ? p.grad.mul(1 - momentum).add(buffer.mul(momentum)) : buffer;
    const [rows, columns] = p.shape.slice(-2) as [number, number];
    const update = orthogonalize(direction, iterations).mul(
      rate.mul(Math.sqrt(Math.max(1, rows / columns))),
    );
    const decayed = weightDecay === 0 ? p.detach() : p.detach().mul(rate.mul(-weightDecay).add(1));
    assign(p.detach(), decayed.sub(update));
    p.setGrad(null);
  }

  async state(): Promise<MuonState> {
    const momentum = await Promise.all(this.#entries.map((entry) => entry.momentum.data()));
    return { momentum: momentum as Float32Array[] };
  }

  /** Continues from a saved state. Throws ArgumentError if it is not of these parameters. */
  load(state: MuonState): void {
    const sizes = this.#entries.map(({ parameter }) => parameter.size);
    const saved = state.momentum.map(({ length }) => length);
    if (sizes.join() !== saved.join()) {
      throw new ArgumentError(
        `Muon.load: this optimizer has matrices of ${sizes.join(", ")} elements, the state ${saved.join(", ")}. ` +
          `Load the state of the same model.`,
      );
    }
    this.#entries.forEach(({ momentum }, i) =>
      this.device.write(momentum.lazy.view(), state.momentum[i]!),
    );
  }

  /** Frees the state. The parameters stay usable. */
  dispose(): void {
    for (const { momentum } of this.#entries) momentum.dispose();
  }
}

/** U·Vᵀ of G = U·S·Vᵀ, roughly: five steps of X ← aX + (bA + cA²)X with A = X·Xᵀ. */
function orthogonalize(g: Tensor, iterations: number): Tensor {
  const [rows, columns] = g.shape.slice(-2) as [number, number];
  const tall = rows > columns;
  const [a, b, c] = [3.4445, -4.775, 2.0315];
  let x = tall ? g.transpose() : g;
  x = x.div(x.square().sum([-2, -1], { keepDim: true }).sqrt().maximum(1e-7));
  for (let i = 0; i < iterations; i++) {
    const A = x.matmul(x.transpose());
    const B = A.mul(b).add(A.matmul(A).mul(c));
    x = x.mul(a).add(B.matmul(x));
  }
  return tall ? x.transpose() : x;
}
