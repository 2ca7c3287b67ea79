// Texts a model could write to hang or break the grader of mathematics.

const grid = (size: number): string =>
  Array.from({ length: size }, (_, y) =>
    Array.from({ length: size }, (__, x) => x * y + 1).join("&"),
  ).join("\\\\");

/** Answers, with the verdict against the gold answer 5. */
export const costly: readonly (readonly [name: string, answer: string, verdict: string])[] = [
  ["a tower of powers", "9^9^9^9", "timeout"],
  ["a tower in LaTeX", "9^{9^{9^{9}}}", "timeout"],
  ["a tower of exponentials", "e^{e^{e^{e^e}}}", "timeout"],
  ["factorials of factorials", "(((9!)!)!)!", "timeout"],
  ["a large factorial", "100000!", "timeout"],
  ["a large binomial", "\\binom{1000000}{500000}", "timeout"],
  ["a long sum", "\\sum_{k=1}^{1000000} k", "timeout"],
  ["nested sums", "\\sum_{k=1}^{1000}\\sum_{j=1}^{1000}\\sum_{i=1}^{1000} ijk", "timeout"],
  ["a large determinant", `\\begin{vmatrix}${grid(12)}\\end{vmatrix}`, "timeout"],
  ["a huge angle", "\\sin(10^{1000})", "timeout"],
  ["a huge exponent", "1e99999", "timeout"],
  ["a number of 19,000 digits", "9".repeat(19_000), "timeout"],
  ["thousands of brackets", "(".repeat(9000) + "5", "timeout"],
  ["thousands of braces", `${"{".repeat(2000)}5${"}".repeat(2000)}`, "timeout"],
  ["thousands of fractions", "\\frac{".repeat(900), "timeout"],
  ["thousands of bars", "|".repeat(2000), "timeout"],
  ["a long product", " x".repeat(2900), "wrong"],
  ["a megabyte of digits", "5".repeat(1_000_000), "wrong"],
  ["a megabyte of brackets", "{".repeat(1_000_000), "wrong"],
  ["white space", " ".repeat(1_000_000), "wrong"],
  ["lone surrogates", "\ud800\udc00\ud800 \udfff", "wrong"],
  ["control characters", "\u0000\u0001\u001b[31m5\u0007", "wrong"],
  ["many ±", "\\pm 1".repeat(1000), "wrong"],
  [
    "many intervals",
    Array.from({ length: 300 }, (_, i) => `(${i},${i + 1})`).join("\\cup"),
    "wrong",
  ],
  ["a prototype", "__proto__", "wrong"],
  ["a constructor", "constructor(constructor)", "wrong"],
];

/** Completions of about a megabyte. */
export const long: readonly (readonly [name: string, completion: string])[] = [
  ["boxes that do not close", "\\boxed{".repeat(100_000)],
  ["formulas that do not close", "\\(".repeat(300_000)],
  ["dollar signs", "$".repeat(300_000)],
  ["tags", "<answer>".repeat(100_000)],
  ["closed tags", "<answer></answer>".repeat(50_000)],
  ["reasoning that does not close", "<think>".repeat(100_000)],
  ["hashes", "#".repeat(1_000_000)],
  ["conclusions", "therefore ".repeat(100_000)],
  ["answers", "the answer is ".repeat(70_000)],
  ["answers without an end", "answer a ".repeat(100_000)],
  ["full stops", `answer is ${".".repeat(500_000)}`],
  ["digits", "9".repeat(1_000_000)],
  ["commas", "1,".repeat(300_000)],
];
