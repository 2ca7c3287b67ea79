import { expect, test } from "vitest";
import { boxedContents, boxedFormat } from "./boxed.ts";
import { codeBlocks, codeFenceFormat, extractCode } from "./code-fence.ts";
import { splitReasoning } from "./reasoning.ts";
import { tagCount } from "./tag-count.ts";
import { taggedFormat } from "./tagged.ts";
import { thinkAnswerFormat } from "./think-answer.ts";

test.each([
  ["<think>a</think>b", { reasoning: "a", visible: "b", closed: true }],
  ["a</think>b", { reasoning: "a", visible: "b", closed: true }],
  [
    "<think>a</think>b<think>c</think>d",
    { reasoning: "a</think>b<think>c", visible: "d", closed: true },
  ],
  ["<think>a</think>b<think>c", { reasoning: "a", visible: "b", closed: true }],
  ["<think>a", { reasoning: "a", visible: "", closed: false }],
  ["a", { reasoning: "", visible: "a", closed: false }],
])("reasoning of %j", (completion, expected) => {
  expect(splitReasoning(completion)).toEqual(expected);
});

test("a pre-filled template without a closing tag has no answer", () => {
  expect(splitReasoning("a", { prefilledThink: true })).toMatchObject({
    reasoning: "a",
    visible: "",
  });
  expect(splitReasoning("a</x>b", { tag: "x" })).toMatchObject({ reasoning: "a", visible: "b" });
});

test("custom tags in order, text outside only if allowed", () => {
  const strict = taggedFormat({ tags: ["plan", "code", "tests"], partial: true });
  expect(strict("<plan>a</plan><code>b</code><tests>c</tests>", {})).toBe(1);
  expect(strict("<plan>a</plan><code>b</code>", {})).toBeCloseTo(4 / 6);
  expect(strict("<plan>a</plan> then <code>b</code><tests>c</tests>", {})).toBe(0);
  const loose = taggedFormat({ tags: ["think"], textOutside: true, mayBeEmpty: ["think"] });
  expect(loose("a <think> </think> b", {})).toBe(1);
  expect(() => taggedFormat({ tags: ["<think>"] })).toThrowErrorMatchingInlineSnapshot(
    `[RangeError: tags: expected names such as "think", got "<think>". Leave out < and >.]`,
  );
  expect(() => taggedFormat({ tags: [] })).toThrow("at least one tag");
});

test("a reason names what stands where it should not", () => {
  const reason = (completion: string) => thinkAnswerFormat().detail(completion, {});
  expect(reason("x<think>a</think><answer>b</answer>")).toMatchObject({
    reason: "text before <think>",
  });
  expect(reason("<think>a</think>x<answer>b</answer>")).toMatchObject({
    reason: "text between </think> and <answer>",
  });
  expect(reason("<think>a</think><answer>b</answer>x")).toMatchObject({
    reason: "text after </answer>",
  });
  expect(reason("<think> </think><answer>b</answer>")).toMatchObject({
    reason: "<think> is empty",
  });
});

test.each([
  ["\\boxed{4}", ["4"]],
  ["\\boxed{\\frac{1}{2}} and \\fbox {x}", ["\\frac{1}{2}", "x"]],
  ["\\boxed{\\boxed{3}}", ["\\boxed{3}"]],
  ["\\boxed{\\{1, 2\\}}", ["\\{1, 2\\}"]],
  ["\\boxed{1", []],
  ["\\boxedx{1} boxed{2}", []],
])("boxes of %j", (text, expected) => {
  expect(boxedContents(text)).toEqual(expected);
});

test("the boxed format wants one box after the reasoning", () => {
  expect(boxedFormat()("<think>\\boxed{1}</think> so \\boxed{2}", {})).toBe(1);
  expect(boxedFormat()("<think>\\boxed{1}</think> so 2", {})).toBe(0);
  expect(boxedFormat()("\\boxed{1} or \\boxed{2}", {})).toBe(0);
  expect(boxedFormat({ maxBoxes: 2 })("\\boxed{1} or \\boxed{2}", {})).toBe(1);
  expect(boxedFormat()("\\boxed{ }", {})).toBe(0);
});

test("fences by lines: backticks inside the code, tildes, unclosed, aliases", () => {
  expect(codeBlocks('```py\nx = "```"\n```\n')).toEqual([
    { language: "python", code: 'x = "```"\n', closed: true },
  ]);
  expect(codeBlocks("````md\n```\na\n```\n````")).toEqual([
    { language: "md", code: "```\na\n```\n", closed: true },
  ]);
  expect(codeBlocks("~~~\r\na\r\n~~~")).toEqual([{ language: "", code: "a\n", closed: true }]);
  expect(codeBlocks("```Python\na")).toEqual([{ language: "python", code: "a\n", closed: false }]);
  expect(codeBlocks("inline ```a``` and ```b```")).toEqual([]);
});

test("the last block of the language after the reasoning", () => {
  const text = "<think>```py\n0\n```</think>\n```py\n1\n```\n```js\n2\n```\n```\n3\n```";
  expect(extractCode(text, { language: "python" })).toBe("1\n");
  expect(extractCode(text, { language: "rust" })).toBe("3\n");
  expect(extractCode(text)).toBe("3\n");
  expect(extractCode("```py\n1", { language: "python" })).toBe(undefined);
  expect(extractCode("```py\n1", { language: "python", allowUnclosed: true })).toBe("1\n");
  expect(codeFenceFormat({ language: "python" })(text, {})).toBe(1);
  expect(codeFenceFormat({ language: "python" })("```python\n\n```", {})).toBe(0);
});

test.each([
  ["<think>a</think><answer>b</answer>", 1],
  ["<think>a</think><answer>b", 0.75],
  ["<think><think>a</think><answer>b</answer>", 0.75],
  ["", 0],
])("tag count of %j is %d", (completion, reward) => {
  expect(tagCount()(completion, {})).toBe(reward);
});

test("megabytes of openers are judged at once", () => {
  expect(codeBlocks("```\n".repeat(250_001)).length).toBe(125_001);
  expect(boxedContents("\\boxed{".repeat(150_000))).toEqual([]);
  expect(boxedContents("\\boxed ".repeat(150_000))).toEqual([]);
});
