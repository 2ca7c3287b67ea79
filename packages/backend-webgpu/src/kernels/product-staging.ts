// Copies a tile of A and one of B into workgroup memory: the threads walk each along the direction in which
// it is contiguous, four elements at a time where that is aligned. Beyond the matrices' ends there are zeros.

import { operandText, type OperandKind, type ProductKind } from "./product-kind.ts";

/** Where staged elements go, and as what. */
export interface Staging {
  readonly threads: number;
  readonly depth: number;
  /** Rows of A and columns of B in the tile. */
  readonly rows: number;
  readonly columns: number;
  readonly scalar: "f32" | "f16";
  /** The element of (depth, line) in `sa` or `sb`, lines being rows of A or columns of B. */
  readonly slot: (side: "a" | "b", depth: string, line: string) => string;
}

interface Side {
  readonly side: "a" | "b";
  readonly buffer: string;
  readonly operand: OperandKind;
  readonly lines: number;
  readonly first: string;
  readonly end: string;
  readonly address: string;
}

function stage(kind: ProductKind, staging: Staging, sideOf: Side): string {
  const { threads, depth, scalar, slot } = staging;
  const { side, buffer, operand, lines, first, end, address } = sideOf;
  const { alongDepth, isVector } = operand;
  const width = isVector ? 4 : 1;
  const count = (lines * depth) / width;
  // i walks the contiguous direction first.
  const inRow = alongDepth ? depth / width : lines / width;
  const [fast, slow] = [`(i % ${inRow}u)${isVector ? " * 4u" : ""}`, `i / ${inRow}u`];
  const [d, l] = alongDepth ? [fast, slow] : [slow, fast];
  const stores = Array.from({ length: width }, (_, j) => {
    const at = alongDepth ? slot(side, `(d + ${j}u)`, "l") : slot(side, "d", `l + ${j}u`);
    return `      s${side}[${at}] = value${isVector ? `[${j}]` : ""};`;
  });
  return `
    for (var i = lane; i < ${count}u; i = i + ${threads}u) {
      let d = ${d};
      let l = ${l};
      let k = innerFirst + d;
      let line = ${first} + l;
      var value = ${isVector ? `vec4<${scalar}>` : scalar}();
      if (k < innerEnd && line < ${end}) { value = ${operandText(buffer, operand, kind, `u32(${address})`, scalar)}; }
${stores.join("\n")}
    }`;
}

export function stageTiles(kind: ProductKind, staging: Staging): string {
  return (
    stage(kind, staging, {
      side: "a",
      buffer: "in0",
      operand: kind.a,
      lines: staging.rows,
      first: "rowFirst",
      end: "rowEnd",
      address: "aBase + i32(line) * P.aRow + i32(k) * P.aInner",
    }) +
    stage(kind, staging, {
      side: "b",
      buffer: "in1",
      operand: kind.b,
      lines: staging.columns,
      first: "columnFirst",
      end: "P.columns",
      address: "bBase + i32(line) * P.bColumn + i32(k) * P.bInner",
    })
  );
}
