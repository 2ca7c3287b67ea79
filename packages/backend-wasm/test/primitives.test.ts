// The primitives against the JavaScript reference: random programs over random strided views, and each
// structured kernel at sizes that reach its paths and its edges. Outputs lie inside larger buffers where
// the contract allows strided outputs, so a write beside the view is seen.

import {
  castExpr,
  contiguousStrides,
  indexExpr,
  leafExpr,
  opExpr,
  scalarExpr,
  sizeOf,
  toProgram,
  type DType,
  type Expr,
} from "@sixtyone/tensor/backend";
import { beforeAll, describe, expect, test } from "vitest";
import type { WasmBackend } from "../src/index.ts";
import { backendOf, builds, difference, randomSource, type View } from "./compare.ts";

type Random = () => number;
const pick = <T>(random: Random, list: readonly T[]): T =>
  list[Math.floor(random() * list.length)]!;

function values(random: Random, count: number, dtype: DType): number[] {
  return Array.from({ length: count }, () => {
    if (dtype === "bool") return random() < 0.5 ? 1 : 0;
    if (dtype === "i32") return Math.floor(random() * 200) - 100;
    if (dtype === "u32") return Math.floor(random() * 200);
    return Math.fround(random() * 4 - 2);
  });
}

/** A view of `shape` with shuffled axes, gaps, an offset and sometimes repeated or flipped axes. */
function stridedView(
  random: Random,
  shape: readonly number[],
  dtype: DType,
  isOutput: boolean,
): View {
  const kind = random();
  if (kind < 0.35) {
    return { dtype, shape, data: values(random, Math.max(1, sizeOf(shape)), dtype) };
  }
  const order = shape.map((_, i) => i).sort(() => random() - 0.5);
  if (kind < 0.6) order.sort((a, b) => a - b);
  const strides = shape.map(() => 0);
  let stride = random() < 0.7 ? 1 : 2;
  let offset = Math.floor(random() * 5);
  for (const axis of order.reverse()) {
    if (!isOutput && random() < 0.2) continue;
    strides[axis] = stride;
    stride *= shape[axis]! + (random() < 0.3 ? 3 : 0);
    if (random() < 0.1) {
      offset += strides[axis]! * (shape[axis]! - 1);
      strides[axis]! *= -1;
    }
  }
  return { dtype, shape, strides, offset, data: values(random, stride + offset + 8, dtype) };
}

function randomExpr(random: Random, leaves: Expr<string>[], rank: number): Expr<string> {
  let pool: Expr<string>[] = leaves.map((leaf) => castExpr(leaf, "f32"));
  pool.push(scalarExpr(Math.fround(random() * 3), "f32"));
  if (rank > 0 && random() < 0.3)
    pool.push(castExpr(indexExpr(-1 - Math.floor(random() * rank)), "f32"));
  const exact = [...pool]; // conditions on rounded values could go either way
  const count = 1 + Math.floor(random() * 12);
  for (let i = 0; i < count; i++) {
    const [a, b, c] = [pick(random, pool), pick(random, pool), pick(random, pool)];
    const made = pick(random, [
      () => opExpr("add", a, b),
      () => opExpr("mul", a, b),
      () => opExpr("sub", a, b),
      () => opExpr("sub", opExpr("mul", a, b), c),
      () => opExpr("tanh", a),
      () => opExpr("neg", a),
      () => opExpr("select", opExpr("lt", pick(random, exact), pick(random, exact)), b, c),
      () => opExpr("max", a, b),
      () => opExpr("sigmoid", a),
      () => opExpr("sin", opExpr("tanh", a)),
    ])();
    pool.push(made);
  }
  pool = pool.slice(-2);
  return opExpr("tanh", opExpr("add", pool[0]!, pool[pool.length - 1]!));
}

const shapes: readonly (readonly number[])[] = [
  [],
  [1],
  [5],
  [8],
  [513],
  [1024],
  [2000],
  [3, 5],
  [5, 3],
  [7, 130],
  [130, 7],
  [4, 600],
  [2, 3, 4],
  [3, 1, 5, 2],
  [9, 33, 3],
  [2, 3, 2, 2, 3],
  [64, 64],
  [2, 1100],
];

describe.each(builds)("%s build", (build) => {
  let backend: WasmBackend;
  beforeAll(async () => {
    backend = await backendOf(build);
  });

  test("map: random programs over random views", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = randomSource(seed * 7919);
      const shape = pick(random, shapes);
      const dtypes = Array.from({ length: 1 + Math.floor(random() * 4) }, () =>
        pick<DType>(random, ["f32", "f32", "f32", "i32", "u32", "bool", "f16", "bf16"]),
      );
      const leaves = dtypes.map((dtype, i) => leafExpr(`x${i}`, dtype) as Expr<string>);
      const outputs = Array.from({ length: 1 + Math.floor(random() * 2) }, () =>
        pick<DType>(random, ["f32", "f32", "f16", "bf16"]),
      );
      const roots = outputs.map(() => randomExpr(random, leaves, shape.length));
      const made = toProgram(roots, outputs);
      const inputs = made.leaves.map((leaf) =>
        stridedView(random, shape, dtypes[Number(leaf.slice(1))]!, false),
      );
      const outs = outputs.map((dtype) => {
        const view = stridedView(random, shape, dtype, true);
        return { ...view, elements: view.data!.length };
      });
      const launch = {
        kernel: "map",
        params: { program: made.program, scalars: made.scalars, shape },
      };
      const error = difference(backend, launch, inputs, outs);
      const tolerance = outputs.includes("bf16") ? 8e-3 : outputs.includes("f16") ? 2e-3 : 2e-4;
      expect(error, `seed ${seed}, shape ${shape.join("×")}`).toBeLessThan(tolerance);
    }
  });

  test("map: integers, bits and conversions", () => {
    const i = leafExpr("a", "i32") as Expr<string>;
    const j = leafExpr("b", "i32") as Expr<string>;
    const u = leafExpr("c", "u32") as Expr<string>;
    const f = leafExpr("d", "f32") as Expr<string>;
    const t = opExpr("lt", i, j);
    const shift = castExpr(opExpr("and", j, scalarExpr(7, "i32")), "u32");
    const programs: [Expr<string>, DType][] = [
      [opExpr("add", i, j), "i32"],
      [opExpr("sub", i, j), "i32"],
      [opExpr("mul", i, j), "i32"],
      [opExpr("div", i, j), "i32"],
      [opExpr("rem", i, j), "i32"],
      [opExpr("min", i, j), "i32"],
      [opExpr("max", i, j), "i32"],
      [opExpr("abs", i), "i32"],
      [opExpr("sign", i), "i32"],
      [opExpr("neg", i), "i32"],
      [opExpr("not", i), "i32"],
      [opExpr("xor", i, j), "i32"],
      [opExpr("or", i, j), "i32"],
      [opExpr("shiftRight", i, opExpr("and", j, scalarExpr(31, "i32"))), "i32"],
      [opExpr("shiftLeft", u, shift), "u32"],
      [opExpr("shiftRight", u, shift), "u32"],
      [opExpr("div", u, castExpr(j, "u32")), "u32"],
      [opExpr("rem", u, castExpr(j, "u32")), "u32"],
      [opExpr("mul", u, u), "u32"],
      [opExpr("max", u, castExpr(i, "u32")), "u32"],
      [t, "bool"],
      [opExpr("not", t), "bool"],
      [opExpr("le", u, castExpr(i, "u32")), "bool"],
      [opExpr("eq", i, j), "bool"],
      [opExpr("select", t, i, j), "i32"],
      [opExpr("and", t, opExpr("ne", i, j)), "bool"],
      [castExpr(f, "i32"), "i32"],
      [castExpr(f, "u32"), "u32"],
      [castExpr(f, "bool"), "bool"],
      [castExpr(i, "f32"), "f32"],
      [castExpr(u, "f32"), "f32"],
      [castExpr(t, "f32"), "f32"],
      [castExpr(castExpr(i, "u32"), "i32"), "i32"],
      [opExpr("select", t, f, castExpr(i, "f32")), "f32"],
    ];
    const random = randomSource(5);
    const data: { [name: string]: View } = {
      a: {
        dtype: "i32",
        shape: [203],
        data: values(random, 203, "i32").map((x, n) => (n % 9 ? x : 0)),
      },
      b: {
        dtype: "i32",
        shape: [203],
        data: values(random, 203, "i32").map((x, n) => (n % 7 ? x : 0)),
      },
      c: {
        dtype: "u32",
        shape: [203],
        data: values(random, 203, "u32").map((x, n) => (n % 5 ? x * 16777619 : n)),
      },
      d: {
        dtype: "f32",
        shape: [203],
        data: values(random, 203, "f32").map((x, n) =>
          n % 6 ? x * 1e9 : [NaN, Infinity, -Infinity][n % 3]!,
        ),
      },
    };
    programs.forEach(([root, dtype], n) => {
      const made = toProgram([root], [dtype]);
      const launch = {
        kernel: "map",
        params: { program: made.program, scalars: made.scalars, shape: [203] },
      };
      const error = difference(
        backend,
        launch,
        made.leaves.map((l) => data[l]!),
        [{ dtype, shape: [203] }],
      );
      expect(error, `program ${n}`).toBe(0);
    });
  });

  test("reduce: random shapes, axes, strides and ops", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = randomSource(seed * 104729);
      const shape = pick(random, [
        ...shapes.slice(1),
        [3, 0, 4],
        [300, 40],
        [40, 300],
        [5, 70, 9],
        [2000, 3],
      ]);
      const reduceRank = Math.floor(random() * (shape.length + 1));
      const op = pick(random, ["sum", "max", "min", "prod"] as const);
      // Integer products overflow, which the reference does in doubles.
      const dtype =
        op === "prod" ? "f32" : pick<DType>(random, ["f32", "f32", "i32", "u32", "f16"]);
      const leaves = [leafExpr("x0", dtype), leafExpr("x1", dtype)] as Expr<string>[];
      const small = (x: Expr<string>): Expr<string> =>
        op === "prod" && x.type === "f32"
          ? opExpr("tanh", opExpr("mul", x, scalarExpr(0.1, "f32")))
          : x;
      const root = pick(random, [
        () => small(leaves[0]!),
        () => small(opExpr("mul", leaves[0]!, leaves[1]!)),
        () => small(opExpr("add", leaves[1]!, leaves[0]!)),
      ])();
      const made = toProgram([root], [dtype]);
      const inputs = made.leaves.map(() => stridedView(random, shape, dtype, false));
      const kept = shape.slice(0, shape.length - reduceRank);
      const params = { program: made.program, scalars: made.scalars, shape, reduceRank, op };
      const error = difference(backend, { kernel: "reduce", params }, inputs, [
        { dtype, shape: kept },
      ]);
      expect(
        error,
        `seed ${seed} ${op} ${dtype} ${shape.join("×")} last ${reduceRank}`,
      ).toBeLessThan(dtype === "f16" ? 2e-3 : 1e-4);
    }
  });

  test("matmul: shapes, transposes, batches and broadcasting", () => {
    const sizes = [1, 2, 3, 5, 6, 8, 13, 33, 50, 100, 400];
    for (let seed = 1; seed <= 160; seed++) {
      const random = randomSource(seed * 65537);
      const [m, k, n] = [
        pick(random, sizes),
        pick(random, [...sizes, 0, 770]),
        pick(random, sizes),
      ];
      if (m * k * n > 4e6) continue;
      const batch = m * n * k > 4e5 ? [] : pick(random, [[], [], [3], [2, 3], [1, 4]]);
      const operand = (rows: number, columns: number): View => {
        const dtype = pick<DType>(random, ["f32", "f32", "f32", "f32", "f16", "bf16"]);
        const isTransposed = random() < 0.5;
        const gap = random() < 0.2 ? 3 : 0;
        const inner = isTransposed ? [1, rows + gap] : [columns + gap, 1];
        const matrix = isTransposed ? (rows + gap) * columns : rows * (columns + gap);
        const outer = contiguousStrides(batch).map((s) => (random() < 0.3 ? 0 : s * matrix));
        const data = values(random, matrix * Math.max(1, sizeOf(batch)) + 4, dtype);
        return {
          dtype,
          shape: [...batch, rows, columns],
          strides: [...outer, ...inner],
          offset: 2,
          data,
        };
      };
      const inputs = [operand(m, k), operand(k, n)];
      const error = difference(backend, { kernel: "matmul", params: {} }, inputs, [
        { dtype: "f32", shape: [...batch, m, n] },
      ]);
      expect(error, `seed ${seed}: ${batch.join("×")} [${m},${k}]·[${k},${n}]`).toBeLessThan(
        2e-5 * Math.sqrt(k + 1),
      );
    }
  });

  test("argReduce, scan, sort", () => {
    for (let seed = 1; seed <= 120; seed++) {
      const random = randomSource(seed * 31337);
      const shape = pick(random, [
        [1],
        [7],
        [100],
        [3, 50],
        [2, 3, 33],
        [5, 1],
        [4, 1000],
        [3, 40000],
      ]);
      const dtype = pick<DType>(random, ["f32", "i32", "u32", "f16"]);
      const source = { ...stridedView(random, shape, dtype, false) };
      const data = Array.from(source.data!, (x, i) =>
        dtype === "f32" || dtype === "f16"
          ? [x, x, -0, 0, NaN, Infinity, x][Math.floor(random() * (i % 3 ? 2 : 7))]!
          : (x % 9) | 0,
      ).map((x) => (dtype === "u32" ? Math.abs(x) : x));
      const input = { ...source, data };
      const outer = shape.slice(0, -1);
      for (const op of ["max", "min"] as const) {
        expect(
          difference(
            backend,
            { kernel: "argReduce", params: { op } },
            [input],
            [{ dtype: "i32", shape: outer }],
          ),
          `arg ${op} seed ${seed}`,
        ).toBe(0);
      }
      const k = Math.ceil(random() * shape[shape.length - 1]!);
      const outs: View[] = [
        { dtype, shape: [...outer, k] },
        { dtype: "i32", shape: [...outer, k] },
      ];
      expect(
        difference(
          backend,
          { kernel: "sort", params: { descending: random() < 0.5, k } },
          [input],
          outs,
        ),
        `sort seed ${seed} k ${k} ${dtype}`,
      ).toBe(0);
      if (shape[shape.length - 1]! > 2000) continue;
      const op = pick(random, ["sum", "max", "min"] as const);
      const params = { op, exclusive: op === "sum" && random() < 0.5, reverse: random() < 0.5 };
      const finite = { ...input, data: data.map((x) => (Number.isFinite(x) ? x : 1)) };
      expect(
        difference(backend, { kernel: "scan", params }, [finite], [{ dtype, shape }]),
        `scan seed ${seed}`,
      ).toBeLessThan(dtype === "f16" ? 2e-3 : 1e-4);
    }
  });

  test("gather, scatterAdd, countingSort", () => {
    for (let seed = 1; seed <= 120; seed++) {
      const random = randomSource(seed * 271);
      const dtype = pick<DType>(random, ["f32", "f32", "i32", "f16"]);
      const rank = 1 + Math.floor(random() * 3);
      const shape = Array.from({ length: rank }, () => 1 + Math.floor(random() * 12));
      const axis = Math.floor(random() * rank);
      const indexShape = shape.map((d, i) => (i === axis ? 1 + Math.floor(random() * 9) : d));
      const index = stridedView(random, indexShape, "i32", false);
      const indices = {
        ...index,
        data: Array.from(index.data!, () => Math.floor(random() * shape[axis]!)),
      };
      const source = stridedView(random, shape, dtype, false);
      expect(
        difference(
          backend,
          { kernel: "gather", params: { axis } },
          [source, indices],
          [{ dtype, shape: indexShape }],
        ),
        `gather seed ${seed}`,
      ).toBe(0);
      const update = stridedView(random, indexShape, dtype, false);
      const error = difference(
        backend,
        { kernel: "scatterAdd", params: { axis } },
        [source, indices, update],
        [{ dtype, shape }],
      );
      expect(error, `scatterAdd seed ${seed}`).toBeLessThan(dtype === "f16" ? 4e-3 : 1e-5);
      const count = 1 + Math.floor(random() * 300);
      const bins = 1 + Math.floor(random() * 20);
      const keys: View = {
        dtype: "i32",
        shape: [count],
        data: Array.from({ length: count }, () => Math.floor(random() * bins)),
      };
      const outs: View[] = [
        { dtype: "i32", shape: [count] },
        { dtype: "i32", shape: [bins + 1] },
      ];
      expect(difference(backend, { kernel: "countingSort", params: { bins } }, [keys], outs)).toBe(
        0,
      );
    }
  });

  test("embedding lookup copies rows", () => {
    const random = randomSource(3);
    const source: View = { dtype: "f32", shape: [50, 96], data: values(random, 4800, "f32") };
    const index: View = {
      dtype: "i32",
      shape: [31, 96],
      strides: [1, 0],
      data: Array.from({ length: 31 }, () => Math.floor(random() * 50)),
    };
    expect(
      difference(
        backend,
        { kernel: "gather", params: { axis: 0 } },
        [source, index],
        [{ dtype: "f32", shape: [31, 96] }],
      ),
    ).toBe(0);
    const update: View = { dtype: "f32", shape: [31, 96], data: values(random, 31 * 96, "f32") };
    expect(
      difference(
        backend,
        { kernel: "scatterAdd", params: { axis: 0 } },
        [source, index, update],
        [{ dtype: "f32", shape: [50, 96] }],
      ),
    ).toBeLessThan(1e-6);
  });

  test("an index outside its axis is an IndexError, and the backend goes on", () => {
    const source: View = { dtype: "f32", shape: [4], data: [1, 2, 3, 4] };
    const bad: View = { dtype: "i32", shape: [2], data: [1, 4] };
    const out: View = { dtype: "f32", shape: [2] };
    const launch = { kernel: "gather", params: { axis: 0 } };
    expect(() =>
      difference(backend, launch, [source, bad], [out]),
    ).toThrowErrorMatchingInlineSnapshot(
      `[IndexError: gather: index 4 is outside axis 0 of size 4. Indices must be in 0..3.]`,
    );
    expect(difference(backend, launch, [source, { ...bad, data: [1, 3] }], [out])).toBe(0);
  });

  test("random: Threefry words", () => {
    for (const [size, low] of [
      [1, 0],
      [7, 5],
      [1024, 0xfffffff0],
      [5000, 123],
    ] as const) {
      const state: View = { dtype: "u32", shape: [4], data: [17, 0xdeadbeef, low, 9] };
      expect(
        difference(
          backend,
          { kernel: "random", params: {} },
          [state],
          [{ dtype: "u32", shape: [size] }],
        ),
      ).toBe(0);
    }
  });
});
