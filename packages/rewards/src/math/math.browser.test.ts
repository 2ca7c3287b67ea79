import { expect, it } from "vitest";
import { gradeMath } from "./grade.ts";
import { verifyMath } from "./verify.ts";

it("judges mathematics in a browser", () => {
  expect(verifyMath("\\sin^2 x+\\cos^2 x", "1").verdict).toBe("correct");
  expect(verifyMath("2^{-99}", "2^{-98}").verdict).toBe("wrong");
  expect(verifyMath("5", "9^9^9^9").verdict).toBe("timeout");
  expect(gradeMath("\\frac12", "<think>hm</think> It is \\boxed{0.5}.").verdict).toBe("correct");
});
