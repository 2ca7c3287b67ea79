// The inner loop and the store of products in subgroup matrices: tiles of A and B are staged in workgroup
// memory, every subgroup multiplies its block of C fragment by fragment, and C leaves through workgroup memory
// too, so that ragged ends, any strides and sums onto C cost the matrices nothing. A subgroup may have fewer
// threads than the most its device has; the subgroups that are then too many only help to copy.
// WGSL: dawn.googlesource.com/dawn, docs/dawn/features/subgroup_matrix.md.

import { paddedLine, stagedSize, stripColumns, type MatrixTile } from "./matrix-tiles.ts";
import type { KindWith, OperandKind } from "./product-kind.ts";
import { range } from "./product-loops.ts";
import { stageTiles } from "./product-staging.ts";

type MatrixKind = KindWith<MatrixTile>;

/** Staged as it lies in memory, along the depth or along the lines. */
function staged({ alongDepth }: OperandKind, lines: number, { depth, component }: MatrixTile) {
  const [inner, outer] = alongDepth ? [depth, lines] : [lines, depth];
  const stride = paddedLine(inner, component);
  return {
    stride,
    size: stagedSize(outer, inner, component),
    slot: (d: string, line: string): string =>
      alongDepth ? `${line} * ${stride}u + ${d}` : `${d} * ${stride}u + ${line}`,
  };
}

function sides({ tile, a, b }: MatrixKind) {
  const { down, across, blockRows, blockColumns } = tile;
  const [rows, columns] = [down * blockRows, across * blockColumns];
  return { rows, columns, a: staged(a, rows, tile), b: staged(b, columns, tile) };
}

const fragmentsDown = ({ blockRows, fragment }: MatrixTile): number[] =>
  range(blockRows / fragment.M);
const fragmentsAcross = ({ blockColumns, fragment }: MatrixTile): number[] =>
  range(blockColumns / fragment.N);

const resultType = ({ fragment: { M, N } }: MatrixTile): string =>
  `subgroup_matrix_result<f32, ${N}, ${M}>`;

export function matrixMemory(kind: MatrixKind): string {
  const { component, down, across, fragment } = kind.tile;
  const { a, b } = sides(kind);
  return (
    `\nvar<workgroup> sa: array<${component}, ${a.size}>;` +
    `\nvar<workgroup> sb: array<${component}, ${b.size}>;` +
    `\nvar<workgroup> sc: array<f32, ${down * across * fragment.M * stripColumns(fragment)}>;`
  );
}

export function matrixLoop(kind: MatrixKind): string {
  const { tile } = kind;
  const { component, fragment, threads, down, across, blockRows, blockColumns, depth } = tile;
  const { M, N, K } = fragment;
  const { rows, columns, a, b } = sides(kind);
  const [ys, xs] = [fragmentsDown(tile), fragmentsAcross(tile)];
  const loadA = (y: number): string => {
    const major = kind.a.alongDepth ? "row_major" : "col_major";
    const at = a.slot("d", `(blockRow + ${y * M}u)`);
    return `subgroupMatrixLoad<subgroup_matrix_left<${component}, ${K}, ${M}>, ${major}>(&sa, ${at}, ${a.stride}u)`;
  };
  const loadB = (x: number): string => {
    const major = kind.b.alongDepth ? "col_major" : "row_major";
    const at = b.slot("d", `(blockColumn + ${x * N}u)`);
    return `subgroupMatrixLoad<subgroup_matrix_right<${component}, ${N}, ${K}>, ${major}>(&sb, ${at}, ${b.stride}u)`;
  };
  return `
  let blockRow = subgroupId / ${across}u * ${blockRows}u;
  let blockColumn = subgroupId % ${across}u * ${blockColumns}u;
${ys.flatMap((y) => xs.map((x) => `  var c${y}_${x} = ${resultType(tile)}();`)).join("\n")}
  loop {
    if (innerFirst >= innerEnd) { break; }
${stageTiles(kind, {
  threads,
  depth,
  rows,
  columns,
  scalar: component,
  slot: (side, d, line) => (side === "a" ? a : b).slot(d, line),
})}
    workgroupBarrier();
    if (subgroupId < ${down * across}u) {
      for (var d = 0u; d < ${depth}u; d = d + ${K}u) {
${xs.map((x) => `        let b${x} = ${loadB(x)};`).join("\n")}
${ys
  .map(
    (y) => `        let a${y} = ${loadA(y)};
${xs.map((x) => `        c${y}_${x} = subgroupMatrixMultiplyAccumulate(a${y}, b${x}, c${y}_${x});`).join("\n")}`,
  )
  .join("\n")}
      }
    }
    workgroupBarrier();
    innerFirst = innerFirst + ${depth}u;
  }`;
}

/** The same strip of every block at a time. */
export function matrixStore(kind: MatrixKind): string {
  const { tile, accumulate } = kind;
  const { fragment, threads, down, across, blockRows, blockColumns } = tile;
  const { M, N } = fragment;
  const blocks = down * across;
  const width = stripColumns(fragment);
  const strip = M * width;
  const leave = (y: number, first: number): string => `
  if (subgroupId < ${blocks}u) {
${range(width / N)
  .map(
    (x) =>
      `    subgroupMatrixStore<row_major>(&sc, subgroupId * ${strip}u + ${x * N}u, c${y}_${first / N + x}, ${width}u);`,
  )
  .join("\n")}
  }
  workgroupBarrier();
  for (var i = lane; i < ${blocks * strip}u; i = i + ${threads}u) {
    let block = i / ${strip}u;
    let row = rowFirst + block / ${across}u * ${blockRows}u + ${y * M}u + i % ${strip}u / ${width}u;
    let column = columnFirst + block % ${across}u * ${blockColumns}u + ${first}u + i % ${width}u;
    if (row < rowEnd && column < P.columns) {
      let at = cBase + row * P.cRow + column;
      out0[at] = sc[i]${accumulate ? " + out0[at]" : ""};
    }
  }
  workgroupBarrier();`;
  return fragmentsDown(tile)
    .flatMap((y) => range(blockColumns / width).map((x) => leave(y, x * width)))
    .join("");
}
