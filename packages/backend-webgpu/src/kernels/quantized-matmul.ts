// Launches x · Wᵀ for a quantised W and few rows of x, as when a model decodes: the weight is read once, as
// it is stored, and unpacked in registers. A thread (or the lanes of a row) walks the words of one row of
// W and adds them up for a few rows of x. Many rows are better served by panels made f32 and the tiled
// product, which the composite does.

import type { Binding, FusedParams, LaunchOf } from "@sixtyone/tensor/backend";
import type { Shader } from "../launch/shader.ts";
import { declarations } from "../wgsl/storage.ts";
import { blockOf, type Context } from "./context.ts";
import { rowText, type RowText } from "./row-shader.ts";

type Format = FusedParams["quantizedMatmul"]["format"];

/** More rows of x than this are left to the composite. */
export const mostQuantizedRows = 16;

/** Rows of x that share one walk over W. Eight at once run out of registers on software adapters. */
const rowsAtOnce = [1, 2, 4];

/** Subnormals are made by hand: a device may take those of f32 for zero. */
const e4m3Text = `
fn e4m3(field: u32) -> f32 {
  let exponent = (field >> 3u) & 15u;
  let mantissa = field & 7u;
  let normal = bitcast<f32>(((exponent + 120u) << 23u) | (mantissa << 20u));
  let magnitude = select(normal, f32(mantissa) * 0.001953125, exponent == 0u);
  if ((field & 127u) == 127u) { return nan(); }
  return select(magnitude, -magnitude, (field & 128u) != 0u);
}`;

/** Element `j` of `word` as f32. */
function elementText(format: Format, j: number): string {
  if (format === "fp8-e4m3") return `e4m3((word >> ${8 * j}u) & 255u)`;
  const bits = format === "int8" ? 8 : 4;
  // Of a signed number the bits come sign-extended.
  return `f32(extractBits(bitcast<i32>(word), ${bits * j}u, ${bits}u))`;
}

interface Kind {
  readonly format: Format;
  readonly perWord: number;
  /** Rows of x at once. */
  readonly count: number;
  /** Whether the last word has elements beyond the end. */
  readonly isRagged: boolean;
  /** Whether four elements of x are read at a time. */
  readonly isVector: boolean;
}

const indices = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Σ x[n, k + j] · w[j] over the elements of a word. */
function dotText({ perWord, isRagged, isVector }: Kind, n: number): string {
  if (isVector) {
    const parts = indices(perWord / 4).map((v) => `dot(in0[(x${n} + k) / 4u + ${v}u], w${v})`);
    return parts.join(" + ");
  }
  const x = (j: number): string => {
    const value = `in0[x${n} + k + ${j}u]`;
    return isRagged ? `select(0.0, ${value}, k + ${j}u < P.inner)` : value;
  };
  return indices(perWord)
    .map((j) => `${x(j)} * w${Math.floor(j / 4)}[${j % 4}]`)
    .join(" + ");
}

function shaderOf(kind: Kind, text: RowText): Omit<Shader, "key"> {
  const { format, perWord, count, isVector } = kind;
  const each = (line: (n: number) => string): string => indices(count).map(line).join("\n");
  const quads = indices(perWord / 4).map((v) => {
    const elements = indices(4).map((j) => elementText(format, 4 * v + j));
    return `    let w${v} = vec4<f32>(${elements.join(", ")});`;
  });
  return {
    params: [
      "rows:u32",
      "columns:u32",
      "outputs:u32",
      "count:u32",
      "inner:u32",
      "x:u32",
      "words:u32",
      "stride:u32",
      "scales:u32",
      "scaleStride:u32",
      "blockRows:u32",
      "blockWords:u32",
      "o:u32",
    ],
    reads: [isVector ? "vec4<f32>" : "f32", "u32", "f32"],
    writes: ["f32"],
    workgroup: text.workgroup,
    directives: text.directives,
    declarations:
      declarations(["special"], false) +
      (format === "fp8-e4m3" ? e4m3Text : "") +
      text.declarations,
    body: `${text.begin}
  let m = row % P.outputs;
  let start = (row / P.outputs) * ${count}u;
  let wordsOfRow = P.words + m * P.stride;
  let scalesOfRow = P.scales + (m / P.blockRows) * P.scaleStride;
${each((n) => `  let x${n} = P.x + min(start + ${n}u, P.count - 1u) * P.inner;\n  var s${n} = 0.0;`)}
${text.loop(`    let word = in1[wordsOfRow + i];
    let scale = in2[scalesOfRow + i / P.blockWords];
    let k = i * ${perWord}u;
${quads.join("\n")}
${each((n) => `    s${n} = s${n} + scale * (${dotText(kind, n)});`)}`)}
${each((n) => text.combine(`t${n}`, `s${n}`))}
${text.once(each((n) => `  if (start + ${n}u < P.count) { out0[P.o + (start + ${n}u) * P.outputs + m] = t${n}; }`))}`,
  };
}

export function quantizedMatmul(
  { params, inputs, outputs }: LaunchOf<"quantizedMatmul">,
  { engine, tuning }: Context,
): void {
  const {
    format,
    shape: [M, K],
    block: [R, C],
  } = params;
  const [x, words, scales] = inputs as [Binding, Binding, Binding];
  const output = outputs[0]!;
  const N = x.shape[0]!;
  const perWord = format === "int4" ? 8 : 4;
  const used = Math.ceil(K / perWord);
  const isRagged = K % perWord !== 0;
  const isVector = !isRagged && x.offset % 4 === 0;
  const count = rowsAtOnce.find((n) => n >= N) ?? rowsAtOnce.at(-1)!;
  const text = rowText(tuning, used < 64);
  const rows = M * Math.ceil(N / count);
  engine.dispatch({
    key: `quantizedMatmul ${format} ${count} ${isVector ? "v" : ""}${isRagged ? "r" : ""} ${text.key}`,
    shader: () => shaderOf({ format, perWord, count, isRagged, isVector }, text),
    params: [
      rows,
      used,
      M,
      N,
      K,
      x.offset,
      words.offset,
      words.shape[1]!,
      scales.offset,
      scales.shape[1]!,
      R,
      C / perWord,
      output.offset,
    ],
    reads: [blockOf(x), blockOf(words), blockOf(scales)],
    writes: [blockOf(output)],
    groups: text.groups(rows),
  });
}
