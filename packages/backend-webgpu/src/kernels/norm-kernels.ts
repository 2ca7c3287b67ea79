// Launches the fused kernels over rows: RMSNorm and softmax, forward and backward.

import type { Binding, LaunchOf } from "@sixtyone/tensor/backend";
import { declarations } from "../wgsl/storage.ts";
import type { MathName } from "../wgsl/math.ts";
import { blockOf, type Context } from "./context.ts";
import { rowText, type RowText } from "./row-shader.ts";
import { sumParts } from "./sum-parts.ts";

/** Rows whose share of dweight one thread adds up. Part of the result's bits: do not tune. */
const rowsPerPart = 64;

interface RowKernel {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  /** More parameters than rows, columns and the offsets `i0…` and `o0…` of the bindings. */
  readonly extra?: readonly (readonly [string, number])[];
  readonly needs?: readonly MathName[];
  readonly inputs: readonly Binding[];
  readonly outputs: readonly Binding[];
  readonly body: (text: RowText) => string;
}

/** In bodies `x(0)` is not WGSL: `in0[P.i0 + …]` and `out0[P.o0 + …]` are. */
function runRows({ engine, tuning }: Context, kernel: RowKernel): void {
  const { name, rows, columns, extra = [], needs = [], inputs, outputs, body } = kernel;
  const text = rowText(tuning, columns < 32);
  engine.dispatch({
    key: `${name} ${text.key}`,
    shader: () => ({
      params: [
        "rows:u32",
        "columns:u32",
        ...inputs.map((_, i) => `i${i}:u32`),
        ...outputs.map((_, i) => `o${i}:u32`),
        ...extra.map(([param]) => param),
      ],
      reads: inputs.map(({ dtype }) => dtype),
      writes: outputs.map(({ dtype }) => dtype),
      workgroup: text.workgroup,
      directives: text.directives,
      declarations: declarations(needs, false) + text.declarations,
      body: `${text.begin}\n  let start = row * P.columns;\n${body(text)}`,
    }),
    params: [
      rows,
      columns,
      ...inputs.map(({ offset }) => offset),
      ...outputs.map(({ offset }) => offset),
      ...extra.map(([, value]) => value),
    ],
    reads: inputs.map(blockOf),
    writes: outputs.map(blockOf),
    groups: text.groups(rows),
  });
}

export function softmax({ inputs, outputs }: LaunchOf<"softmax">, context: Context): void {
  const [rows, columns] = inputs[0]!.shape as [number, number];
  runRows(context, {
    name: "softmax",
    rows,
    columns,
    inputs,
    outputs,
    needs: ["special", "expF", "maxF"],
    body: ({ loop, combine }) => `
  var best = -infinity();
  var broken = 0.0;
${loop("    let x = in0[P.i0 + start + i]; best = max(best, x); if (isNan(x)) { broken = 1.0; }")}
${combine("highest", "best", "max")}
${combine("anyNan", "broken", "max")}
  var part = 0.0;
${loop(`    let e = expF(in0[P.i0 + start + i] - highest);
    out0[P.o0 + start + i] = e;
    part = part + e;`)}
${combine("total", "part")}
  let scale = select(1.0 / total, nan(), anyNan > 0.0);
${loop("    out0[P.o0 + start + i] = out0[P.o0 + start + i] * scale;")}`,
  });
}

export function softmaxBackward(
  { inputs, outputs }: LaunchOf<"softmaxBackward">,
  context: Context,
): void {
  const [rows, columns] = inputs[0]!.shape as [number, number];
  runRows(context, {
    name: "softmaxBackward",
    rows,
    columns,
    inputs,
    outputs,
    body: ({ loop, combine }) => `
  var part = 0.0;
${loop("    part = part + in0[P.i0 + start + i] * in1[P.i1 + start + i];")}
${combine("dot", "part")}
${loop(`    out0[P.o0 + start + i] = in1[P.i1 + start + i] * (in0[P.i0 + start + i] - dot);`)}`,
  });
}

export function rmsNorm({ params, inputs, outputs }: LaunchOf<"rmsNorm">, context: Context): void {
  const [rows, columns] = inputs[0]!.shape as [number, number];
  runRows(context, {
    name: "rmsNorm",
    rows,
    columns,
    inputs,
    outputs,
    extra: [["eps:f32", params.eps]],
    body: ({ loop, combine, once }) => `
  var part = 0.0;
${loop("    let x = in0[P.i0 + start + i]; part = part + x * x;")}
${combine("total", "part")}
  let rstd = 1.0 / sqrt(total / f32(P.columns) + P.eps);
${loop("    out0[P.o0 + start + i] = in0[P.i0 + start + i] * rstd * in1[P.i1 + i];")}
${once("  out1[P.o1 + row] = rstd;")}`,
  });
}

/** dx = rstd · (dy·w − x · rstd² · mean(dy·w·x)); dweight = Σ_rows dy · x · rstd. */
export function rmsNormBackward(
  { inputs, outputs }: LaunchOf<"rmsNormBackward">,
  context: Context,
): void {
  const { engine, tuning } = context;
  const [rows, columns] = inputs[0]!.shape as [number, number];
  runRows(context, {
    name: "rmsNormBackward",
    rows,
    columns,
    inputs,
    outputs: [outputs[0]!],
    body: ({ loop, combine }) => `
  var part = 0.0;
${loop(`    part = part + in0[P.i0 + start + i] * in2[P.i2 + i] * in1[P.i1 + start + i];`)}
${combine("dot", "part")}
  let rstd = in3[P.i3 + row];
  let factor = dot * rstd * rstd / f32(P.columns);
${loop(`    out0[P.o0 + start + i] =
      rstd * (in0[P.i0 + start + i] * in2[P.i2 + i] - in1[P.i1 + start + i] * factor);`)}`,
  });
  const parts = Math.ceil(rows / rowsPerPart);
  const partial = engine.temporary(parts * columns * 4);
  const [dy, x, , rstd] = inputs as [Binding, Binding, Binding, Binding];
  engine.dispatch({
    key: "rmsNormBackward weight",
    shader: () => ({
      params: ["rows:u32", "columns:u32", "parts:u32", "dy:u32", "x:u32", "rstd:u32"],
      reads: ["f32", "f32", "f32"],
      writes: ["f32"],
      workgroup: tuning.workgroup,
      body: `
  if (thread >= P.columns * P.parts) { return; }
  let column = thread % P.columns;
  let first = thread / P.columns * ${rowsPerPart}u;
  let end = min(first + ${rowsPerPart}u, P.rows);
  var total = 0.0;
  for (var row = first; row < end; row = row + 1u) {
    let at = row * P.columns + column;
    total = total + in0[P.dy + at] * in1[P.x + at] * in2[P.rstd + row];
  }
  out0[thread] = total;`,
    }),
    params: [rows, columns, parts, dy.offset, x.offset, rstd.offset],
    reads: [blockOf(dy), blockOf(x), blockOf(rstd)],
    writes: [partial],
    groups: Math.ceil((columns * parts) / tuning.workgroup),
  });
  sumParts(context, columns, parts, partial, blockOf(outputs[1]!), outputs[1]!.offset);
}
