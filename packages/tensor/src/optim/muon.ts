import { noGrad } from "../autograd/tape.ts";
import { ArgumentError } from "../errors.ts";
import type { Device } from "../core/device.ts";
import { assign } from "../ops/assign/assign.ts";
import type { Tensor } from "../tensor.ts";

export interface MuonOptions {
  /** Default 0.02. */
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

export interface MuonState {
  readonly momentum: readonly Float32Array[];
}

/**
 * Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon): the momentum of each matrix is replaced
 * by the nearest orthogonal one, found by a quintic Newton–Schulz iteration. For matrices only: give
 * embeddings, norms and biases to AdamW.
 */
export class Muon {
  learningRate: number;
  readonly device: Device;
  readonly #parameters: readonly Tensor[];
  readonly #momenta: readonly Tensor[];
  readonly #options: Required<Omit<MuonOptions, "learningRate">>;

  constructor(
    parameters: readonly Tensor[],
    {
      learningRate = 0.02,
      momentum = 0.95,
      nesterov = true,
      weightDecay = 0,
      iterations = 5,
    }: MuonOptions = {},
  ) {
    const [first] = parameters;
    const wrong = parameters.find((p) => p.rank < 2);
    if (!first || wrong) {
      throw new ArgumentError(
        `Muon: expected matrices, got ${wrong ? wrong.toString() : "nothing"}. Use AdamW for the others.`,
      );
    }
    this.learningRate = learningRate;
    this.device = first.device;
    this.#options = { momentum, nesterov, weightDecay, iterations };
    this.#parameters = parameters;
    this.#momenta = this.device.unscoped(() => parameters.map((p) => this.device.zeros(p.shape).eval()));
  }

  /** Applies the gradients in `.grad` and drops them. */
  step(): void {
    const { momentum, nesterov, weightDecay, iterations } = this.#options;
    noGrad(() =>
      this.device.tidy(() => {
        this.#parameters.forEach((p, i) => {
          if (!p.grad) return;
          const buffer = this.#momenta[i]!;
          // buf ← momentum·buf + (1 − momentum)·g, as in the reference implementation.
          assign(buffer, buffer.mul(momentum).add(p.grad.mul(1 - momentum)));
          const direction = nesterov ? p.grad.mul(1 - momentum).add(buffer.mul(momentum)) : buffer;
          const [rows, columns] = p.shape.slice(-2) as [number, number];
          const scale = Math.sqrt(Math.max(1, rows / columns));
          const update = orthogonalize(direction, iterations).mul(this.learningRate * scale);
          assign(p.detach(), p.detach().mul(1 - this.learningRate * weightDecay).sub(update));
          p.setGrad(null);
        });
      }),
    );
  }

  async state(): Promise<MuonState> {
    const momentum = await Promise.all(this.#momenta.map((m) => m.data()));
    return { momentum: momentum as Float32Array[] };
  }

  load(state: MuonState): void {
    const fits =
      state.momentum.length === this.#momenta.length &&
      state.momentum.every((m, i) => m.length === this.#momenta[i]!.size);
    if (!fits) throw new ArgumentError("Muon.load: the state belongs to other parameters.");
    state.momentum.forEach((m, i) => this.device.write(this.#momenta[i]!.lazy.view(), m));
  }

  dispose(): void {
    for (const m of this.#momenta) m.dispose();
  }
}

/** U·Vᵀ of G = U·S·Vᵀ, roughly: five steps of X ← aX + (bA + cA²)X with A = X·Xᵀ. */
function orthogonalize(g: Tensor, iterations: number): Tensor {
  const [rows, columns] = g.shape.slice(-2) as [number, number];
  const tall = rows > columns;
  const [a, b, c] = [3.4445, -4.775, 2.0315];
  let x = tall ? g.transpose() : g;
  x = x.div(x.square().sum([-2, -1], { keepDim: true }).sqrt().add(1e-7));
  for (let i = 0; i < iterations; i++) {
    const A = x.matmul(x.transpose());
    const B = A.mul(b).add(A.matmul(A).mul(c));
    x = x.mul(a).add(B.matmul(x));
  }
  return tall ? x.transpose() : x;
}
