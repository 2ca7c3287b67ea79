// What a model could write to hang, break or fool the grader of mathematics. Every case ends, with the
// verdict that it deserves.

import { describe, expect, it } from "vitest";
import { gradeMath } from "../../src/math/grade.ts";
import { mathReward } from "../../src/math/math-reward.ts";
import { verifyMath } from "../../src/math/verify.ts";
import { costly, long } from "./hostile.ts";

describe("answers that cost too much", () => {
  it.each(costly)("%s", (_, answer, verdict) => {
    expect(verifyMath("5", answer).verdict).toBe(verdict);
    expect(["correct", "timeout", "gold-unparsable"]).toContain(verifyMath(answer, answer).verdict);
  });

  it("does not compare what it cannot compute", () => {
    expect(verifyMath("9^9^9^9", "9^9^9^8").verdict).toBe("timeout");
    // Nearer to each other than it looks: no proof that they are equal.
    expect(verifyMath("2^{100000}", "2^{100000}+1").verdict).toBe("timeout");
    expect(verifyMath("1/6", "\\frac{2^{20000}+1}{3 \\cdot 2^{20001}}").verdict).toBe("timeout");
    expect(verifyMath("2^{1500}", "\\sqrt{2^{3000}+1}").verdict).toBe("timeout");
    expect(verifyMath("9^9^9^9", "9^9^9^9").verdict).toBe("correct");
    expect(verifyMath("\\frac{1}{2004!}", "\\frac{1}{2006!}").verdict).toBe("wrong");
  });
});

describe("completions of a megabyte", () => {
  it.each(long)("%s", (_, completion) => {
    expect(["wrong", "no-answer", "timeout"]).toContain(gradeMath("5", completion).verdict);
  });
});

describe("hacks", () => {
  const verdict = (gold: string, completion: string): string => gradeMath(gold, completion).verdict;

  it("takes no answer from the reasoning", () => {
    expect(verdict("5", "<think>\\boxed{5}</think>")).toBe("no-answer");
    expect(verdict("5", "<think>\\boxed{5}")).toBe("no-answer");
    expect(verdict("5", "<think>\\boxed{4}</think> It is \\boxed{5}")).toBe("correct");
    expect(gradeMath("5", "\\boxed{5}", { prefilledThink: true }).verdict).toBe("no-answer");
    expect(gradeMath("5", "so</think>\\boxed{5}", { prefilledThink: true }).verdict).toBe(
      "correct",
    );
  });

  it("pays for one answer, not for all of them", () => {
    expect(verdict("5", "\\boxed{4} or \\boxed{5}")).toBe("wrong");
    expect(verdict("5", "\\boxed{4, 5}")).toBe("wrong");
    expect(verdict("5", "\\boxed{4}\\boxed{5}")).toBe("wrong");
    expect(verdict("5", "\\boxed{1},\\boxed{2},\\boxed{3},\\boxed{4},\\boxed{5}")).toBe("wrong");
    expect(verdict("C", "\\boxed{A, B, C, D}")).toBe("wrong");
    expect(verdict("5", "\\boxed{x = 4 = 5}")).toBe("wrong");
    // Far apart, the last one is what the model settled on.
    expect(verdict("5", "\\boxed{4}. That was wrong. So \\boxed{5}")).toBe("correct");
    expect(verdict("4", "\\boxed{4}. That was wrong. So \\boxed{5}")).toBe("wrong");
    const unanimous = { boxPolicy: "unanimous" as const, finders: ["boxed" as const] };
    expect(gradeMath("5", "\\boxed{4}. Then \\boxed{5}", unanimous).verdict).toBe("no-answer");
  });

  it("does not pay for echoes of the question", () => {
    expect(verdict("2", "\\boxed{x^2=4}")).toBe("wrong");
    expect(verdict("x=5", "\\boxed{2x=10}")).toBe("wrong");
    expect(verdict("(-2,2)", "\\boxed{x^2<4}")).toBe("wrong");
    expect(verdict("x>2", "\\boxed{2x>4}")).toBe("wrong");
  });

  it("does not pay for nothing", () => {
    for (const completion of [
      "",
      " ",
      "\\boxed{}",
      "<answer></answer>",
      "{",
      "}",
      "?",
      "\\",
      ".",
    ]) {
      expect(verdict("5", completion)).toMatch(/^(?:no-answer|wrong)$/);
    }
  });

  it("skips a gold answer that it cannot read", async () => {
    const reward = mathReward();
    expect(await reward("\\boxed{5}", { gold: "\\frac{1}{" })).toBeNull();
    expect(await reward("\\boxed{5}", {})).toBeNull();
    expect(await reward("\\boxed{5}", { gold: "5" })).toBe(1);
    expect(await reward("\\boxed{6}", { gold: "5" })).toBe(0);
    expect(await reward.detail("It is \\boxed{5}", { gold: "5" })).toMatchObject({
      reward: 1,
      verdict: "correct",
      extracted: "5",
      extraction: { finder: "boxed", start: 13, end: 14 },
    });
  });
});
