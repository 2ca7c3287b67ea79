// Random programs: a dozen ops on a pool of small tensors, so that fusion, views, broadcasting and reuse
// meet in ways nobody thought of. Each runs lazily on the backend, lazily on the oracle, and once more on
// the backend with every value computed at once: all three agree, and so do the gradients.

import { describe, expect, test } from "vitest";
import { concat, cumsum, grad, tensor, type Device, type Tensor } from "@sixtyone/tensor";
import { describeMismatch, findMismatch } from "../compare.ts";
import { randomSource, randomValues, seedFor, type RandomSource } from "../random-values.ts";
import { openDevices, type ConformanceOptions } from "./context.ts";

const programCount = 80;
const opCount = 14;

/** Values stay around 1, and shapes broadcast with each other: any op may take any of them. */
const inputShapes = [[4, 4], [4, 4], [1, 4], [4, 1], []] as const;

type Step = (pool: readonly Tensor[]) => Tensor;

const full = (x: Tensor): Tensor => x.expand([4, 4]);

/** An op that takes one value of the pool. */
const unarySteps: readonly (readonly [string, (x: Tensor) => Tensor])[] = [
  ["tanh", (x) => x.tanh()],
  ["sigmoid", (x) => x.sigmoid()],
  ["exp", (x) => x.tanh().exp()],
  ["log", (x) => x.abs().add(0.5).log()],
  ["neg", (x) => x.neg()],
  ["mul 0.7", (x) => x.mul(0.7)],
  ["abs", (x) => x.abs()],
  ["square", (x) => x.tanh().square()],
  ["sum rows", (x) => full(x).sum(1, { keepDim: true }).mul(0.3)],
  ["sum columns", (x) => full(x).sum(0, { keepDim: true }).mul(0.3)],
  ["mean", (x) => x.mean()],
  ["max rows", (x) => full(x).max(1, { keepDim: true })],
  ["softmax", (x) => full(x).softmax(-1)],
  ["transpose", (x) => full(x).transpose()],
  ["flip", (x) => full(x).flip([0, 1])],
  ["reshape", (x) => full(x).reshape([2, 8]).flip(0).reshape([4, 4])],
  ["strided reshape", (x) => full(x).transpose().reshape([8, 2]).transpose().reshape([4, 4])],
  [
    "slice",
    (x) =>
      full(x)
        .slice([{ start: 3, step: -2 }, null])
        .sum(0, { keepDim: true }),
  ],
  ["roll", (x) => concat([full(x).narrow(1, 3, 1), full(x).narrow(1, 0, 3)], 1)],
  ["cumsum", (x) => cumsum(full(x), 1).mul(0.4)],
  ["clone", (x) => x.clone()],
  ["select", (x) => full(x).select(0, 2)],
];

const binarySteps: readonly (readonly [string, (a: Tensor, b: Tensor) => Tensor])[] = [
  ["add", (a, b) => a.add(b)],
  ["sub", (a, b) => a.sub(b)],
  ["mul", (a, b) => a.tanh().mul(b)],
  ["div", (a, b) => a.div(b.square().add(1))],
  ["maximum", (a, b) => a.maximum(b)],
  ["where", (a, b) => a.gt(b).where(a, b.mul(0.5))],
  ["matmul", (a, b) => full(a).matmul(full(b)).mul(0.25)],
  ["concat", (a, b) => concat([full(a).narrow(0, 0, 2), full(b).narrow(0, 1, 2)], 0)],
];

interface Program {
  readonly text: string;
  readonly steps: readonly Step[];
}

function randomProgram(random: RandomSource): Program {
  const pick = (count: number) => Math.floor(random() * count);
  const texts: string[] = [];
  const steps = Array.from({ length: opCount }, (_, i): Step => {
    const size = inputShapes.length + i;
    // Later values are likelier: chains grow long, and some values are used again far away.
    const operand = () => (random() < 0.6 ? size - 1 - pick(Math.min(3, size)) : pick(size));
    const [a, b] = [operand(), operand()];
    if (random() < 0.5) {
      const [name, run] = unarySteps[pick(unarySteps.length)]!;
      texts.push(`${name}(${a})`);
      return (pool) => run(pool[a]!);
    }
    const [name, run] = binarySteps[pick(binarySteps.length)]!;
    texts.push(`${name}(${a}, ${b})`);
    return (pool) => run(pool[a]!, pool[b]!);
  });
  return { text: texts.join(" "), steps };
}

function runProgram({ steps }: Program, inputs: readonly Tensor[], atOnce: boolean): Tensor[] {
  const pool = [...inputs];
  for (const step of steps) {
    const value = step(pool);
    pool.push(atOnce ? value.eval() : value);
  }
  return pool.slice(inputs.length);
}

function createInputs(device: Device, seed: number): Tensor[] {
  const random = randomSource(seed);
  return inputShapes.map((shape) => {
    const size = shape.reduce<number>((product, dim) => product * dim, 1);
    const values = randomValues({ kind: "normal" }, size, random);
    return tensor(device, Float32Array.from(values), { shape });
  });
}

async function valuesOf(device: Device, program: Program, seed: number, atOnce: boolean) {
  using _scope = device.scope();
  const values = runProgram(program, createInputs(device, seed), atOnce);
  const data = [];
  // From the last to the first: what a later value fused is then computed again for an earlier one.
  for (const value of values.reverse()) data.push(await value.data());
  return data.reverse();
}

async function slopesOf(device: Device, program: Program, seed: number) {
  using _scope = device.scope();
  const slopes = grad((...inputs: Tensor[]) =>
    runProgram(program, inputs, false).reduce(
      (total, value) => total.add(value.sum()),
      inputs[0]!.sum(),
    ),
  )(...createInputs(device, seed));
  const data = [];
  for (const slope of slopes) data.push(await slope.data());
  return data;
}

export function programSuite(options: ConformanceOptions): void {
  describe("random programs", () => {
    const context = openDevices(options);
    test(`${programCount} programs of ${opCount} ops, lazy and at once, with gradients`, async () => {
      const { device, oracle } = context;
      const problems: string[] = [];
      for (let i = 0; i < programCount; i++) {
        const seed = seedFor(context.seed, `program ${i}`);
        const program = randomProgram(randomSource(seed));
        const check = (
          what: string,
          got: ArrayLike<number>[],
          want: ArrayLike<number>[],
          tolerance: number,
        ) => {
          for (const [k, values] of want.entries()) {
            const mismatch = findMismatch(got[k]!, values, tolerance, "f32");
            if (!mismatch) continue;
            problems.push(
              `program ${i}, seed ${context.seed}, ${what} ${k}: ${describeMismatch(mismatch)}\n  ${program.text}`,
            );
            return;
          }
        };
        const want = await valuesOf(oracle, program, seed, false);
        check("lazy value", await valuesOf(device, program, seed, false), want, 1e-4);
        check("value at once", await valuesOf(device, program, seed, true), want, 1e-4);
        check(
          "slope",
          await slopesOf(device, program, seed),
          await slopesOf(oracle, program, seed),
          1e-3,
        );
      }
      expect(problems.join("\n")).toBe("");
      expect(device.memory().storageCount, "buffers left behind").toBe(0);
    });
  });
}
