import { expect, test } from "vitest";
import { defineReward, type Reward } from "../reward.ts";
import { rewardBatch, withTimeout } from "./batch.ts";
import { combine } from "./combine.ts";
import { preference } from "./preference.ts";

const fixed = (name: string, reward: number | null): Reward =>
  defineReward(name, () => ({ reward }));
const later = (name: string, reward: number): Reward =>
  defineReward(name, () => Promise.resolve({ reward }));

test("a weighted sum with caps", () => {
  const reward = combine([
    { reward: fixed("accuracy", 1) },
    { reward: fixed("format", 1), weight: 0.5 },
    { reward: fixed("length", -10), weight: 0.1, cap: { min: -0.2 } },
  ]);
  expect(reward("", {})).toBeCloseTo(1.3);
  expect(combine([{ reward: fixed("a", 3) }], { cap: { max: 2 } })("", {})).toBe(2);
});

test("a gate closes the whole", () => {
  const gated = (format: number | null) =>
    combine(
      [{ reward: fixed("accuracy", 1) }, { reward: fixed("format", format), gate: 1, weight: 0 }],
      {
        closed: -1,
      },
    );
  expect(gated(1)("", {})).toBe(1);
  expect(gated(0)("", {})).toBe(-1);
  expect(gated(null)("", {})).toBe(-1);
});

test("null terms are left out, or make the whole null", () => {
  const some = [{ reward: fixed("a", null) }, { reward: fixed("b", 2) }];
  expect(combine(some)("", {})).toBe(2);
  expect(combine([{ reward: fixed("a", null), ifNull: "null" }, some[1]!])("", {})).toBe(null);
  expect(combine([some[0]!])("", {})).toBe(null);
  expect(() => combine([])).toThrow("at least one term");
});

test("one asynchronous term makes the sum a promise", async () => {
  const sum = combine([{ reward: fixed("a", 1) }, { reward: later("b", 2) }]);
  expect(await sum("", {})).toBe(3);
  expect(combine([{ reward: fixed("a", 1) }])("", {})).toBe(1);
});

test("batches keep their order and survive a reward that throws", async () => {
  const reward = defineReward("x", async (text) => {
    if (text === "bad") throw new Error("no");
    await new Promise((resolve) => setTimeout(resolve, text.length));
    return { reward: text.length };
  });
  const details = await rewardBatch(reward, ["aaaa", "bad", "a"], {}, { concurrency: 2 });
  expect(details.map((detail) => detail.reward)).toEqual([4, null, 1]);
  expect(details[1]!.reason).toBe("the reward threw: Error: no");
  await expect(rewardBatch(reward, ["a"], [])).rejects.toThrow("one context a completion");
  await expect(rewardBatch(reward, ["a"], {}, { groupSize: 2 })).rejects.toThrow("do not divide");
});

test("out of time is a verdict", async () => {
  const never = defineReward("never", () => new Promise<never>(() => {}));
  expect(await withTimeout(never, 5).detail("", {})).toEqual({
    reward: 0,
    verdict: "timeout",
    reason: "no reward within 5 ms",
  });
  const [late, next] = await rewardBatch(
    defineReward("some", (text) =>
      text === "never" ? new Promise<never>(() => {}) : { reward: 1 },
    ),
    ["never", "now"],
    {},
    { timeoutMs: 5, onTimeout: null },
  );
  expect(late).toMatchObject({ reward: null, verdict: "timeout" });
  expect(next).toEqual({ reward: 1 });
});

test("an endless time is none, and no time is refused", async () => {
  const later = defineReward("later", async () => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    return { reward: 1 };
  });
  expect(await withTimeout(later, Infinity)("", {})).toBe(1);
  for (const timeoutMs of [0, -1, Number.NaN]) {
    expect(() => withTimeout(later, timeoutMs)).toThrow(/expected timeoutMs above 0/);
  }
});

test("a preference model sees the answer, within bounds", async () => {
  const seen: string[] = [];
  const score = (text: string): number => (seen.push(text), 9);
  expect(await preference({ score, clamp: { min: -3, max: 3 } })("<think>a</think>b", {})).toBe(3);
  expect(await preference({ score, sees: "completion" })("<think>a</think>b", {})).toBe(9);
  expect(seen).toEqual(["b", "<think>a</think>b"]);
  expect(await preference({ score })("<think>a</think> ", {})).toBe(0);
  expect(await preference({ score: () => Number.NaN })("a", {})).toBe(null);
  expect(await preference({ score: () => Promise.reject(new Error("offline")) })("a", {})).toBe(
    null,
  );
  expect(await preference({ score: () => new Promise(() => {}), timeoutMs: 5 })("a", {})).toBe(
    null,
  );
});
