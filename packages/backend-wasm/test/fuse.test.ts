// What the compiler of expressions merges, and what it must leave alone because somebody else reads it.

import { leafExpr, opExpr, toProgram, type Expr } from "@sixtyone/tensor/backend";
import { expect, test } from "vitest";
import { compile } from "../src/map/compile.ts";
import { opcodes } from "../src/map/opcodes.ts";

const [x, y, z] = ["x", "y", "z"].map((name) => leafExpr(name, "f32") as Expr<string>) as [
  Expr<string>,
  Expr<string>,
  Expr<string>,
];
const opcodesOf = (...outputs: Expr<string>[]): string[] => {
  const { code, count } = compile(
    toProgram(
      outputs,
      outputs.map(() => "f32"),
    ).program,
    false,
  );
  return Array.from({ length: count }, (_, i) => opcodes[code[5 * i]!]!);
};

test("a negation that only feeds a sum makes it a difference", () => {
  const negation = opExpr("neg", x);
  expect(opcodesOf(opExpr("add", negation, y))).toEqual(["sub.f32"]);
  expect(opcodesOf(opExpr("add", y, negation))).toEqual(["sub.f32"]);
  expect(opcodesOf(opExpr("add", y, negation), negation)).toContain("neg.f32");
});

test("a product that only feeds a sum or difference is one multiply-add", () => {
  const product = opExpr("mul", x, y);
  expect(opcodesOf(opExpr("add", z, product))).toEqual(["mulAdd"]);
  expect(opcodesOf(opExpr("sub", product, z))).toEqual(["mulSub"]);
  expect(opcodesOf(opExpr("add", z, opExpr("neg", product)))).toEqual(["negMulAdd"]);
  expect(opcodesOf(opExpr("add", z, product), product)).toContain("mul.f32");
});

test("a sigmoid that only scales another value is a gate", () => {
  const sigmoid = opExpr("sigmoid", y);
  expect(opcodesOf(opExpr("mul", x, sigmoid))).toEqual(["mulSigmoid"]);
  expect(opcodesOf(opExpr("mul", x, sigmoid), sigmoid)).toContain("sigmoid");
});
