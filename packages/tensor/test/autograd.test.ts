// The tape: accumulation, cutting, keeping and re-recording graphs. Gradients of single ops are the
// conformance suite's business.

import { expect, test } from "vitest";
import {
  AutogradError,
  backward,
  checkpoint,
  createDevice,
  DTypeError,
  dropout,
  enableGrad,
  Generator,
  grad,
  gradients,
  noGrad,
  ShapeError,
  sort,
  step,
  tensor,
  topk,
  valueAndGrad,
  type Device,
  type Tensor,
} from "../src/index.ts";
import { reference } from "../src/backend/index.ts";

const open = (): Device => createDevice(reference());
const leaf = (device: Device, values: number[] | number[][]) =>
  tensor(device, values, { requiresGrad: true });
const numbers = async (x: Tensor | null) => [...(await x!.data())];

test("gradients accumulate over backward passes until they are dropped", async () => {
  const device = open();
  const w = leaf(device, [1, 2]);
  for (let i = 0; i < 3; i++)
    w.mul(tensor(device, [3, 4]))
      .sum()
      .backward();
  expect(await numbers(w.grad)).toEqual([9, 12]);
  w.grad = null;
  w.square().sum().backward();
  expect(await numbers(w.grad)).toEqual([2, 4]);
});

test("a tensor used many times gets the sum, also through a diamond", async () => {
  const device = open();
  const x = leaf(device, [2, 3]);
  const y = x.mul(x).add(x).mul(x.sub(1)); // x³ − x
  y.sum().backward();
  expect(await numbers(x.grad)).toEqual([11, 26]); // 3x² − 1
});

test("several outputs at once are the sum of their gradients", async () => {
  const device = open();
  const x = leaf(device, [1, 2, 3]);
  backward([x.sum(), x.square()], [tensor(device, 2), tensor(device, [1, 0, 1])]);
  expect(await numbers(x.grad)).toEqual([4, 2, 8]);
});

test("an operand that was broadcast gets its gradient summed back to its shape", async () => {
  const device = open();
  const [row, column, scalar] = [
    leaf(device, [1, 2, 3]),
    leaf(device, [[1], [2]]),
    tensor(device, 2),
  ];
  scalar.requiresGrad_();
  row.add(column).mul(scalar).sum().backward();
  expect(await numbers(row.grad)).toEqual([4, 4, 4]);
  expect(column.grad!.shape).toEqual([2, 1]);
  expect(await numbers(column.grad)).toEqual([6, 6]);
  expect([scalar.grad!.shape, await numbers(scalar.grad)]).toEqual([[], [21]]);
});

test("detach() and noGrad() cut the graph; enableGrad() records inside noGrad()", async () => {
  const device = open();
  const x = leaf(device, [3]);
  x.detach().mul(x).sum().backward();
  expect(await numbers(x.grad)).toEqual([3]);
  const cut = noGrad(() => x.mul(2));
  expect(cut.requiresGrad).toBe(false);
  expect(noGrad(() => enableGrad(() => x.mul(2))).requiresGrad).toBe(true);
  expect(() => noGrad(async () => x.mul(2))).toThrowErrorMatchingInlineSnapshot(
    `[AutogradError: noGrad: expected a synchronous function, got one that returned a promise. Await inside, around several noGrad calls, instead.]`,
  );
});

test("noGrad() ends when its function throws", () => {
  const device = open();
  const x = leaf(device, [3]);
  expect(() =>
    noGrad(() => {
      throw new Error("inside");
    }),
  ).toThrow("inside");
  expect(x.mul(2).requiresGrad).toBe(true);
});

test("a second backward needs retainGraph, and says so", async () => {
  const device = open();
  const x = leaf(device, [1, 2]);
  const loss = x.exp().sum();
  loss.backward(undefined, { retainGraph: true });
  loss.backward();
  const e = Math.E;
  expect((await numbers(x.grad))[0]).toBeCloseTo(2 * e, 5);
  expect(() => loss.backward()).toThrowErrorMatchingInlineSnapshot(
    `[AutogradError: sum: backward() ran over this already and freed what its gradient needs. Pass { retainGraph: true } to the first one.]`,
  );
});

test("createGraph records the gradient's own computation", async () => {
  const device = open();
  const x = leaf(device, [2, 3]);
  const [first] = gradients([x.pow(3).sum()], [x], undefined, { createGraph: true });
  expect(await numbers(first!)).toEqual([12, 27].map((v) => expect.closeTo(v, 3)));
  first!.sum().backward();
  expect(await numbers(x.grad)).toEqual([12, 18].map((v) => expect.closeTo(v, 3)));
});

test("gradients of gradients of gradients", async () => {
  const device = open();
  const quartic = (x: Tensor) => x.square().square().sum();
  const third = grad((x: Tensor) => grad((y: Tensor) => grad(quartic)(y)[0].sum())(x)[0].sum());
  const [slope] = third(tensor(device, [2]));
  expect(await numbers(slope)).toEqual([expect.closeTo(48, 3)]); // (x⁴)''' = 24x
});

test("valueAndGrad gives both, touches no .grad and needs no requiresGrad", async () => {
  const device = open();
  const [a, b] = [tensor(device, [1, 2]), tensor(device, [3, 4])];
  const result = valueAndGrad((x: Tensor, y: Tensor) => x.mul(y).sum())(a, b);
  expect(await result.value.item()).toBe(11);
  expect(await numbers(result.gradients[0])).toEqual([3, 4]);
  expect(await numbers(result.gradients[1])).toEqual([1, 2]);
  expect([a.grad, a.requiresGrad]).toEqual([null, false]);
});

test("an input the output does not depend on has gradient 0", async () => {
  const device = open();
  const [x, y] = [leaf(device, [1, 2]), leaf(device, [3])];
  const [, slope] = gradients([x.sum()], [x, y]);
  expect(await numbers(slope!)).toEqual([0]);
  expect(await numbers(grad((z: Tensor) => z.mul(2).sum())(y)[0])).toEqual([2]);
});

test("gradients with respect to a value in the middle", async () => {
  const device = open();
  const x = leaf(device, [1, 2]);
  const middle = x.mul(3);
  const [slope] = gradients([middle.square().sum()], [middle]);
  expect(await numbers(slope!)).toEqual([6, 12]);
  expect(x.grad).toBeNull();
});

test("checkpoint() gives the same gradients from its inputs alone", async () => {
  const device = open();
  const block = (x: Tensor, w: Tensor) => x.matmul(w).tanh().matmul(w).sigmoid();
  const run = async (apply: (x: Tensor, w: Tensor) => Tensor) => {
    const x = leaf(device, [
      [0.1, 0.2],
      [0.3, -0.4],
    ]);
    const w = leaf(device, [
      [0.5, -0.6],
      [0.7, 0.8],
    ]);
    apply(x, w).square().sum().backward();
    return [...(await numbers(x.grad)), ...(await numbers(w.grad))];
  };
  let calls = 0;
  const plain = await run(block);
  const recomputed = await run((x, w) =>
    checkpoint(
      (a, b) => {
        calls++;
        return block(a!, b!);
      },
      x,
      w,
    ),
  );
  // The two uses of w meet in another order: the last bit may differ.
  recomputed.forEach((value, i) => expect(value).toBeCloseTo(plain[i]!, 6));
  expect(calls).toBe(2);
});

test("checkpoint() draws the same random numbers again, nested and in a replayed step too", async () => {
  const device = open();
  const runs: number[][] = [];
  for (const [checkpointed, replayed] of [
    [false, false],
    [true, false],
    [true, true],
  ]) {
    const generator = new Generator(device, 3);
    const inner = (x: Tensor) => dropout(x, 0.5, generator).square();
    const block = (x: Tensor) => {
      const h = dropout(x, 0.5, generator);
      return h.add(checkpointed ? checkpoint((a) => inner(a!), x) : inner(x));
    };
    const train = (x: Tensor) => {
      const [gradient] = grad((a) =>
        (checkpointed ? checkpoint((b) => block(b!), a!) : block(a!)).sum(),
      )(x);
      return [gradient!];
    };
    const compiled = step(device, train);
    const seen: number[] = [];
    for (let i = 0; i < 4; i++) {
      const x = tensor(
        device,
        Float32Array.from({ length: 8 }, (_, k) => k + i + 1),
      );
      seen.push(
        ...(await numbers((replayed ? compiled(x) : train(x))[0]!)),
        generator.state().counter[0],
      );
    }
    expect(compiled.replayCount).toBe(replayed ? 2 : 0);
    if (replayed) await compiled.verify(tensor(device, new Float32Array(8).fill(2)));
    runs.push(seen);
  }
  expect(new Set(runs[0]).size).toBeGreaterThan(10);
  expect(runs[1]).toEqual(runs[0]);
  expect(runs[2]).toEqual(runs[0]);
  const generator = new Generator(device, 1);
  let calls = 0;
  const impure = checkpoint(
    (x) => (calls++ === 0 ? x! : dropout(x!, 0.5, generator)),
    leaf(device, [1]),
  );
  expect(() => impure.sum().backward()).toThrow(
    /drew random numbers 0 times in the forward pass and more often/,
  );
});

test("an op with several results passes on the gradients of all of them", async () => {
  const device = open();
  const x = leaf(device, [3, 1, 2]);
  const { values, indices } = topk(x, 2);
  expect(indices.requiresGrad).toBe(false);
  values
    .mul(tensor(device, [10, 20]))
    .sum()
    .backward();
  expect(await numbers(x.grad)).toEqual([10, 0, 20]);
});

test("a deep chain does not overflow the stack", async () => {
  const device = open();
  const x = leaf(device, [1]);
  let y: Tensor = x;
  for (let i = 0; i < 5000; i++) y = y.add(0.001);
  y.sum().backward();
  expect(await numbers(x.grad)).toEqual([1]);
});

test("errors name what broke the chain", () => {
  const device = open();
  const x = leaf(device, [1, 2]);
  expect(() => tensor(device, [1]).sum().backward()).toThrow(AutogradError);
  expect(() => tensor(device, [1]).sum().backward()).toThrowErrorMatchingInlineSnapshot(
    `[AutogradError: backward: this depends on no tensor with requiresGrad. Call requiresGrad_() before the forward pass, outside noGrad().]`,
  );
  expect(() => x.eq(1).sum().backward()).toThrowErrorMatchingInlineSnapshot(
    `[AutogradError: backward: eq has no gradient and broke the chain. Use a differentiable op, or detach() what needs none.]`,
  );
  expect(() => x.mul(2).backward()).toThrowErrorMatchingInlineSnapshot(
    `[ShapeError: backward: expected one element, got [2]. Reduce it first (.sum(), .mean()), or pass one: backward(gradient).]`,
  );
  expect(() => x.mul(2).backward(tensor(device, [1]))).toThrow(ShapeError);
  expect(() => x.mul(2).backward(tensor(device, [1]))).toThrowErrorMatchingInlineSnapshot(
    `[ShapeError: backward: expected a gradient like Tensor(f32 [2] on reference), got Tensor(f32 [1] on reference).]`,
  );
  expect(() => tensor(device, [1], { dtype: "i32" }).requiresGrad_()).toThrow(DTypeError);
  expect(() => grad(() => x.sum())()).toThrowErrorMatchingInlineSnapshot(
    `[AutogradError: grad: expected at least one tensor argument.]`,
  );
});

test("a gradient of another shape or dtype is refused", () => {
  const device = open();
  const x = tensor(device, [1, 2], { requiresGrad: true });
  const wrong = [
    tensor(device, [1]),
    tensor(device, [1, 2], { dtype: "i32" }),
    tensor(device, [[1, 2]]),
  ];
  for (const gradient of wrong) {
    expect(() => x.setGrad(gradient)).toThrow(
      /^grad: expected a gradient like Tensor\(f32 \[2\] on reference\), got/,
    );
    expect(() => (x.grad = gradient)).toThrow(ShapeError);
    expect(x.grad).toBeNull();
  }
});

test("integer results, argmax and sorted positions are named as what broke the chain", () => {
  const device = open();
  const x = leaf(device, [1.5, 0.5]);
  const broken: Readonly<Record<string, Tensor>> = {
    "cast to i32": x.cast("i32").cast("f32"),
    argmax: x.argmax().cast("f32"),
    argmin: x.reshape([1, 2]).argmin(0, { keepDim: true }).cast("f32"),
    "topk \\(its indices\\)": topk(x, 1).indices.cast("f32"),
    "sort \\(its indices\\)": sort(x).indices.cast("f32").mul(2),
  };
  for (const [name, y] of Object.entries(broken)) {
    expect(() => y.sum().backward()).toThrow(
      new RegExp(`^backward: ${name} has no gradient and broke the chain`),
    );
  }
  topk(x, 1).values.sum().backward();
  expect(() => topk(x.detach(), 1).indices.cast("f32").sum().backward()).toThrow(
    /depends on no tensor/,
  );
});
