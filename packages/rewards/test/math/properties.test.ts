// Properties: an answer written another way is right, the same answer with one thing changed is wrong.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gradeMath } from "../../src/math/grade.ts";
import { verifyMath } from "../../src/math/verify.ts";

const options = { seed: 20260801, numRuns: 300 };

/** Ways to write one value, and others that are near it and not equal. */
interface Spellings {
  readonly same: readonly string[];
  readonly other: readonly string[];
}

function checkAll(arbitrary: fc.Arbitrary<Spellings>): void {
  fc.assert(
    fc.property(arbitrary, fc.nat(), fc.nat(), fc.nat(), ({ same, other }, a, b, c) => {
      const golds = same.filter((each) => !each.includes("answer"));
      const gold = golds[a % golds.length]!;
      expect([
        gold,
        same[b % same.length],
        verifyMath(gold, same[b % same.length]!).verdict,
      ]).toEqual([gold, same[b % same.length], "correct"]);
      const wrong = other[c % other.length]!;
      expect([gold, wrong, verifyMath(gold, wrong).verdict]).toEqual([gold, wrong, "wrong"]);
    }),
    options,
  );
}

const integer = fc.integer({ min: -99, max: 99 });
const nonZero = integer.map((n) => n || 7);
const positive = fc.integer({ min: 2, max: 60 });
const signed = (n: number): string => (n < 0 ? `${n}` : `+${n}`);
const gcd = (a: number, b: number): number => (b === 0 ? Math.abs(a) : gcd(b, a % b));

const whole = fc.integer({ min: -99_999, max: 99_999 }).map((n): Spellings => {
  const grouped = n.toLocaleString("en-US");
  return {
    same: [
      `${n}`,
      grouped,
      grouped.replaceAll(",", "{,}"),
      grouped.replaceAll(",", "\\,"),
      `$${n}$`,
      `\\boxed{${n}}`,
      `**${n}**`,
      `${n}.0`,
      `x = ${n}`,
      `\\text{${n}}`,
      `${n - 3} + 3`,
      `\\frac{${n * 7}}{7}`,
      `The answer is ${n}.`,
    ],
    other: [
      `${n + 1}`,
      `${n - 1}`,
      `${n}.5`,
      `${n * 10 + 1}`,
      `${-n || 1}`,
      `${n || 1}x`,
      `${n}, ${n + 1}`,
    ],
  };
});

const fraction = fc.tuple(nonZero, positive).map(([n, d]): Spellings => {
  const k = gcd(n, d);
  const [p, q] = [n / k, d / k];
  const sign = n < 0 ? "-" : "";
  const size = Math.abs(p);
  const mixed =
    size > q && q > 1
      ? [
          `${sign}${Math.floor(size / q)}\\frac{${size % q}}{${q}}`,
          `${sign}${Math.floor(size / q)} ${size % q}/${q}`,
        ]
      : [];
  return {
    same: [
      `\\frac{${n}}{${d}}`,
      `\\dfrac{${p}}{${q}}`,
      `${n}/${d}`,
      `${sign}\\frac{${Math.abs(n) * 3}}{${d * 3}}`,
      `\\frac{${-n}}{${-d}}`,
      `${n} \\div ${d}`,
      `\\left(\\frac{${n}}{${d}}\\right)`,
      `${n}\\cdot ${d}^{-1}`,
      `\\frac{${n * 100}}{${d}}\\%`,
      `y=\\tfrac{${n}}{${d}}`,
      ...mixed,
    ],
    other: [
      `\\frac{${n + 1}}{${d}}`,
      `\\frac{${n}}{${d + 1}}`,
      `\\frac{${-n}}{${d}}`,
      `${n}/${d}x`,
      `\\frac{${n}}{${d}}+${d}`,
      `\\frac{${n}}{${d}}\\pi`,
      `\\sqrt{${n * n + 1}}`,
    ],
  };
});

const decimal = fc.tuple(integer, fc.integer({ min: 1, max: 9999 })).map(([n, part]): Spellings => {
  const digits = part.toString().padStart(4, "0");
  const sign = n < 0 ? "-" : "";
  const size = Math.abs(n);
  return {
    same: [
      `${sign}${size}.${digits}`,
      `${sign}${size}.${digits}00`,
      `${sign}\\frac{${size}${digits}}{10000}`,
      `${sign}${size}${digits} \\times 10^{-4}`,
      `${sign}${size}${digits}e-4`,
      `${sign}${size}${digits.slice(0, 2)}.${digits.slice(2)}\\%`,
    ],
    other: [
      `${sign}${size}.${digits.slice(0, 3)}${(Number(digits[3]) + 1) % 10}`,
      `${sign}${size + 1}.${digits}`,
      `${sign}${size}${digits}`,
      `${sign}${size}.0${digits}`,
      `${sign}${size}${digits} \\times 10^{-3}`,
      `${sign ? "" : "-"}${size}.${digits}`,
    ],
  };
});

const radical = fc
  .tuple(nonZero, fc.constantFrom(2, 3, 5, 6, 7, 10, 13), integer)
  .map(([n, r, a]): Spellings => ({
    same: [
      `${a}+${n}\\sqrt{${r}}`.replace("+-", "-"),
      `${n}\\sqrt{${r}}${signed(a)}`,
      `${n}\\sqrt ${r}${signed(a)}`,
      `${n}*sqrt(${r})${signed(a)}`,
      `${n}√${r}${signed(a)}`,
      `${a}${n < 0 ? "-" : "+"}\\sqrt{${n * n * r}}`,
      `${a}${signed(n)}\\cdot ${r}^{1/2}`,
      `\\frac{${2 * a}${signed(2 * n)}\\sqrt{${r}}}{2}`,
      `${a}${signed(n * r)}/\\sqrt{${r}}`,
    ],
    other: [
      `${n}\\sqrt{${r}}${signed(a + 1)}`,
      `${n + 1}\\sqrt{${r}}${signed(a)}`,
      `${-n}\\sqrt{${r}}${signed(a)}`,
      `${n}\\sqrt{${r + 1}}${signed(a)}`,
      `${n}\\sqrt[3]{${r}}${signed(a)}`,
      `${(n * Math.sqrt(r) + a).toFixed(4)}`,
    ],
  }));

const polynomial = fc.tuple(integer, integer, nonZero).map(([p, q, k]): Spellings => {
  const [b, c] = [-(p + q), p * q];
  return {
    same: [
      `${k}(x${signed(-p)})(x${signed(-q)})`,
      `${k}x^2${signed(k * b)}x${signed(k * c)}`,
      `${k * c}${signed(k * b)}x${signed(k)}x^{2}`,
      `${k}*x**2${signed(k * b)}*x${signed(k * c)}`,
      `${k}\\left(x^2${signed(b)}x${signed(c)}\\right)`,
      `x(${k}x${signed(k * b)})${signed(k * c)}`,
      `f(x) = ${k}x²${signed(k * b)}x${signed(k * c)}`,
    ],
    other: [
      `${k}x^2${signed(k * b + 1)}x${signed(k * c)}`,
      `${k}x^2${signed(k * b)}x${signed(k * c + 1)}`,
      `${k + (k === -1 ? 2 : 1)}x^2${signed(k * b)}x${signed(k * c)}`,
      `${k}x^3${signed(k * b)}x${signed(k * c)}`,
      `${k}y^2${signed(k * b)}y${signed(k * c + 1)}`,
      `${k * 3}`,
    ],
  };
});

const tuple = fc.tuple(integer, integer, nonZero).map(([a, b, d]): Spellings => ({
  same: [
    `(${a},${b})`,
    `\\left( ${a}, ${b} \\right)`,
    `(${a}, ${b}.0)`,
    `(x,y)=(${a},${b})`,
    `x=${a}, y=${b}`,
    `\\langle ${a}, ${b} \\rangle`,
    `(\\frac{${a * d}}{${d}},${b})`,
  ],
  other: [
    `(${a + 1},${b})`,
    `(${a},${b - 1})`,
    `(${b + 1},${a})`,
    `(${a},${b},${a})`,
    `\\{${a},${b + 200}\\}`,
    `${a}`,
    `x=${a}, y=${b + 2}`,
  ],
}));

const interval = fc
  .tuple(integer, positive, fc.constantFrom("(", "["), fc.constantFrom(")", "]"))
  .map(([a, width, open, close]): Spellings => {
    const b = a + width;
    const [low, high] = [open === "[" ? "\\le" : "<", close === "]" ? "\\le" : "<"];
    const [notLow, notHigh] = [open === "[" ? "(" : "[", close === "]" ? ")" : "]"];
    return {
      same: [
        `${open}${a},${b}${close}`,
        `\\left${open}${a}, ${b}\\right${close}`,
        `${a} ${low} x ${high} ${b}`,
        `x\\in${open}${a},${b}${close}`,
        `\\{x \\mid ${a} ${low} x ${high} ${b}\\}`,
        `${open}${a},${a + 1}]\\cup[${a + 1},${b}${close}`,
      ],
      other: [
        `${notLow}${a},${b}${close}`,
        `${open}${a},${b}${notHigh}`,
        `${open}${a},${b + 1}${close}`,
        `${open}${a - 1},${b}${close}`,
        `x ${low === "<" ? ">" : "\\ge"} ${a}`,
        `${open}${a},${a + 1})\\cup(${a + 1},${b}${close}`,
      ],
    };
  });

const finiteSet = fc
  .uniqueArray(integer, { minLength: 2, maxLength: 5 })
  .map((items): Spellings => {
    const turned = [...items].reverse();
    return {
      same: [
        `\\{${items.join(",")}\\}`,
        items.join(", "),
        turned.join(", "),
        `\\{${turned.join(", ")}\\}`,
        `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`,
        `x=${items.join(" \\text{ or } x=")}`,
        items.join("; "),
      ],
      other: [
        items.slice(1).join(", ") + (items.length === 2 ? ", 500" : ""),
        [...items, 500].join(", "),
        [items[0]! + 300, ...items.slice(1)].join(", "),
        `${items[0]}`,
      ],
    };
  });

const line = fc
  .tuple(nonZero, nonZero, integer, fc.constantFrom(2, 3, -1, -4))
  .map(([a, b, c, k]): Spellings => ({
    same: [
      `${a}x${signed(b)}y=${c}`,
      `${a * k}x${signed(b * k)}y=${c * k}`,
      `${a}x${signed(b)}y${signed(-c)}=0`,
      `${c}=${b}y${signed(a)}x`,
      `y=\\frac{${c}${signed(-a)}x}{${b}}`,
      `${a}x=${c}${signed(-b)}y`,
    ],
    other: [
      `${a}x${signed(b)}y=${c + 1}`,
      `${a}x${signed(-b)}y=${c + 3}`,
      `${a + (a === -1 ? 2 : 1)}x${signed(b)}y=${c}`,
      `${a}x${signed(b)}y`,
      `${c}`,
      `${a}x${signed(b)}y<${c}`,
    ],
  }));

const complex = fc.tuple(integer, nonZero).map(([a, b]): Spellings => ({
  same: [
    `${a}${signed(b)}i`,
    `${b}i${signed(a)}`,
    `${a}${signed(b)}\\mathrm{i}`,
    `z = ${a} ${b < 0 ? "-" : "+"} ${Math.abs(b)}i`,
    `i(${b}${signed(-a)}i)`,
    `\\frac{${2 * a}${signed(2 * b)}i}{2}`,
  ],
  other: [
    `${a}${signed(-b)}i`,
    `${a + 1}${signed(b)}i`,
    `${a}${signed(b + (b === -1 ? 2 : 1))}i`,
    `${a}${signed(b)}`.replace(/^0\+?/, "").concat("+0.5"),
    `${a * a + b * b + 1}`,
  ],
}));

const matrix = fc.tuple(integer, integer, integer, integer).map(([a, b, c, d]): Spellings => {
  const of = (kind: string, rows: string): string => `\\begin{${kind}}${rows}\\end{${kind}}`;
  return {
    same: [
      of("pmatrix", `${a}&${b}\\\\${c}&${d}`),
      of("bmatrix", ` ${a} & ${b} \\\\ ${c} & ${d} `),
      `\\left(${of("array}{cc", `${a}&${b}\\\\${c}&${d}`).replace("\\end{array}{cc}", "\\end{array}")}\\right)`,
      `[[${a},${b}],[${c},${d}]]`,
      `\\frac{1}{2}${of("pmatrix", `${2 * a}&${2 * b}\\\\${2 * c}&${2 * d}`)}`,
    ],
    other: [
      of("pmatrix", `${a + 1}&${b}\\\\${c}&${d}`),
      of("pmatrix", `${a}&${b}\\\\${c}&${d - 1}`),
      of("pmatrix", `${a}&${b}&${c}&${d}`),
      of("pmatrix", `${a}&${b}`),
      `${a * d - b * c}`,
    ],
  };
});

describe("another spelling is right, another value is wrong", () => {
  it("whole numbers", () => checkAll(whole));
  it("fractions", () => checkAll(fraction));
  it("decimals", () => checkAll(decimal));
  it("roots", () => checkAll(radical));
  it("polynomials", () => checkAll(polynomial));
  it("tuples", () => checkAll(tuple));
  it("intervals", () => checkAll(interval));
  it("finite sets", () => checkAll(finiteSet));
  it("lines", () => checkAll(line));
  it("complex numbers", () => checkAll(complex));
  it("matrices", () => checkAll(matrix));
});

const frames: readonly ((answer: string) => string)[] = [
  (answer) => `\\boxed{${answer}}`,
  (answer) => `<think>Is it 17? No.</think>The answer is $${answer}$.`,
  (answer) => `<think>hm</think><answer>${answer}</answer>`,
  (answer) => `We get $y=3$ first.\n\n**Final Answer**\n\\[\n\\boxed{${answer}}\n\\]`,
  (answer) => `So the result is \\(${answer}\\).`,
  (answer) => `work\n#### ${answer}`,
  (answer) => `Answer: ${answer}`,
];

it("finds it in whole completions", () => {
  const any = fc.oneof(whole, fraction, radical, polynomial, interval, finiteSet, complex);
  fc.assert(
    fc.property(any, fc.constantFrom(...frames), fc.nat(), ({ same, other }, frame, n) => {
      const bare = (answers: readonly string[]): readonly string[] =>
        answers.filter((answer) => !/\$|\*\*|boxed|answer/.test(answer));
      const right = bare(same)[n % bare(same).length]!;
      const wrong = bare(other)[n % bare(other).length]!;
      const judged = [frame(right), frame(wrong)].map((text) => gradeMath(same[0]!, text).verdict);
      expect([right, wrong, ...judged]).toEqual([right, wrong, "correct", "wrong"]);
    }),
    options,
  );
});
