// The wording of errors: op, what was expected, what came, what to do. Reviewed as snapshots.

import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  attention,
  bincount,
  AutogradError,
  concat,
  countingSort,
  createDevice,
  crossEntropy,
  customOp,
  detectAnomaly,
  DeviceMismatchError,
  DTypeError,
  eye,
  FormatError,
  Generator,
  groupedMatmul,
  groupedTopk,
  histogram,
  IndexError,
  linear,
  linearLogProb,
  linspace,
  NaNError,
  oneHot,
  ones,
  OutOfMemoryError,
  rmsNorm,
  roll,
  rope,
  sample,
  sampleWithLogProbs,
  ScopeError,
  scatterAdd,
  ShapeError,
  SixtyoneError,
  sort,
  split,
  stack,
  step,
  tensor,
  topk,
  UnsupportedError,
  UseAfterFreeError,
  type Tensor,
  zeros,
} from "../src/index.ts";
import { reference } from "../src/backend/index.ts";

const device = createDevice(reference());
const x23 = zeros(device, [2, 3]);
const x45 = zeros(device, [4, 5]);
const ids = tensor(device, Int32Array.of(0, 1));

/** The error's class, code and message, as a user reads them. */
function messageOf(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    if (!(error instanceof SixtyoneError)) throw error;
    return `${error.name} ${error.code}: ${error.message}`;
  }
  throw new Error("expected an error, got none");
}

test("shapes that do not fit", () => {
  expect(messageOf(() => x23.add(x45))).toMatchInlineSnapshot(
    `"ShapeError SHAPE: add: shapes [2, 3] and [4, 5] do not broadcast: axis -1 is 3 against 5. They must be equal, or one of them 1."`,
  );
  expect(messageOf(() => x23.matmul(x45))).toMatchInlineSnapshot(
    `"ShapeError SHAPE: matmul: inner dimensions differ: a is [2, 3], b is [4, 5] (3 ≠ 4). Transpose one of them, or reshape a to [..., 4]."`,
  );
  expect(
    messageOf(() => zeros(device, [2, 2, 3]).matmul(zeros(device, [3, 3, 4]))),
  ).toMatchInlineSnapshot(
    `"ShapeError SHAPE: matmul: shapes [2] and [3] do not broadcast: axis -1 is 2 against 3. They must be equal, or one of them 1."`,
  );
  expect(messageOf(() => x23.reshape([4]))).toMatchInlineSnapshot(
    `"ShapeError SHAPE: reshape: [2, 3] has 6 elements, [4] does not. Use dimensions whose product is 6; one of them may be -1."`,
  );
  expect(messageOf(() => x23.reshape([-1, -1]))).toMatchInlineSnapshot(
    `"ShapeError SHAPE: reshape: [2, 3] has 6 elements, [-1, -1] does not. Use dimensions whose product is 6; one of them may be -1."`,
  );
  expect(messageOf(() => x23.reshape([-1, 4]))).toMatchInlineSnapshot(
    `"ShapeError SHAPE: reshape: [2, 3] has 6 elements, [-1, 4] does not. Use dimensions whose product is 6; one of them may be -1."`,
  );
  expect(messageOf(() => x23.expand([3, 3]))).toMatchInlineSnapshot(
    `"ShapeError SHAPE: expand: [2, 3] does not broadcast to [3, 3]. Every dimension must be equal or 1, aligned from the right."`,
  );
  expect(messageOf(() => x23.permute([0, 0]))).toMatchInlineSnapshot(
    `"ShapeError SHAPE: permute: expected each of the 2 axes once, got [0, 0]."`,
  );
  expect(messageOf(() => x23.sum(2))).toMatchInlineSnapshot(
    `"ShapeError SHAPE: sum: axis 2 is outside a tensor of rank 2. Use -2..1."`,
  );
  expect(messageOf(() => x23.sum([0, -2]))).toMatchInlineSnapshot(
    `"ShapeError SHAPE: sum: axes [0,-2] name one axis twice. List each once."`,
  );
  expect(messageOf(() => zeros(device, [0, 3]).max(0))).toMatchInlineSnapshot(
    `"ShapeError SHAPE: max: nothing to take the max of: shape [0, 3] is empty along axes 0. Check for emptiness first."`,
  );
  expect(messageOf(() => zeros(device, [3, 0]).argmax(1))).toMatchInlineSnapshot(
    `"ShapeError SHAPE: argmax: shape [3, 0] has nothing along the axis to choose from."`,
  );
  expect(messageOf(() => concat([x23, x45], 0))).toMatchInlineSnapshot(
    `"ShapeError SHAPE: concat: [2, 3] and [4, 5] differ outside axis 0. All other dimensions must be equal."`,
  );
  expect(messageOf(() => tensor(device, [[1, 2], [3]]))).toMatchInlineSnapshot(
    `"ShapeError SHAPE: tensor: the rows differ: [2] and [1]. Nested arrays must be rectangular."`,
  );
  expect(messageOf(() => tensor(device, [1, 2], { shape: [3] }))).toMatchInlineSnapshot(
    `"ShapeError SHAPE: tensor: shape [3] needs 3 values, got 2."`,
  );
  expect(messageOf(() => ones(device, [2, -1]))).toMatchInlineSnapshot(
    `"ShapeError SHAPE: full: a shape is a list of integers ≥ 0, got [2, -1]. Check the dimension -1."`,
  );
});

test("shapes of the ops that networks are made of", () => {
  expect(messageOf(() => rmsNorm(x23, zeros(device, [2])))).toMatchInlineSnapshot(
    `"ShapeError SHAPE: rmsNorm: weight must be [D] with D the last axis of x, got [2] for x [2, 3]."`,
  );
  expect(messageOf(() => rope(x23, x23, x23))).toMatchInlineSnapshot(
    `"ShapeError SHAPE: rope: the last axis must be even, x is [2, 3]."`,
  );
  expect(messageOf(() => attention(x23, x23, x23))).toMatchInlineSnapshot(
    `"ShapeError SHAPE: attention: expected q [B, H, T, D], k [B, H, S, D], v [B, H, S, Dv], got [2, 3], [2, 3], [2, 3]."`,
  );
  expect(messageOf(() => crossEntropy(x23, x23))).toMatchInlineSnapshot(
    `"ShapeError SHAPE: crossEntropy: expected logits [N, V] and targets [N], got [2, 3] and [2, 3]. Flatten the leading axes first."`,
  );
  expect(messageOf(() => linearLogProb(x23, x45, ids))).toMatchInlineSnapshot(
    `"ShapeError SHAPE: linearLogProb: expected hidden [N, D], weight [V, D], targets [N], got [2, 3], [4, 5], [2]."`,
  );
  expect(messageOf(() => groupedMatmul(x23, x45, ids))).toMatchInlineSnapshot(
    `"ShapeError SHAPE: groupedMatmul: expected a [N, K], b [E, K, M], offsets [E + 1], got [2, 3], [4, 5], [2]."`,
  );
  expect(messageOf(() => countingSort(ids.reshape([2, 1]), 2))).toMatchInlineSnapshot(
    `"ShapeError SHAPE: countingSort: expected keys [N], got [2, 1]."`,
  );
  expect(messageOf(() => x23.gather(0, ids))).toMatchInlineSnapshot(
    `"ShapeError SHAPE: gather: index [2] does not fit [2, 3]: same rank, and at most as large on every axis but 0."`,
  );
  expect(messageOf(() => scatterAdd(x23, 0, ids, x23))).toMatchInlineSnapshot(
    `"ShapeError SHAPE: scatterAdd: base [2, 3], index [2] and source [2, 3] do not fit: same rank, index and source alike, and at most as large on every axis but 0."`,
  );
  expect(messageOf(() => x23.indexSelect(0, ids.reshape([1, 2])))).toMatchInlineSnapshot(
    `"ShapeError SHAPE: indexSelect: the index is a list [N], got [1, 2]. Flatten it first."`,
  );
});

test("dtypes that do not fit", () => {
  expect(messageOf(() => ids.matmul(ids))).toMatchInlineSnapshot(
    `"DTypeError DTYPE: matmul: expected floats, got i32. Cast first: x.cast("f32")."`,
  );
  expect(messageOf(() => x23.gather(1, x23))).toMatchInlineSnapshot(
    `"DTypeError DTYPE: gather: an index is i32 or u32, got f32. Cast it first."`,
  );
  expect(messageOf(() => countingSort(zeros(device, [3]), 2))).toMatchInlineSnapshot(
    `"DTypeError DTYPE: countingSort: expected i32 keys, got f32. Cast them first."`,
  );
  expect(messageOf(() => scatterAdd(zeros(device, [3]), 0, ids, ids))).toMatchInlineSnapshot(
    `"DTypeError DTYPE: scatterAdd: base is f32, source is i32. Cast one of them."`,
  );
  expect(messageOf(() => ids.requiresGrad_())).toMatchInlineSnapshot(
    `"DTypeError DTYPE: requiresGrad_: only floats have gradients, this is i32."`,
  );
  expect(messageOf(() => tensor(device, Uint16Array.of(1)))).toMatchInlineSnapshot(
    `"ArgumentError ARGUMENT: tensor: 16-bit words may be f16 or bf16. Say which: { dtype: "bf16" }."`,
  );
});

test("indices and arguments", () => {
  expect(messageOf(() => x23.gather(1, ids.reshape([2, 1]).add(5)).eval())).toMatchInlineSnapshot(
    `"IndexError INDEX: gather: index 5 is outside axis 1 of size 3."`,
  );
  expect(messageOf(() => x23.narrow(1, 2, 2))).toMatchInlineSnapshot(
    `"IndexError INDEX: narrow: elements 2..3 of axis 1 were asked, it has 3."`,
  );
  expect(messageOf(() => x23.select(0, 2))).toMatchInlineSnapshot(
    `"IndexError INDEX: select: index 2 is outside axis 0 of size 2."`,
  );
  expect(messageOf(() => x23.slice([null, null, null]))).toMatchInlineSnapshot(
    `"ArgumentError ARGUMENT: slice: 3 ranges for a tensor of rank 2. Give at most one an axis."`,
  );
  expect(messageOf(() => x23.slice([{ step: 0 }]))).toMatchInlineSnapshot(
    `"ArgumentError ARGUMENT: slice: start, end and step are whole numbers, step not 0, got {"step":0}."`,
  );
  expect(messageOf(() => topk(x23, 4))).toMatchInlineSnapshot(
    `"ArgumentError ARGUMENT: topk: k must be 0..3 along axis 1, got 4."`,
  );
  const bias = zeros(device, [5]);
  const generator = new Generator(device, 0);
  expect(messageOf(() => groupedTopk(x45, zeros(device, [4]), 2))).toMatchInlineSnapshot(
    `"ShapeError SHAPE: groupedTopk: expected logits [N, E] and a bias [E], got [4, 5] and [4]."`,
  );
  expect(messageOf(() => groupedTopk(x45, bias, 2, { groups: 2 }))).toMatchInlineSnapshot(
    `"ArgumentError ARGUMENT: groupedTopk: 5 experts do not make 2 equal groups."`,
  );
  expect(
    messageOf(() => groupedTopk(x45, bias, 2, { groups: 5, keptGroups: 1 })),
  ).toMatchInlineSnapshot(`"ArgumentError ARGUMENT: groupedTopk: k must be 1..1, got 2."`);
  expect(messageOf(() => sample(x23, generator, { topK: 0 }))).toMatchInlineSnapshot(
    `"ArgumentError ARGUMENT: sample: topK must be 1 or more, got 0."`,
  );
  expect(messageOf(() => sampleWithLogProbs(x23, generator, { topP: 0 }))).toMatchInlineSnapshot(
    `"ArgumentError ARGUMENT: sampleWithLogProbs: topP must be above 0 and at most 1, got 0."`,
  );
  expect(messageOf(() => sample(zeros(device, [2, 0]), generator))).toMatchInlineSnapshot(
    `"ShapeError SHAPE: sample: logits [2, 0] have nothing to choose from."`,
  );
  expect(messageOf(() => concat([]))).toMatchInlineSnapshot(
    `"ArgumentError ARGUMENT: concat: expected at least one tensor, got none."`,
  );
  expect(messageOf(() => x23.itemSync())).toMatchInlineSnapshot(
    `"ArgumentError ARGUMENT: itemSync: expected a tensor of one element, got [2, 3]. Use data()."`,
  );
  expect(messageOf(() => new Generator(device, -1))).toMatchInlineSnapshot(
    `"ArgumentError ARGUMENT: Generator: a seed is an integer from 0 to 2^53 − 1, got -1."`,
  );
  expect(messageOf(() => linearLogProb(x23, x23, ids, { temperature: 0 }))).toMatchInlineSnapshot(
    `"ArgumentError ARGUMENT: linearLogProb: temperature must be above 0, got 0."`,
  );
});

test("fractions, NaN and negative sizes are refused, never rounded into somebody else's memory", () => {
  const p = tensor(device, [1, 2], { requiresGrad: true });
  const odd = customOp({ name: "odd", forward: (x) => x!.mul(2), backward: () => [] });
  const hooked = p.mul(2);
  hooked.registerHook(() => zeros(device, [3]));
  const calls: (() => unknown)[] = [
    () => x23.narrow(0, 0.5, 1),
    () => x23.narrow(0, NaN, 1),
    () => x23.select(0, 0.5),
    () => x23.select(0, NaN),
    () => x23.slice([[0.5, 1.5]]),
    () => x23.slice([{ start: NaN }]),
    () => roll(x23, 0.5),
    () => roll(x23, NaN),
    () => split(x23, 0),
    () => split(x23, [0.5, 1.5]),
    () => linspace(device, 0, 1, -1),
    () => eye(device, -1),
    () => oneHot(ids, -1),
    () => oneHot(x23, 3),
    () => histogram(x23, 0, 0, 1),
    () => histogram(x23, 3, 1, 0),
    () => bincount(ids, 1).eval(),
    () => countingSort(ids, -1),
    () => new Generator(device, 1).bernoulli([2], 2),
    () => new Generator(device, 1).permutation(-1),
    () => x23.cast("f64" as never),
    () => tensor(device, [1], { dtype: "f64" as never }),
    () => zeros(device, [1], "i64" as never),
    () => x23.add(undefined as never),
    () => x23.mul("2" as never),
    () => odd(p).sum().backward(),
    () => hooked.sum().backward(),
  ];
  expect(calls.map(messageOf).join("\n")).toMatchInlineSnapshot(`
    "IndexError INDEX: narrow: elements 0.5..0.5 of axis 0 were asked, it has 2.
    IndexError INDEX: narrow: elements NaN..NaN of axis 0 were asked, it has 2.
    IndexError INDEX: narrow: elements 0.5..0.5 of axis 0 were asked, it has 2.
    IndexError INDEX: select: index NaN is outside axis 0 of size 2.
    ArgumentError ARGUMENT: slice: start, end and step are whole numbers, step not 0, got {"start":0.5,"end":1.5}.
    ArgumentError ARGUMENT: slice: start, end and step are whole numbers, step not 0, got {"start":null}.
    ArgumentError ARGUMENT: roll: the shift is a whole number, got 0.5.
    ArgumentError ARGUMENT: roll: the shift is a whole number, got NaN.
    ArgumentError ARGUMENT: split: a piece has a whole size above 0, got 0.
    ArgumentError ARGUMENT: split: sizes [0.5,1.5] do not add up to axis 0 of size 2.
    ShapeError SHAPE: linspace: a shape is a list of integers ≥ 0, got [-1]. Check the dimension -1.
    ShapeError SHAPE: eye: a shape is a list of integers ≥ 0, got [-1, -1]. Check the dimension -1.
    ShapeError SHAPE: oneHot: a shape is a list of integers ≥ 0, got [-1]. Check the dimension -1.
    DTypeError DTYPE: oneHot: an index is i32 or u32, got f32. Cast it first.
    ArgumentError ARGUMENT: histogram: expected a whole number of bins above 0 and low < high, got 0 from 0 to 1.
    ArgumentError ARGUMENT: histogram: expected a whole number of bins above 0 and low < high, got 3 from 1 to 0.
    IndexError INDEX: bincount: index 1 is outside axis 0 of size 1.
    ArgumentError ARGUMENT: countingSort: bins is a whole number from 0, got -1.
    ArgumentError ARGUMENT: bernoulli: p must be in [0, 1], got 2.
    ShapeError SHAPE: random: a shape is a list of integers ≥ 0, got [-1]. Check the dimension -1.
    DTypeError DTYPE: cast: there is no dtype f64. Use one of f32, i32, u32, bool, f16, bf16.
    DTypeError DTYPE: tensor: there is no dtype f64. Use one of f32, i32, u32, bool, f16, bf16.
    DTypeError DTYPE: full: there is no dtype i64. Use one of f32, i32, u32, bool, f16, bf16.
    ArgumentError ARGUMENT: add: expected a tensor or a number, got undefined.
    ArgumentError ARGUMENT: mul: expected a tensor or a number, got 2.
    AutogradError AUTOGRAD: odd: backward must give one gradient an input, in its shape or null; for input 0, [2], it gave none.
    ShapeError SHAPE: hook of mul: expected a gradient like Tensor(f32 [2] on reference), got Tensor(f32 [3] on reference)."
  `);
});

test("tensors of two devices", () => {
  const other = createDevice(reference());
  expect(() => x23.add(zeros(other, [2, 3]))).toThrow(DeviceMismatchError);
  expect(messageOf(() => x23.add(zeros(other, [2, 3])))).toMatchInlineSnapshot(
    `"DeviceMismatchError DEVICE_MISMATCH: add: operands live on two devices (reference and reference). Copy one over: tensor(device, await x.data(), { shape: x.shape })."`,
  );
});

test("a tensor larger than the device, and the device works on", async () => {
  const small = createDevice(reference({ maxBytes: 1000 }));
  const kept = tensor(small, [1, 2]);
  expect(() => zeros(small, [1000]).eval()).toThrow(OutOfMemoryError);
  expect(messageOf(() => zeros(small, [1000]).eval())).toMatchInlineSnapshot(
    `"OutOfMemoryError OUT_OF_MEMORY: full: reference: 4000 bytes asked, 8 of 1000 in use. Dispose tensors, or raise maxBytes."`,
  );
  expect([...(await kept.add(1).data())]).toEqual([2, 3]);
  // The first of two results was there already: it goes too.
  const { liveBytes } = small.memory();
  small.tidy(() => {
    const numbers = tensor(
      small,
      Float32Array.from({ length: 100 }, (_, i) => i),
    );
    expect(() => sort(numbers)).toThrow(/^sort: reference: 400 bytes asked/);
  });
  expect(small.memory().liveBytes).toBe(liveBytes);
});

test("tensors used after they were freed", async () => {
  const x = tensor(device, [1, 2]);
  x.dispose();
  expect(messageOf(() => x.add(1))).toMatchInlineSnapshot(
    `"UseAfterFreeError USE_AFTER_FREE: add: this tensor (tensor, [2]) was freed by dispose() or its scope. Return it from the scope, or scope.keep(tensor) it."`,
  );
  const y = zeros(device, [2]).add(1);
  const late = y.data();
  y.dispose();
  expect([...(await late)]).toEqual([1, 1]); // asked before it was freed
  await expect(y.data()).rejects.toMatchObject({
    name: "UseAfterFreeError",
    code: "USE_AFTER_FREE",
  });
});

test("reading inside a scope that cannot wait", async () => {
  expect(messageOf(() => device.tidy(() => x23.add(1).data()))).toMatchInlineSnapshot(
    `"ScopeError SCOPE: tidy: expected a synchronous function, got one that returned a promise. Use \`using scope = device.scope()\` in an async function."`,
  );
  expect(messageOf(() => device.tidy(async () => (await x23.item()) + 1))).toMatchInlineSnapshot(
    `"ScopeError SCOPE: tidy: expected a synchronous function, got one that returned a promise. Use \`using scope = device.scope()\` in an async function."`,
  );
  const { readSync: _, ...withoutReadSync } = reference();
  const asynchronous = createDevice(withoutReadSync);
  expect(
    messageOf(() => device.tidy(() => zeros(asynchronous, [2]).dataSync())),
  ).toMatchInlineSnapshot(
    `"UnsupportedError UNSUPPORTED: dataSync: reference cannot read without waiting. Use \`await data()\`."`,
  );
  const reads = step(device, (x: Tensor) => {
    const scale = x.sum().itemSync();
    return [x.mul(scale)];
  });
  expect(messageOf(() => [reads(x23), reads(x23)])).toMatchInlineSnapshot(
    `"ScopeError SCOPE: step: a tensor was read inside a step, which a replay could not repeat. Pass values in as a tensor, and read results after the step."`,
  );
});

test("a graph that its scope took along", () => {
  const x = tensor(device, [1, 2], { requiresGrad: true });
  const y = device.tidy(() => x.square().sum());
  expect(messageOf(() => y.backward())).toMatchInlineSnapshot(
    `"AutogradError AUTOGRAD: sum: the scope this was recorded in has ended and freed what its gradient needs. Call backward() inside it, or detach() what leaves it."`,
  );
});

test("a weight for the wrong input", () => {
  expect(messageOf(() => linear(x23, x45))).toMatchInlineSnapshot(
    `"ShapeError SHAPE: linear: expected x [..., in] and weight [out, in], got [2, 3] and [4, 5]. The last axes must be equal."`,
  );
});

describe("NaN", () => {
  const values = tensor(device, [3, NaN, -1, NaN, Infinity]);

  test("argmax, argmin and sort take the first NaN for the extreme, as PyTorch does", async () => {
    expect(await values.argmax().item()).toBe(1);
    expect(await values.argmin().item()).toBe(1);
    const { values: sorted, indices } = sort(values);
    expect([...(await sorted.data())]).toEqual([-1, 3, Infinity, NaN, NaN]);
    expect([...(await indices.data())]).toEqual([2, 0, 4, 1, 3]);
    expect([...(await topk(values, 3).indices.data())]).toEqual([1, 3, 4]);
  });

  const found = async (fn: () => unknown): Promise<string> => {
    const error = await detectAnomaly(device, fn).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(NaNError);
    return `${(error as NaNError).name} ${(error as NaNError).code}: ${(error as NaNError).message}`;
  };

  test("detectAnomaly names the op that made the first one", async () => {
    const x = tensor(
      device,
      [
        [1, 2],
        [4, -1],
      ],
      { requiresGrad: true },
    );
    expect(await found(() => x.sqrt().eval())).toMatchInlineSnapshot(
      `"NaNError NAN: sqrt: the first NaN of this run, at [3] of f32[4]; its operands f32[4] have none. Look for 0 / 0, ∞ − ∞, log or sqrt of a negative number."`,
    );
    expect(
      await found(() => x.add(1).eval().log().sub(Infinity).transpose().matmul(x).eval()),
    ).toMatchInlineSnapshot(
      `"NaNError NAN: matmul: the first NaN of this run, at [0, 1] of f32[2, 2]; its operands f32[2, 2], f32[2, 2] have none. Look for 0 / 0, ∞ − ∞, log or sqrt of a negative number."`,
    );
    // The slope of √ at 0 is infinite, and 0 · ∞ comes up on the way back only.
    expect(
      await found(() => x.sub(x.detach()).sqrt().mul(0).sum().backward()),
    ).toMatchInlineSnapshot(
      `"NaNError NAN: mul: the first NaN of this run, at [0] of f32[4]; its operands f32[4], f32[4] have none. Look for 0 / 0, ∞ − ∞, log or sqrt of a negative number."`,
    );
  });

  test("what it lets pass: numbers, infinities, NaNs that came in, views", async () => {
    const x = tensor(device, [
      [1, 2],
      [4, 0],
    ]);
    expect(await detectAnomaly(device, () => x.log().eval().shape)).toEqual([2, 2]);
    await detectAnomaly(device, async () => await values.add(1).data());
    const half = tensor(device, [0.5, 2, 4], { dtype: "bf16" })
      .flip(0)
      .slice([[1, 3]]);
    expect(await detectAnomaly(device, async () => Array.from(await half.mul(2).data()))).toEqual([
      4, 1,
    ]);
  });
});

test("every class has a code of its own, and all are SixtyoneErrors", () => {
  const errors = [
    ArgumentError,
    AutogradError,
    DeviceMismatchError,
    DTypeError,
    FormatError,
    IndexError,
    NaNError,
    OutOfMemoryError,
    ScopeError,
    ShapeError,
    UnsupportedError,
    UseAfterFreeError,
  ].map((Class) => new Class("wording"));
  expect(new Set(errors.map(({ code }) => code)).size).toBe(errors.length);
  for (const error of errors) expect(error).toBeInstanceOf(SixtyoneError);
});

test("an error of the backend that is none of ours is wrapped, with its cause", () => {
  const backend = reference();
  const cause = new Error("driver says no");
  const broken = createDevice({
    ...backend,
    run: () => {
      throw cause;
    },
  });
  const failing = () => ones(broken, [2]).add(1).eval();
  expect(messageOf(failing)).toMatchInlineSnapshot(`"SixtyoneError BACKEND: add: map failed"`);
  try {
    failing();
    expect.unreachable();
  } catch (error) {
    expect((error as Error).cause).toBe(cause);
  }
});

test("one tensor too few", () => {
  expect(messageOf(() => stack([]))).toMatchInlineSnapshot(
    `"ArgumentError ARGUMENT: concat: expected at least one tensor, got none."`,
  );
  expect(linspace(device, 0, 1, 1).shape).toEqual([1]);
});
