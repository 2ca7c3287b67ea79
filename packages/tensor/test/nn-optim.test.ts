// Layers, modules, optimizers (whose numbers are optim.test.ts's business), hooks and tools of debugging.

import { expect, test } from "vitest";
import {
  AdamW,
  clipGradNorm,
  constant,
  cosineDecay,
  createDevice,
  customOp,
  Generator,
  inverseSquareRoot,
  linearDecay,
  measurePeak,
  Muon,
  profile,
  round,
  tensor,
  trace,
  traceLevel,
  warmup,
  type Tensor,
} from "../src/index.ts";
import { Embedding, LayerNorm, Linear, Module, RMSNorm } from "../src/nn/index.ts";
import { reference } from "../src/backend/index.ts";

const device = createDevice(reference());
function expectClose(actual: readonly number[], expected: readonly number[], digits = 5): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((x, i) => expect(x).toBeCloseTo(expected[i]!, digits));
}

test("AdamW: groups have their own settings, and the state resumes bit for bit", async () => {
  const make = () => {
    const a = tensor(device, [1, 2], { requiresGrad: true });
    const b = tensor(device, [3], { requiresGrad: true });
    const groups = [
      { parameters: [a], weightDecay: 0 },
      { parameters: [b], learningRateScale: 0 },
    ];
    return { a, b, optimizer: new AdamW(groups, { learningRate: 0.1 }) };
  };
  const step = ({ a, b, optimizer }: ReturnType<typeof make>) => {
    a.square().sum().add(b.square().sum()).backward();
    optimizer.step();
  };
  const whole = make();
  for (let i = 0; i < 4; i++) step(whole);
  expect(await whole.b.item()).toBe(3);
  const first = make();
  for (let i = 0; i < 2; i++) step(first);
  const second = make();
  device.write(second.a.lazy.view(), (await first.a.data()) as Float32Array);
  second.optimizer.load(await first.optimizer.state());
  for (let i = 0; i < 2; i++) step(second);
  expect(await second.a.data()).toEqual(await whole.a.data());
  expect(() => second.optimizer.load({ step: 1, groups: [] })).toThrowErrorMatchingInlineSnapshot(
    `[ArgumentError: AdamW.load: this optimizer has groups of 2, 1 elements, the state . Load the state of the same model and groups.]`,
  );
});

test("Muon moves along an orthogonal matrix", async () => {
  const w = tensor(
    device,
    [
      [1, 2, 3],
      [0, -1, 4],
    ],
    { requiresGrad: true },
  );
  const before = await w.data();
  w.mul(
    tensor(device, [
      [1, 0.2, -0.5],
      [0.3, 2, 0.1],
    ]),
  )
    .sum()
    .backward();
  const muon = new Muon([w], { learningRate: 1, momentum: 0 });
  muon.step();
  const move = tensor(device, (await w.data()).map((x, i) => before[i]! - x) as Float32Array, {
    shape: [2, 3],
  });
  const gram = await move.matmul(move.transpose()).data();
  // The quintic iteration brings singular values near 1, not to it.
  expect(Math.abs(gram[0]! - 1)).toBeLessThan(0.5);
  expect(Math.abs(gram[3]! - 1)).toBeLessThan(0.5);
  expect(Math.abs(gram[1]!)).toBeLessThan(0.35);
  expect(() => new Muon([tensor(device, [1])])).toThrowErrorMatchingInlineSnapshot(
    `[ArgumentError: Muon: expected matrices, got Tensor(f32 [1] on reference). Use AdamW for the others.]`,
  );
});

test("clipGradNorm scales all gradients by the global norm", async () => {
  const [a, b] = [
    tensor(device, [3], { requiresGrad: true }),
    tensor(device, [4], { requiresGrad: true }),
  ];
  a.square().add(b.square()).sum().mul(0.5).backward(); // gradients 3 and 4
  expect(await clipGradNorm([a, b], 1).item()).toBeCloseTo(5, 5);
  expect(await a.grad!.item()).toBeCloseTo(0.6, 5);
  expect(await b.grad!.item()).toBeCloseTo(0.8, 5);
  expect(() => clipGradNorm([tensor(device, [1])], 1)).toThrow(/no parameter has a gradient/);
});

test("schedules", () => {
  expect(constant()(7)).toBe(1);
  expect([0, 5, 10, 20].map(linearDecay(10))).toEqual([1, 0.5, 0, 0]);
  expectClose([0, 5, 10].map(cosineDecay(10, 0.1)), [1, 0.55, 0.1]);
  expect(inverseSquareRoot(100)(300)).toBe(0.5);
  expect([0, 1, 2, 3, 4].map(warmup(2, linearDecay(4)))).toEqual([0.5, 1, 1, 0.75, 0.5]);
  expect(() => linearDecay(0)).toThrow(/above 0/);
});

class Block extends Module {
  protected override readonly parameterNames = { project: "proj", layers: "layers" };
  readonly norm: RMSNorm;
  readonly project: Linear;
  readonly layers: readonly Linear[];

  constructor(generator: Generator) {
    super();
    this.norm = new RMSNorm(generator.device, 4);
    this.project = new Linear(4, 3, generator, { bias: false });
    this.layers = [new Linear(3, 3, generator), new Linear(3, 2, generator)];
  }

  forward(x: Tensor): Tensor {
    return this.layers.reduce(
      (h, layer) => layer.forward(h),
      this.project.forward(this.norm.forward(x)),
    );
  }
}

test("modules name their parameters, train, and load by name", async () => {
  const block = new Block(new Generator(device, 1));
  expect([...block.namedParameters().keys()]).toMatchInlineSnapshot(`
    [
      "norm.weight",
      "proj.weight",
      "layers.0.weight",
      "layers.0.bias",
      "layers.1.weight",
      "layers.1.bias",
    ]
  `);
  expect(block.forward(tensor(device, [[1, 2, 3, 4]])).shape).toEqual([1, 2]);
  expect(block.train(false).layers[1]!.training).toBe(false);
  const other = new Block(new Generator(device, 2));
  other.load(block.namedParameters());
  expect(await other.layers[0]!.weight.data()).toEqual(await block.layers[0]!.weight.data());
  const partial = new Map([
    ["norm.weight", tensor(device, [1, 2])],
    ["what", tensor(device, 1)],
  ]);
  expect(() => other.load(partial)).toThrowErrorMatchingInlineSnapshot(
    `[ArgumentError: load: norm.weight is [2], not [4] (and 6 more problems). Is this the state of the same module?]`,
  );
});

test("LayerNorm and Embedding", async () => {
  const y = await new LayerNorm(device, 3).forward(tensor(device, [[1, 2, 6]])).data();
  expectClose(Array.from(y), [-0.92582, -0.46291, 1.38873], 4);
  const table = new Embedding(5, 2, new Generator(device, 1));
  const rows = table.forward(tensor(device, Int32Array.of(3, 3)));
  expect(rows.shape).toEqual([2, 2]);
  rows.sum().backward();
  expect(Array.from(await table.weight.grad!.data())).toEqual([0, 0, 0, 0, 0, 0, 2, 2, 0, 0]);
});

test("hooks see and replace gradients; a custom op has its own rule", async () => {
  const x = tensor(device, [1, 2], { requiresGrad: true });
  const middle = x.mul(3);
  const seen: number[][] = [];
  middle.registerHook((g) => void seen.push(Array.from(g.dataSync())));
  const remove = x.registerHook((g) => g.mul(10));
  middle.sum().backward();
  expect(seen).toEqual([[1, 1]]);
  expect(Array.from(await x.grad!.data())).toEqual([30, 30]);
  remove();
  x.setGrad(null);
  const straightThrough = customOp({
    name: "roundStraightThrough",
    forward: (v) => round(v!),
    backward: (_, dy) => [dy],
  });
  straightThrough(x.mul(0.7)).sum().backward();
  expectClose(Array.from(await x.grad!.data()), [0.7, 0.7]);
});

test("the profiler's table and the trace name the kernels", async () => {
  const a = tensor(
    device,
    Array.from({ length: 8 }, () => [1, 2, 3, 4]),
  );
  const { rows, toString } = await profile(
    device,
    () => a.matmul(a.transpose()).exp().sum().item(),
    {
      peak: { gflops: 10, gigabytesPerSecond: 10 },
    },
  );
  expect(rows.map((row) => row.kernel).sort()).toEqual(["matmul", "reduce sum"]);
  expect(rows.every((row) => row.calls === 1 && row.ms >= 0)).toBe(true);
  for (const { gflops, gigabytesPerSecond, percentOfRoofline } of rows) {
    expect(percentOfRoofline).toBeCloseTo(10 * Math.max(gflops, gigabytesPerSecond), 6);
  }
  const product = rows.find((row) => row.kernel === "matmul")!;
  // 2 · 8 · 8 · 4 operations over 2 · 8 · 4 numbers in and 8 · 8 out.
  expect(product.gflops / product.gigabytesPerSecond).toBeCloseTo(512 / (4 * (32 + 32 + 64)), 6);
  expect(toString()).toMatch(/kernel +calls +ms +GFLOP\/s +GB\/s +roofline/);
  // Without ceilings they are measured; a device that only enqueues has times of the host and no rates.
  const measured = await measurePeak(device);
  expect(measured.gflops).toBeGreaterThan(0);
  expect(measured.gigabytesPerSecond).toBeGreaterThan(0);
  const again = await profile(device, () => a.exp().eval());
  expect(again.rows[0]!.percentOfRoofline).toBeGreaterThan(0);
  const { readSync: _, ...enqueues } = reference();
  const asynchronous = createDevice(enqueues);
  const host = await profile(asynchronous, () => tensor(asynchronous, [1, 2]).exp().eval());
  expect(host.rows[0]!.gflops).toBeNaN();
  expect(host.toString()).toMatch(/exp +1 +[\d.]+ +– +– +–/);
  const lines: string[] = [];
  const stop = trace(device, 4, (line) => lines.push(line.replace(/[\d.]+ ms/, "TIME")));
  tensor(device, [1, 2]).mul(2).add(1).eval();
  stop();
  expect(lines).toMatchInlineSnapshot(`
    [
      "#0  add (map)  f32[2] → f32[2]  TIME",
      "    r0 i:f32",
      "    r1 s:f32",
      "    r2 mul:f32(0,1)",
      "    r3 s:f32",
      "    r4 add:f32(2,3)",
      "    r5 ->",
      "    r6 4:f32",
    ]
  `);
  // A backend that generates code shows that instead.
  const generating = createDevice({ ...reference(), generatedSource: () => "fn main() {\n}\n" });
  const shown: string[] = [];
  trace(generating, 4, (line) => shown.push(line));
  tensor(generating, [1, 2]).mul(2).eval();
  expect(shown.slice(1)).toEqual(["    fn main() {", "    }"]);
  expect([undefined, "other", "tensor", "x,tensor:3", "tensor:9"].map(traceLevel)).toEqual([
    0, 0, 1, 3, 1,
  ]);
});
