import { expect, test } from "vitest";
import { rewardBatch } from "../compose/batch.ts";
import { defineReward } from "../reward.ts";
import { cosineLength } from "./cosine.ts";
import { kimiLength } from "./kimi.ts";
import { characterCount } from "./measure.ts";
import { softOverlong } from "./soft-overlong.ts";

const accuracy = defineReward("accuracy", (text, { gold }) => ({
  reward: gold === undefined ? null : Number(text.startsWith("right")),
}));
const tokens = (count: number) => ({ gold: "x", tokenIds: Array.from({ length: count }, () => 1) });

test.each([
  ["right", 0, 1],
  ["right", 25, 0.92678],
  ["right", 75, 0.57322],
  ["right", 100, 0.5],
  ["right", 200, 0.5],
  ["wrong", 0, -1],
  ["wrong", 50, -0.75],
  ["wrong", 200, -0.5],
])("cosine of a %s answer of %d tokens", (text, length, expected) => {
  expect(cosineLength({ accuracy, maxLength: 100 })(text, tokens(length))).toBeCloseTo(expected, 4);
});

test("no gold, no length reward; no tokens, an error that says what to do", () => {
  const reward = cosineLength({ accuracy, maxLength: 100 });
  expect(reward("right", { tokenIds: [1] })).toBe(null);
  expect(() => reward("right", { gold: "x" })).toThrowErrorMatchingInlineSnapshot(
    `[TypeError: length: expected the completion's tokens in context.tokenIds, got none. Pass them, or count otherwise: { length: characterCount }.]`,
  );
});

test("Kimi's length compares the answers of a group", async () => {
  const reward = kimiLength({ accuracy, length: characterCount });
  const texts = ["right", "right" + "x".repeat(10), "wrong", "wrong" + "x".repeat(10)];
  const details = await rewardBatch(reward, texts, { gold: "x" }, { groupSize: 4 });
  expect(details.map(({ reward: value }) => value)).toEqual([0.5, -0.5, 0, -0.5]);
  const same = await rewardBatch(reward, ["right", "wrong"], { gold: "x" }, { groupSize: 2 });
  expect(same.map(({ reward: value }) => value)).toEqual([0, 0]);
  expect(await reward("right", { gold: "x" })).toBe(null);
  expect(await reward("right", { gold: "x", groupLengths: [5, 15] })).toBe(0.5);
});

test.each([
  [50, 0],
  [80, 0],
  [90, -0.5],
  [100, -1],
  [110, -1],
])("soft overlong at %d tokens", (length, expected) => {
  expect(softOverlong({ maxLength: 100, buffer: 20 })("", tokens(length))).toBeCloseTo(
    expected,
    12,
  );
});

test("without a buffer the punishment is a step", () => {
  const reward = softOverlong({ maxLength: 100, buffer: 0 });
  expect([reward("", tokens(100)), reward("", tokens(101))]).toEqual([0, -1]);
  expect(() => softOverlong({ maxLength: 10, buffer: 11 })).toThrow("0 ≤ buffer ≤ maxLength");
});
