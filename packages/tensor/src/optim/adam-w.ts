import { ArgumentError } from "../errors.ts";
import { bindView, type View } from "../core/storage.ts";
import { leafExpr, opExpr, scalarExpr, type Expr } from "../ir/expr.ts";
import { noGrad } from "../autograd/tape.ts";
import type { Device } from "../core/device.ts";
import type { Tensor } from "../tensor.ts";
import { Arena } from "./arena.ts";
import { toGroups, type ParameterGroup } from "./groups.ts";

export interface AdamWOptions {
  /** Default 1e-3. May be changed between steps through `optimizer.learningRate`. */
  readonly learningRate?: number;
  /** Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Default 1e-8. */
  readonly eps?: number;
  /** Default 0.01; decoupled from the gradient. */
  readonly weightDecay?: number;
}

export interface StepOptions {
  /** Scales the gradients down so that their global L2 norm is at most this. Default: no clipping. */
  readonly maxGradNorm?: number;
}

interface Group {
  readonly arena: Arena;
  readonly m: View;
  readonly v: View;
  readonly scale: number;
  readonly hyper: { beta1: number; beta2: number; eps: number; weightDecay: number };
}

/** What `state()` gives and `load()` takes: plain numbers, so that a checkpoint resumes bit for bit. */
export interface AdamWState {
  readonly step: number;
  readonly groups: readonly { readonly m: Float32Array; readonly v: Float32Array }[];
}

/**
 * AdamW (Loshchilov & Hutter 2019), as torch.optim.AdamW: m ← β1·m + (1−β1)·g, v ← β2·v + (1−β2)·g²,
 * p ← p − lr·(m̂ / (√v̂ + eps) + weightDecay·p). The parameters move into one arena per group. A parameter
 * without a gradient is stepped with a gradient of 0; PyTorch passes it over.
 */
export class AdamW {
  learningRate: number;
  readonly device: Device;
  readonly #groups: readonly Group[];
  #step = 0;

  constructor(
    parameters: readonly Tensor[] | readonly ParameterGroup<AdamWOptions>[],
    { learningRate = 1e-3, ...defaults }: AdamWOptions = {},
  ) {
    this.learningRate = learningRate;
    this.#groups = toGroups("AdamW", parameters, { learningRate, ...defaults }).map(
      (group: ParameterGroup<AdamWOptions>) => {
        const arena = new Arena(group.parameters);
        const { betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0.01 } = { ...defaults, ...group };
        const hyper = { beta1: betas[0], beta2: betas[1], eps, weightDecay };
        const scale = group.learningRateScale ?? 1;
        return { arena, m: arena.allocate(), v: arena.allocate(), scale, hyper };
      },
    );
    this.device = this.#groups[0]!.arena.device;
  }

  /**
   * Applies the gradients in `.grad` and drops them. Returns the global gradient norm before clipping,
   * as a tensor of one element that stays on the device.
   */
  step({ maxGradNorm }: StepOptions = {}): Tensor {
    return noGrad(() => this.device.tidy(() => this.#update(maxGradNorm)));
  }

  #update(maxGradNorm: number | undefined): Tensor {
    const { device } = this;
    const squares = this.#groups.map(({ arena }) => {
      arena.collectGradients();
      return arena.tensor(arena.gradients).square().sum();
    });
    const norm = squares.reduce((a, b) => a.add(b)).sqrt();
    const factor =
      maxGradNorm === undefined
        ? norm.mul(0).add(1)
        : norm.add(1e-6).reciprocal().mul(maxGradNorm).minimum(1);
    for (const [i, group] of this.#groups.entries()) {
      const { beta1, beta2 } = group.hyper;
      const scalars = device.feed("f32", [4], () => {
        if (i === 0) this.#step++;
        const corrections = [1 - beta1 ** this.#step, 1 - beta2 ** this.#step] as const;
        return Float32Array.of(this.learningRate * group.scale, ...corrections, 1);
      });
      const last = { ...scalars, shape: [], strides: [], offset: 3 };
      device.store("adamW", [leafExpr(factor.lazy.view(), "f32")], [], [last]);
      applyAdamW(device, group, scalars);
      scalars.storage.release();
    }
    return norm;
  }

  /** Drops all gradients without applying them. */
  zeroGrad(): void {
    for (const { arena } of this.#groups) {
      for (const p of arena.parameters) {
        p.grad?.dispose();
        p.grad = null;
      }
    }
  }

  /** The optimizer's state, read back from the device. */
  async state(): Promise<AdamWState> {
    const groups = [];
    for (const { m, v } of this.#groups) {
      groups.push({
        m: (await this.device.read(m)) as Float32Array,
        v: (await this.device.read(v)) as Float32Array,
      });
    }
    return { step: this.#step, groups };
  }

  /** Continues from a saved state. Throws ArgumentError if it is not of these parameters. */
  load(state: AdamWState): void {
    const lengths = this.#groups.map(({ arena }) => arena.length);
    const saved = state.groups.map(({ m, v }) => (m.length === v.length ? m.length : -1));
    if (lengths.join() !== saved.join()) {
      throw new ArgumentError(
        `AdamW.load: this optimizer has groups of ${lengths.join(", ")} elements, the state ` +
          `${saved.join(", ")}. Load the state of the same model and groups.`,
      );
    }
    this.#step = state.step;
    this.#groups.forEach((group, i) => {
      this.device.write(group.m, state.groups[i]!.m);
      this.device.write(group.v, state.groups[i]!.v);
    });
  }

  /** Frees the state. The parameters stay usable. */
  dispose(): void {
    for (const { arena } of this.#groups) arena.dispose();
  }
}

function applyAdamW(device: Device, { arena, m, v, hyper }: Group, scalars: View): void {
  const outputs = [arena.values, m, v];
  for (const { storage } of outputs) device.beforeWrite(storage);
  const launch = {
    kernel: "adamW" as const,
    op: "adamW",
    params: hyper,
    inputs: [arena.values, arena.gradients, m, v, scalars].map(bindView),
    outputs: outputs.map(bindView),
  };
  if (device.supports(launch)) {
    device.launch(launch);
    return;
  }
  // Without the kernel: one `map` into new memory, since outputs may not alias inputs, and copies back.
  const results = outputs.map(({ shape }) => device.allocate("adamW", "f32", shape));
  device.store("adamW", adamWExpressions(arena, m, v, scalars, hyper), arena.values.shape, results);
  results.forEach((view, i) => {
    device.store("adamW", [leafExpr(view, "f32")], view.shape, [outputs[i]!]);
    view.storage.release();
  });
}

function adamWExpressions(
  arena: Arena,
  m: View,
  v: View,
  scalars: View,
  { beta1, beta2, eps, weightDecay }: Group["hyper"],
): Expr<View>[] {
  const number = (x: number): Expr<View> => scalarExpr(x, "f32");
  const scalar = (offset: number): Expr<View> =>
    leafExpr({ ...scalars, shape: [], strides: [], offset }, "f32");
  const [rate, correction1, correction2, factor] = [scalar(0), scalar(1), scalar(2), scalar(3)];
  const p = leafExpr(arena.values, "f32");
  const g = opExpr("mul", leafExpr(arena.gradients, "f32"), factor);
  const blend = (old: View, next: Expr<View>, beta: number) =>
    opExpr(
      "add",
      opExpr("mul", leafExpr(old, "f32"), number(beta)),
      opExpr("mul", next, number(1 - beta)),
    );
  const nextM = blend(m, g, beta1);
  const nextV = blend(v, opExpr("mul", g, g), beta2);
  const root = opExpr("sqrt", opExpr("div", nextV, correction2));
  const direction = opExpr(
    "div",
    opExpr("div", nextM, correction1),
    opExpr("add", root, number(eps)),
  );
  const decayed = opExpr("add", direction, opExpr("mul", p, number(weightDecay)));
  return [opExpr("sub", p, opExpr("mul", rate, decayed)), nextM, nextV];
}
