import { describe, expect, it } from "vitest";
import { extractAnswer, type ExtractOptions } from "./extract-answer.ts";

const cases: readonly (readonly [completion: string, finder: string, answer: string])[] = [
  ["so \\boxed{42}.", "boxed", "42"],
  ["so \\fbox{42}.", "boxed", "42"],
  ["\\boxed{\\frac{1}{2}}", "boxed", "\\frac{1}{2}"],
  ["\\boxed{\\{1,2\\}}", "boxed", "\\{1,2\\}"],
  ["\\boxed 7", "boxed", "7"],
  ["first \\boxed{1}. Then, after a check, \\boxed{2}", "boxed", "2"],
  ["\\boxed{1} and \\boxed{2}", "boxed", "1, 2"],
  ["$\\boxed{20}$ percent", "boxed", "20 \\%"],
  ["\\boxed{1}. Final Answer: The final answer is $2$. I hope it is correct.", "final-answer", "2"],
  ["<answer> 12 </answer>", "answer-tag", "12"],
  ["<answer>It is \\boxed{12}</answer>", "answer-tag", "12"],
  ["Natalia sold 72 clips.\n#### 72", "hashes", "72"],
  ["The answer is 5.", "answer-is", "5"],
  ["The answer is: $\\frac12$.", "answer-is", "\\frac12"],
  ["**Answer:** 3.5 km", "answer-is", "3.5 km"],
  ["answer: 12, I think", "answer-is", "12, I think"],
  ["The answers are $1$ and $2$.", "answer-is", "1, 2"],
  ["-10/9", "bare", "-10/9"],
  ["We see 4. Therefore, there are 12 ways.", "conclusion", "there are 12 ways"],
  ["We get $x=3$ here", "formula", "x=3"],
  ["\\[ 9 \\]", "formula", "9"],
  ["it costs $5 and then $6", "number", "$6"],
  ["Soucis : 2,740.50 $ a..", "statement", "2,740.50 $ a.."],
  ["about -3.5% less", "number", "-3.5%"],
];

describe("finders", () => {
  it.each(cases)("%s", (completion, finder, answer) => {
    expect(extractAnswer(completion)).toMatchObject({ finder, answer });
  });

  it("finds nothing in nothing", () => {
    for (const completion of ["", "no idea", "\\boxed{}", "AZYUK2A", "\\boxed{5"]) {
      expect(
        extractAnswer(completion, { finders: ["boxed", "answer-tag", "number"] })?.answer,
      ).not.toBe("2");
    }
    expect(extractAnswer("no idea")).toBeUndefined();
    expect(extractAnswer("AZYUK2A")?.finder).not.toBe("number");
  });

  it("finds choices where it is asked to", () => {
    const options: ExtractOptions = { finders: ["choice"] };
    expect(extractAnswer("A or B? It must be (C)", options)?.answer).toBe("C");
    expect(extractAnswer("I choose B.", options)?.answer).toBe("B");
    expect(extractAnswer("nothing here", options)).toBeUndefined();
  });

  it("says where the answer stands in the completion", () => {
    const completion = "<think>\\boxed{1}</think> so \\boxed{42}!";
    const found = extractAnswer(completion)!;
    expect(completion.slice(found.start, found.end)).toBe("42");
  });

  it("takes finders in the order given, and functions", () => {
    expect(extractAnswer("\\boxed{1} #### 2", { finders: ["hashes", "boxed"] })?.answer).toBe("2");
    const first = (text: string) => ({ answer: text[0]!, start: 0, end: 1 });
    expect(extractAnswer("abc", { finders: [first] })).toEqual({
      answer: "a",
      finder: "custom",
      start: 0,
      end: 1,
    });
  });

  it("takes the boxes that its policy names", () => {
    const completion = "\\boxed{1} or \\boxed{2}";
    expect(extractAnswer(completion, { boxPolicy: "last" })?.answer).toBe("2");
    const unanimous: ExtractOptions = { boxPolicy: "unanimous", finders: ["boxed"] };
    expect(extractAnswer(completion, unanimous)).toBeUndefined();
    expect(extractAnswer("\\boxed{2}, again \\boxed{2}", unanimous)?.answer).toBe("2");
  });

  it("knows templates that open the reasoning themselves", () => {
    expect(extractAnswer("\\boxed{1}", { prefilledThink: true })).toBeUndefined();
    expect(extractAnswer("hm</think>\\boxed{1}", { prefilledThink: true })?.answer).toBe("1");
    expect(extractAnswer("<reason>\\boxed{1}</reason> 5", { tag: "reason" })?.answer).toBe("5");
  });
});
