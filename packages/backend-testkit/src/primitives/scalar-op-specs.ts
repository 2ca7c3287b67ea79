// `map` launches of one scalar op each, on the numbers where it is hard: special values, edges of its
// range, and a few hundred random ones. Bounds are the ulps of the scalar op table.

import {
  leafExpr,
  opExpr,
  resultType,
  scalarOps,
  toProgram,
  type ComputeType,
  type ScalarOp,
  type ScalarOpInfo,
} from "@sixtyone/tensor/backend";
import { randomSource, randomValues, seedFor } from "../random-values.ts";
import type { LaunchSpec } from "./launch-spec.ts";

const specials = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  3,
  0.1,
  -0.1,
  1e-6,
  7.25,
  -8.75,
  NaN,
  Infinity,
  -Infinity,
].map(Math.fround);
const extremes = [1e30, -1e30, 3.4e38, -3.4e38, 1e-30, -1e-30, 8388609, -8388609, 2147483648];

/** The range of the random arguments of ops on floats, for each argument where they differ. */
const ranges: { readonly [Op in ScalarOp]: readonly (readonly [number, number])[] } = {
  neg: [[-9, 9]],
  abs: [[-9, 9]],
  sign: [[-9, 9]],
  floor: [[-99, 99]],
  ceil: [[-99, 99]],
  round: [[-99, 99]],
  trunc: [[-99, 99]],
  sqrt: [[0, 1e4]],
  rsqrt: [[1e-3, 1e4]],
  reciprocal: [[-50, 50]],
  exp: [[-87, 88]],
  log: [[1e-6, 1e4]],
  sin: [[-131072, 131072]],
  cos: [[-131072, 131072]],
  atan: [[-30, 30]],
  tanh: [[-10, 10]],
  erf: [[-4.5, 4.5]],
  sigmoid: [[-80, 80]],
  isNaN: [[-1, 1]],
  not: [[-1, 1]],
  add: [[-9, 9]],
  sub: [[-9, 9]],
  mul: [[-9, 9]],
  div: [[-9, 9]],
  rem: [
    [-99, 99],
    [-7, 7],
  ],
  pow: [
    [0.01, 20],
    [-9, 9],
  ],
  min: [[-9, 9]],
  max: [[-9, 9]],
  eq: [[-2, 2]],
  ne: [[-2, 2]],
  lt: [[-2, 2]],
  le: [[-2, 2]],
  and: [[0, 1]],
  or: [[0, 1]],
  xor: [[0, 1]],
  shiftLeft: [[0, 1]],
  shiftRight: [[0, 1]],
  select: [[-9, 9]],
};

/** Beyond |x| = 2^17 the table promises nothing for sin and cos. */
const moderateOnly: ReadonlySet<ScalarOp> = new Set(["sin", "cos"]);

const typesOf: { readonly [In in ScalarOpInfo["in"]]: readonly ComputeType[] } = {
  float: ["f32"],
  number: ["f32", "i32", "u32"],
  int: ["i32", "u32"],
  bool: ["bool"],
  bits: ["i32", "u32", "bool"],
  any: ["f32", "i32", "u32", "bool"],
};

export function scalarOpSpecs(seed: number): Record<ScalarOp, LaunchSpec<"map">[]> {
  const specs = {} as Record<ScalarOp, LaunchSpec<"map">[]>;
  for (const op of Object.keys(scalarOps) as ScalarOp[]) {
    const info: ScalarOpInfo = scalarOps[op];
    specs[op] = typesOf[info.in].map((type) => specOf(op, info, type, seed));
  }
  return specs;
}

function specOf(
  op: ScalarOp,
  info: ScalarOpInfo,
  type: ComputeType,
  seed: number,
): LaunchSpec<"map"> {
  const types = Array.from({ length: info.arity }, (_, i): ComputeType =>
    op === "select" && i === 0 ? "bool" : type,
  );
  const leaves = types.map((dtype, i) => leafExpr(i, dtype));
  const output = resultType(op, type);
  const { program, leaves: slots } = toProgram([opExpr(op, ...leaves)], [output]);
  const columns = argumentLists(op, types, seed);
  const count = columns[0]!.length;
  const inputs = slots.map((slot) => ({
    shape: [count],
    dtype: types[slot]!,
    values: { kind: "list" as const, values: columns[slot]! },
  }));
  return {
    kernel: "map",
    note: `${op} on ${type}`,
    params: { program, scalars: [], shape: [count] },
    inputs,
    outputs: [{ shape: [count], dtype: output }],
    tolerance: { ulp: type === "f32" ? info.ulp : 0 },
  };
}

/** Every pairing of special values, then random ones. */
function argumentLists(op: ScalarOp, types: readonly ComputeType[], seed: number): number[][] {
  const special = types.map((type) => specialValues(op, type));
  const rows: number[][] = [];
  if (types.length === 1) rows.push(...special[0]!.map((x) => [x]));
  else {
    const [a, b] = special.slice(-2) as [number[], number[]];
    a.forEach((x, i) => b.forEach((y) => rows.push(types.length === 3 ? [i % 2, x, y] : [x, y])));
  }
  const random = randomSource(seedFor(seed, `${op} ${types.join()}`));
  for (let i = 0; i < 301; i++) {
    rows.push(types.map((type, argument) => randomArgument(op, type, argument, random)));
  }
  return types.map((_, column) => rows.map((row) => row[column]!));
}

function specialValues(op: ScalarOp, type: ComputeType): number[] {
  if (type === "bool") return [0, 1];
  if (type === "i32") return [0, 1, -1, 2, -3, 7, 31, 33, 65536, 2147483647, -2147483648];
  if (type === "u32") return [0, 1, 2, 3, 7, 31, 33, 65536, 2147483648, 4294967295];
  if (op === "pow" || op === "rem") return specials;
  return moderateOnly.has(op)
    ? [...specials, 131071, -131071.5]
    : [...specials, ...extremes.map(Math.fround)];
}

function randomArgument(
  op: ScalarOp,
  type: ComputeType,
  argument: number,
  random: () => number,
): number {
  if (type === "bool") return random() < 0.5 ? 0 : 1;
  if (type === "i32") return Math.trunc((random() - 0.5) * 2 ** 32);
  if (type === "u32") return Math.trunc(random() * 2 ** 32);
  const [low, high] = ranges[op][argument] ?? ranges[op][0]!;
  return Math.fround(randomValues({ kind: "uniform", low, high }, 1, random)[0]!);
}
