// Rewards in workers: they answer as they do outside, and whatever happens to one row, the others go on.

import { afterAll, expect, test } from "vitest";
import { gradeMath, mathReward, rewardBatch, verifyMath } from "../../src/index.ts";
import { mathPool, rewardPool, type PooledReward } from "../../src/pool/index.ts";

const rewards = new URL("./rewards.ts", import.meta.url);
const pools: PooledReward[] = [];
const kept = <P extends PooledReward>(pool: P): P => {
  pools.push(pool);
  return pool;
};
afterAll(() => pools.forEach((pool) => pool.close()));

test("a pool judges mathematics as the reward itself does", async () => {
  const pool = kept(mathPool({ workers: 2, rounding: "either" }));
  const reward = mathReward({ rounding: "either" });
  const rows: readonly (readonly [gold: string, completion: string])[] = [
    ["\\frac12", "<think>x</think>\\boxed{0.5}"],
    ["5", "no answer at all"],
    ["\\pi", "\\boxed{3.14}"],
    ["\\frac{1}{", "\\boxed{5}"],
    ["5", "\\boxed{9^9^9^9}"],
  ];
  expect(pool.rewardName).toBe("accuracy");
  const details = await rewardBatch(
    pool,
    rows.map(([, completion]) => completion),
    rows.map(([gold]) => ({ gold })),
  );
  const outside = rows.map(([gold, completion]) => reward.detail(completion, { gold }));
  expect(details).toEqual(outside);
  expect(new Set(details.map(({ verdict }) => verdict)).size).toBe(4);
  expect(await pool("\\boxed{5}", { gold: "5" })).toBe(1);
  for (const [gold, completion] of rows) {
    const { ms, ...grade } = await pool.grade(gold, completion);
    expect(grade).toEqual(gradeMath(gold, completion, { rounding: "either" }));
    expect(ms).toBeGreaterThan(0);
  }
  const verdict = await pool.verify("x^2-1", "(x-1)(x+1)");
  expect(verdict).toMatchObject(verifyMath("x^2-1", "(x-1)(x+1)"));
});

test("a hopeless pair with an endless budget is ended from outside", async () => {
  const pool = kept(mathPool({ workers: 1, timeoutMs: 300, steps: 1e12, onTimeout: null }));
  const sum = "\\sum_{k=1}^{1000}\\sum_{j=1}^{1000}\\sum_{i=1}^{1000} ijk";
  const [hung, next] = await rewardBatch(pool, [`\\boxed{${sum}}`, "\\boxed{5}"], { gold: "5" });
  const reason = "over 300 ms, ended from outside";
  expect(hung).toEqual({ reward: null, verdict: "timeout", reason });
  expect(next).toMatchObject({ reward: 1, verdict: "correct" });
});

test("a reward that hangs, exits, throws or eats memory costs its own row only", async () => {
  const pool = kept(
    await rewardPool(rewards, { exportName: "obedient", workers: 2, timeoutMs: 3000 }),
  );
  const completions = [
    "a",
    "hang",
    "bb",
    "regex",
    "ccc",
    "exit",
    "throw",
    "dddd",
    "secret function",
    "e",
  ];
  const details = await rewardBatch(pool, completions, {});
  expect(details.map(({ reward }) => reward)).toEqual([1, 0, 2, 0, 3, 0, null, 4, null, 1]);
  expect(details.map(({ verdict }) => verdict === "timeout")).toEqual(
    completions.map((text) => ["hang", "regex", "exit"].includes(text)),
  );
  expect(details[6]!.reason).toBe("the reward threw: Error: as told");
  expect(details[8]!.reason).toMatch(/could not be cloned/);
});

test("memory beyond the worker's ends the worker, not the program", async () => {
  const pool = kept(
    await rewardPool(rewards, { exportName: "obedient", workers: 1, timeoutMs: 60_000 }),
  );
  const [eaten, next] = await rewardBatch(pool, ["memory", "abc"], {});
  expect(eaten).toMatchObject({ reward: 0, verdict: "timeout" });
  expect(eaten!.reason).toMatch(/memory/);
  expect(next).toMatchObject({ reward: 3 });
});

test("a promise that never settles, a group that hangs", async () => {
  const never = kept(
    await rewardPool(rewards, { exportName: "never", workers: 1, timeoutMs: 200 }),
  );
  expect(await never.detail("", {})).toMatchObject({ reward: 0, verdict: "timeout" });
  const rank = kept(await rewardPool(rewards, { exportName: "rank", workers: 1, timeoutMs: 1000 }));
  const texts = ["a", "bb", "c", "hang", "ccc", "d"];
  const details = await rewardBatch(rank, texts, {}, { groupSize: 2, concurrency: 1 });
  expect(details.map(({ reward }) => reward)).toEqual([0, 1, 0, 0, 1, 0]);
  expect(details.map(({ verdict }) => verdict === "timeout")).toEqual([
    false,
    false,
    true,
    true,
    false,
    false,
  ]);
});

test("the default export, and a function that makes the reward", async () => {
  const length = kept(await rewardPool(rewards, { workers: 1 }));
  expect(length.rewardName).toBe("length");
  expect(await length("abc", {})).toBe(3);
  const options = { by: 10 };
  const scaled = kept(await rewardPool(rewards, { exportName: "scaled", options, workers: 1 }));
  expect(await scaled("abc", {})).toBe(30);
});

test("what cannot work is said at once", async () => {
  await expect(rewardPool(rewards, { exportName: "nothing" })).rejects.toThrow(
    /expected nothing of .*rewards.ts to be a reward or a function that makes one, got number/,
  );
  await expect(rewardPool(new URL("./missing.ts", import.meta.url))).rejects.toThrow(/missing.ts/);
  expect(() => mathPool({ finders: [() => undefined] })).toThrow(/use rewardPool/);
  expect(() => mathPool({ timeoutMs: 0 })).toThrow("expected timeoutMs above 0, got 0");
  expect(() => mathPool({ workers: 0 })).toThrow("expected a whole number of workers, got 0");
  const pool = kept(await rewardPool(rewards, { workers: 1 }));
  await expect(pool.detail("", { gold: "1", self: () => 1 })).rejects.toThrow(
    /cannot be sent to a worker/,
  );
  expect(await pool("abc", {})).toBe(3);
  pool.close();
  await expect(pool.detail("", {})).rejects.toThrow("it is closed");
});

test("closing ends what is running", async () => {
  const pool = await rewardPool(rewards, { exportName: "obedient", workers: 1 });
  const running = pool.detail("hang", {});
  setTimeout(() => pool.close(), 50);
  await expect(running).resolves.toMatchObject({ verdict: "timeout" });
});
