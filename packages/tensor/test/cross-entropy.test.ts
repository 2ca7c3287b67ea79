// crossEntropy against torch.nn.functional.cross_entropy (numbers from torch 2.13), and its refusals.

import { afterAll, expect, test } from "vitest";
import { reference } from "../src/backend/index.ts";
import {
  createDevice,
  crossEntropy,
  embedding,
  grad,
  IndexError,
  linearLogProb,
  tensor,
  type CrossEntropyOptions,
  type Tensor,
} from "../src/index.ts";

const device = createDevice(reference());
afterAll(() => device.dispose());

const logits = () =>
  tensor(device, [
    [1, 2, 0.5],
    [0, -1, 3],
    [2, 2, 2],
    [1, 0, -1],
  ]);
const ids = (...values: number[]) => tensor(device, Int32Array.from(values));
const loss = async (targets: number[], options: CrossEntropyOptions): Promise<number[]> => [
  ...(await crossEntropy(logits(), ids(...targets), options).data()),
];
const near = (actual: readonly number[], expected: readonly number[]) => {
  expect(actual.length).toBe(expected.length);
  actual.forEach((x, i) => expect(x).toBeCloseTo(expected[i]!, 6));
};

test("ignoreIndex and labelSmoothing are torch's", async () => {
  const targets = [1, -100, 0, 2];
  near(await loss(targets, { ignoreIndex: -100 }), [1.3235290050506592]);
  const both = { ignoreIndex: -100, labelSmoothing: 0.1 };
  near(await loss(targets, both), [1.3179733753204346]);
  near(await loss(targets, { ...both, reduction: "sum" }), [3.953920364379883]);
  near(
    await loss(targets, { ...both, reduction: "none" }),
    [0.5477021336555481, 0, 1.0986123085021973, 2.3076059818267822],
  );
  near(await loss([0, 1, 2, 0], { labelSmoothing: 0.25 }), [1.7070344686508179]);
  expect(await loss([7, 7, 7, 7], { ignoreIndex: 7 })).toEqual([NaN]);
});

test("rows that are ignored get no gradient", async () => {
  const [gradient] = grad((x: Tensor) =>
    crossEntropy(x, ids(1, -100, 0, 2), { ignoreIndex: -100, labelSmoothing: 0.1 }),
  )(logits());
  near(
    [...(await gradient!.data())],
    [
      0.065963514149189, -0.1016005426645279, 0.035637013614177704, 0, 0, 0, -0.19999998807907104,
      0.09999998658895493, 0.09999998658895493, 0.21063587069511414, 0.07046505063772202,
      -0.28110089898109436,
    ],
  );
});

test("what it does not know is refused", async () => {
  const errors = [{ reduction: "avg" }, { ignore_index: 0 }, { labelSmoothing: 2 }].map(
    (options) => {
      try {
        return crossEntropy(logits(), ids(0, 0, 0, 0), options as CrossEntropyOptions).shape;
      } catch (error) {
        return String(error);
      }
    },
  );
  expect(errors).toMatchInlineSnapshot(`
    [
      "ArgumentError: crossEntropy: reduction is "mean", "sum" or "none", got avg.",
      "ArgumentError: crossEntropy: there is no option ignore_index. Use reduction, ignoreIndex or labelSmoothing.",
      "ArgumentError: crossEntropy: labelSmoothing must be in 0..1, got 2.",
    ]
  `);
});

test("an index outside its axis is told under the name of the op that was called", async () => {
  const messages: string[] = [];
  for (const run of [
    () => crossEntropy(logits(), ids(0, 3, 0, 0)),
    () => embedding(logits(), ids(4)),
    () => linearLogProb(logits(), logits(), ids(0, 4, 0, 0)).logProb,
  ]) {
    try {
      await run().data();
    } catch (error) {
      expect(error).toBeInstanceOf(IndexError);
      messages.push(String(error));
    }
  }
  expect(messages).toMatchInlineSnapshot(`
    [
      "IndexError: crossEntropy: index 3 is outside axis 1 of size 3.",
      "IndexError: embedding: index 4 is outside axis 0 of size 4.",
      "IndexError: linearLogProb: index 4 is outside axis 1 of size 4.",
    ]
  `);
});
