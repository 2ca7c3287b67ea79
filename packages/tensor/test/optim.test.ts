// Optimizers, clipping and schedules against PyTorch's (tools/goldens/optim.py): learning rates that change, groups
// with settings of their own; states that resume bit for bit; steps that are replayed.

import { readFileSync } from "node:fs";
import { wasm } from "@sixtyone/backend-wasm";
import { describe, expect, test } from "vitest";
import {
  AdamW,
  clipGradNorm,
  constant,
  cosineDecay,
  createDevice,
  linearDecay,
  Muon,
  SGD,
  step,
  tensor,
  warmup,
  type Device,
  type Schedule,
  type Tensor,
} from "../src/index.ts";
import { reference } from "../src/backend/index.ts";

interface GoldenRun {
  readonly shapes: readonly number[][];
  readonly before: readonly number[][];
  /** By step, by parameter. */
  readonly gradients: readonly number[][][];
  readonly after: readonly number[][];
}

interface Goldens {
  readonly rates: readonly number[];
  readonly cases: Readonly<Record<string, GoldenRun>>;
  readonly clip: {
    readonly shapes: readonly number[][];
    readonly maxNorm: number;
    readonly gradients: readonly number[][];
    readonly norm: number;
    readonly after: readonly number[][];
  };
  readonly schedules: Readonly<Record<string, readonly number[]>>;
}

// SIXTYONE_OPTIM_GOLDENS=FILE runs fresh numbers.
const path =
  process.env["SIXTYONE_OPTIM_GOLDENS"] ?? new URL("goldens/optim.json", import.meta.url);
const goldens = JSON.parse(readFileSync(path, "utf8")) as Goldens;

interface Optimizer {
  learningRate: number;
  step(): unknown;
}

type Make = (parameters: readonly Tensor[]) => Optimizer;

const makers: Readonly<Record<string, { readonly make: Make; readonly tolerance?: number }>> = {
  sgd: { make: (p) => new SGD(p) },
  momentum: { make: (p) => new SGD(p, { momentum: 0.9, weightDecay: 0.01 }) },
  nesterov: { make: (p) => new SGD(p, { momentum: 0.8, nesterov: true }) },
  sgdGroups: {
    make: (p) => {
      const second = {
        parameters: p.slice(2),
        momentum: 0.5,
        weightDecay: 0.1,
        learningRateScale: 0.5,
      };
      return new SGD([{ parameters: p.slice(0, 2) }, second], { momentum: 0.9 });
    },
  },
  adamW: { make: (p) => new AdamW(p, { betas: [0.9, 0.98], eps: 1e-6, weightDecay: 0.1 }) },
  adamWGroups: {
    make: (p) => {
      const first = { parameters: p.slice(0, 2), weightDecay: 0 };
      const second = {
        parameters: p.slice(2),
        betas: [0.8, 0.95] as const,
        learningRateScale: 0.25,
      };
      return new AdamW([first, second], { weightDecay: 0.2 });
    },
  },
  muon: { make: (p) => new Muon(p, { weightDecay: 0.1 }) },
  muonPlain: { make: (p) => new Muon(p, { momentum: 0.5, nesterov: false }) },
  // bfloat16 has 8 bits; four steps of 0.1 each in an iteration that amplifies.
  muonBfloat16: { make: (p) => new Muon(p, { weightDecay: 0.1 }), tolerance: 0.02 },
  muonBfloat16Plain: {
    make: (p) => new Muon(p, { momentum: 0.5, nesterov: false }),
    tolerance: 0.02,
  },
};

function parametersOf(device: Device, { shapes, before }: GoldenRun): Tensor[] {
  return shapes.map((shape, i) =>
    tensor(device, Float32Array.from(before[i]!), { shape, requiresGrad: true }),
  );
}

/** Puts a gradient in place by differentiating Σ g · p. */
function pull(device: Device, parameters: readonly Tensor[], gradients: readonly number[][]): void {
  parameters.forEach((p, i) => {
    p.mul(tensor(device, Float32Array.from(gradients[i]!), { shape: p.shape }))
      .sum()
      .backward();
  });
}

const backends = { reference: async () => reference(), wasm: () => wasm({ threads: 1 }) };

describe.each(Object.entries(backends))("%s", (_, open) => {
  test.each(Object.keys(goldens.cases))("%s agrees with torch.optim", async (name) => {
    using device = createDevice(await open());
    const { make, tolerance = 1e-5 } = makers[name]!;
    const golden = goldens.cases[name]!;
    const parameters = parametersOf(device, golden);
    const optimizer = make(parameters);
    for (const [i, gradients] of golden.gradients.entries()) {
      using _scope = device.scope();
      pull(device, parameters, gradients);
      optimizer.learningRate = goldens.rates[i]!;
      optimizer.step();
    }
    for (const [i, p] of parameters.entries()) {
      for (const [k, value] of (await p.data()).entries()) {
        const want = golden.after[i]![k]!;
        expect(Math.abs(value - want), `${i}[${k}]: ${value}, ${want}`).toBeLessThan(
          tolerance * Math.max(1, Math.abs(want)),
        );
      }
    }
  });

  test.each(["momentum", "sgdGroups", "adamW", "muon"])(
    "%s replays with the bits of eager steps",
    async (name) => {
      const golden = goldens.cases[name]!;
      const runs: number[][] = [];
      for (const replayed of [false, true]) {
        using device = createDevice(await open());
        const parameters = parametersOf(device, golden);
        const optimizer = makers[name]!.make(parameters);
        const one = (...gradients: Tensor[]): readonly Tensor[] => {
          parameters.forEach((p, i) => p.mul(gradients[i]!).sum().backward());
          optimizer.step();
          return [];
        };
        const train = step(device, one);
        for (let i = 0; i < 6; i++) {
          using _scope = device.scope();
          optimizer.learningRate = 0.1 / (i + 1); // a schedule must reach a recorded plan
          const gradients = golden.gradients[i % 4]!.map((g, k) =>
            tensor(device, Float32Array.from(g), { shape: golden.shapes[k]! }),
          );
          if (replayed) train(...gradients);
          else one(...gradients);
        }
        expect(train.replayCount).toBe(replayed ? 4 : 0);
        const values = await Promise.all(parameters.map((p) => p.data()));
        runs.push(values.flatMap((x) => Array.from(x)));
        train.dispose();
      }
      expect(runs[1]).toEqual(runs[0]);
    },
  );
});

test("goldens and makers are the same cases", () => {
  expect(Object.keys(goldens.cases).sort()).toEqual(Object.keys(makers).sort());
});

describe("states resume bit for bit", () => {
  const device = createDevice(reference());
  const resumable = {
    momentum: (p: readonly Tensor[]) => new SGD(p, { momentum: 0.9, weightDecay: 0.01 }),
    sgdGroups: (p: readonly Tensor[]) =>
      new SGD([{ parameters: p.slice(0, 2) }, { parameters: p.slice(2) }], { momentum: 0.9 }),
    adamW: (p: readonly Tensor[]) => new AdamW(p),
    muon: (p: readonly Tensor[]) => new Muon(p),
  };

  test.each(Object.entries(resumable))(
    "%s",
    async (name, make: (p: readonly Tensor[]) => SGD | AdamW | Muon) => {
      const golden = goldens.cases[name]!;
      const train = (
        parameters: readonly Tensor[],
        optimizer: Optimizer,
        steps: readonly number[],
      ) => {
        for (const i of steps) {
          pull(device, parameters, golden.gradients[i]!);
          optimizer.learningRate = goldens.rates[i]!;
          optimizer.step();
        }
      };
      const bits = async (parameters: readonly Tensor[]) =>
        await Promise.all(parameters.map((p) => p.data()));
      const whole = parametersOf(device, golden);
      train(whole, make(whole), [0, 1, 2, 3]);
      const first = parametersOf(device, golden);
      const firstOptimizer = make(first);
      train(first, firstOptimizer, [0, 1]);
      const second = (await bits(first)).map((values, i) =>
        tensor(device, values as Float32Array, { shape: golden.shapes[i]!, requiresGrad: true }),
      );
      const secondOptimizer = make(second);
      secondOptimizer.load((await firstOptimizer.state()) as never);
      train(second, secondOptimizer, [2, 3]);
      expect(await bits(second)).toEqual(await bits(whole));
    },
  );

  test("a parameter given to a second optimizer: the first says so, the second works", async () => {
    const p = tensor(device, [1], { requiresGrad: true });
    const q = tensor(device, [1], { requiresGrad: true });
    const first = new SGD([p, q], { learningRate: 1 });
    const second = new AdamW([p], { learningRate: 0.5 });
    p.mul(3).sum().backward();
    expect(() => first.step()).toThrowErrorMatchingInlineSnapshot(
      `[ArgumentError: optimizer: Tensor(f32 [1] on reference) was given to another optimizer after this one and is no longer updated here. Use one of the two, with groups where settings differ.]`,
    );
    second.step();
    expect(await p.item()).toBeCloseTo(0.495, 5);
    // Made anew after the old one was let go.
    second.dispose();
    const third = new SGD([p], { learningRate: 1 });
    p.mul(3).sum().backward();
    third.step();
    expect(await p.item()).toBeCloseTo(-2.505, 5);
  });

  test("settings out of range, and a group's own learningRate, are refused before a parameter is moved", async () => {
    const p = [tensor(device, [[1, 2]], { requiresGrad: true })];
    const makers = {
      SGD: (options: object) => new SGD(p, options),
      AdamW: (options: object) => new AdamW(p, options),
      Muon: (options: object) => new Muon(p, options),
    };
    const wrong: readonly [keyof typeof makers, object][] = [
      ["AdamW", { learningRate: NaN }],
      ["AdamW", { learningRate: 1, betas: [2, 3] }],
      ["AdamW", { betas: [0.9] }],
      ["AdamW", { betas: 0.9 }],
      ["AdamW", { eps: -1 }],
      ["AdamW", { weightDecay: Infinity }],
      ["SGD", { learningRate: -1 }],
      ["SGD", { momentum: "0.9" }],
      ["SGD", { momentum: NaN }],
      ["Muon", { learningRate: Infinity }],
      ["Muon", { iterations: 2.5 }],
    ];
    const before = p[0]!.lazy;
    const messages = wrong.map(([name, options]) => {
      try {
        return makers[name](options).learningRate;
      } catch (error) {
        return String(error);
      }
    });
    expect(messages.join("\n")).toMatchInlineSnapshot(`
      "ArgumentError: AdamW: learningRate must be a finite number ≥ 0, got NaN.
      ArgumentError: AdamW: betas must be two numbers, each a number in [0, 1), got 2,3.
      ArgumentError: AdamW: betas must be two numbers, each a number in [0, 1), got 0.9.
      ArgumentError: AdamW: betas must be two numbers, each a number in [0, 1), got 0.9.
      ArgumentError: AdamW: eps must be a finite number ≥ 0, got -1.
      ArgumentError: AdamW: weightDecay must be a finite number ≥ 0, got Infinity.
      ArgumentError: SGD: learningRate must be a finite number ≥ 0, got -1.
      ArgumentError: SGD: momentum must be a finite number ≥ 0, got "0.9".
      ArgumentError: SGD: momentum must be a finite number ≥ 0, got NaN.
      ArgumentError: Muon: learningRate must be a finite number ≥ 0, got Infinity.
      ArgumentError: Muon: iterations must be an integer ≥ 0, got 2.5."
    `);
    const groups = [{ parameters: p, learningRate: 0.1 }];
    expect(() => new SGD(groups)).toThrowErrorMatchingInlineSnapshot(
      `[ArgumentError: SGD: a group has no learningRate of its own. Give it a learningRateScale, which multiplies the optimizer's: 0.1 for a tenth.]`,
    );
    expect(() => new Muon([{ parameters: p, learningRateScale: -1 }])).toThrow(/learningRateScale/);
    expect(p[0]!.lazy).toBe(before);
    expect(new AdamW(p, { learningRate: undefined as never }).learningRate).toBe(1e-3);
  });

  test("a state of other parameters, and parameters that cannot be, are refused", () => {
    const p = [tensor(device, [[1, 2]], { requiresGrad: true })];
    const state = { momentum: [new Float32Array(3)] };
    expect(() => new SGD(p).load(state)).toThrowErrorMatchingInlineSnapshot(
      `[ArgumentError: SGD.load: this optimizer has groups of 2 elements, the state 3. Load the state of the same model and groups.]`,
    );
    expect(() => new Muon(p).load(state)).toThrowErrorMatchingInlineSnapshot(
      `[ArgumentError: Muon.load: this optimizer has matrices of 2 elements, the state 3. Load the state of the same model.]`,
    );
    expect(() => new SGD([])).toThrowErrorMatchingInlineSnapshot(
      `[ArgumentError: SGD: expected at least one parameter, got none.]`,
    );
    expect(() => new Muon([{ parameters: [] }])).toThrowErrorMatchingInlineSnapshot(
      `[ArgumentError: Muon: expected at least one parameter, got none.]`,
    );
    expect(
      () => new AdamW([{ parameters: p }, { parameters: p }]),
    ).toThrowErrorMatchingInlineSnapshot(
      `[ArgumentError: AdamW: a parameter is listed twice. Tied weights go in once.]`,
    );
    expect(() => new SGD([p[0]!.mul(2)])).toThrowErrorMatchingInlineSnapshot(
      `[ArgumentError: optimizer: a parameter is an f32 leaf with requiresGrad, got Tensor(f32 [1, 2] on reference), the result of an op. Call p.requiresGrad_() on the leaf.]`,
    );
    expect(() => new SGD(p, { nesterov: true })).toThrowErrorMatchingInlineSnapshot(
      `[ArgumentError: SGD: nesterov needs a momentum above 0.]`,
    );
  });
});

test("clipGradNorm agrees with torch.nn.utils.clip_grad_norm_", async () => {
  const device = createDevice(reference());
  const { shapes, gradients, maxNorm, norm, after } = goldens.clip;
  const parameters = parametersOf(device, { shapes, before: gradients, gradients: [], after: [] });
  pull(device, parameters, gradients);
  expect(await clipGradNorm(parameters, maxNorm).item()).toBeCloseTo(norm, 5);
  for (const [i, p] of parameters.entries()) {
    (await p.grad!.data()).forEach((x, k) => expect(x).toBeCloseTo(after[i]![k]!, 6));
  }
});

test("schedules agree with torch.optim.lr_scheduler", () => {
  const ours: Readonly<Record<string, Schedule>> = {
    constant: constant(),
    linear: linearDecay(8, 0.2),
    cosine: cosineDecay(11, 0.1),
    warmup: warmup(4), // LinearLR from 1/4 reaches 1 after three steps, ours in the fourth
  };
  expect(Object.keys(ours).sort()).toEqual(Object.keys(goldens.schedules).sort());
  for (const [name, schedule] of Object.entries(ours)) {
    goldens.schedules[name]!.forEach((rate, i) =>
      expect(schedule(i), `${name} ${i}`).toBeCloseTo(rate, 10),
    );
  }
});
