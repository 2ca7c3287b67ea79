// Advantages against worked numbers: r = [2, 0, 1, 1], computed from TRL's, Dr. GRPO's and RLOO's formulas.

import { expect, test } from "vitest";
import { groupAdvantages, leaveOneOutAdvantages } from "../src/index.ts";

const rewards = [2, 0, 1, 1];

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((a, i) => expect(a).toBeCloseTo(expected[i]!, 6));
}

test("group: Bessel's standard deviation plus 1e-4, as TRL", () => {
  expectClose(groupAdvantages(rewards, 4), [1.2245949, -1.2245949, 0, 0]);
});

test("none: the mean alone (Dr. GRPO)", () => {
  expectClose(groupAdvantages(rewards, 4, "none"), [1, -1, 0, 0]);
});

test("batch: the group's mean, the batch's standard deviation", () => {
  const two = [...rewards, 5, 5, 5, 5];
  const std = Math.sqrt(two.reduce((s, r) => s + (r - 3) ** 2, 0) / 7);
  expectClose(
    groupAdvantages(two, 4, "batch"),
    [1, -1, 0, 0, 0, 0, 0, 0].map((a) => a / (std + 1e-4)),
  );
});

test("leave one out (RLOO)", () => {
  expectClose(leaveOneOutAdvantages(rewards, 4), [4 / 3, -4 / 3, 0, 0]);
});

test("a group without a difference gives zeros, a reward of null is left out", () => {
  expectClose(groupAdvantages([3, 3, 3], 3), [0, 0, 0]);
  const [a, b, c] = groupAdvantages([1, null, 3], 3) as [number, number, number];
  expect(b).toBe(0);
  expect(a).toBeCloseTo(-c, 12);
  expect(c).toBeCloseTo(1 / (Math.SQRT2 + 1e-4), 6);
});

test("rewards that are not whole groups are refused", () => {
  expect(() => groupAdvantages([1, 2, 3], 2)).toThrowErrorMatchingInlineSnapshot(
    `[ArgumentError: advantages: 3 rewards do not divide into groups of 2. Pass the rewards of whole groups.]`,
  );
});

test("a reward that is not finite is refused by its place", () => {
  expect(() => groupAdvantages([NaN, 0], 2)).toThrow("advantages: reward 0 is NaN");
  expect(() => groupAdvantages([null, Infinity], 2)).toThrow("advantages: reward 1 is Infinity");
  expect(() => leaveOneOutAdvantages([0, undefined as never], 2)).toThrow(
    "advantages: reward 1 is undefined",
  );
});
