// The WGSL of matrix products: every thread keeps a small tile of C in registers. Where it finds its tile,
// the loop that feeds it (product-loops.ts), and how it stores it. Subgroup matrices have loop and store of
// their own (product-matrices.ts).

import type { Shader } from "../launch/shader.ts";
import { declarations, isHalf } from "../wgsl/storage.ts";
import type { MatrixTile } from "./matrix-tiles.ts";
import {
  isMatrixKind,
  operandType,
  type KindWith,
  type OperandKind,
  type ProductKind,
} from "./product-kind.ts";
import {
  columnOf,
  directLoop,
  dotLoop,
  dotMemory,
  range,
  rowOf,
  sharedLoop,
  sharedMemory,
  subgroupLoop,
  sums,
} from "./product-loops.ts";
import { matrixLoop, matrixMemory, matrixStore } from "./product-matrices.ts";
import { coordinateLines } from "./space.ts";
import type { ThreadTile, TileShape } from "./tiles.ts";

export function productParams(batchRank: number): string[] {
  return [
    "rows:u32",
    "columns:u32",
    "inner:u32",
    "tilesX:u32",
    "tilesY:u32",
    "splits:u32",
    "splitInner:u32",
    "a:i32",
    "aRow:i32",
    "aInner:i32",
    "b:i32",
    "bInner:i32",
    "bColumn:i32",
    "c:u32",
    "cRow:u32",
    "cBatch:u32",
    "bGroup:i32",
    "offsets:u32",
    "groups:u32",
    "splitSize:u32",
    "columnsPerThread:u32",
    ...range(batchRank).flatMap((i) => [`d${i}:u32`, `ta${i}:i32`, `tb${i}:i32`]),
  ];
}

/** Rows and columns of a workgroup's tile. */
export function tileSize(tile: TileShape): [number, number] {
  if (tile.way === "matrices") {
    return [tile.down * tile.blockRows, tile.across * tile.blockColumns];
  }
  const { way, threadsX, threadsY, perX, perY } = tile;
  return [threadsY * perY, way === "dot" ? perX : threadsX * perX];
}

/** Which tile of C this workgroup has, and the part of K. */
function placement({ tile, batchRank, grouping }: ProductKind): string {
  const [tileRows, tileColumns] = tileSize(tile);
  const axes = range(batchRank);
  const batch = `${coordinateLines("z", 0, batchRank)}
  let aBatch = ${["0", ...axes.map((i) => `i32(c${i}) * P.ta${i}`)].join(" + ")};
  let bBatch = ${["0", ...axes.map((i) => `i32(c${i}) * P.tb${i}`)].join(" + ")};`;
  const groupOfRows = `
  // Tiles are counted group by group; there are more workgroups than tiles.
  var tile = tileY;
  var found = 0u;
  var rowFirst = 0u;
  var rowEnd = 0u;
  for (var e = 0u; e < P.groups; e = e + 1u) {
    let first = u32(in2[P.offsets + e]);
    let end = u32(in2[P.offsets + e + 1u]);
    let tiles = (end - first + ${tileRows - 1}u) / ${tileRows}u;
    if (tile < tiles) { found = e; rowFirst = first + tile * ${tileRows}u; rowEnd = end; break; }
    tile = tile - tiles;
  }
  if (rowEnd == 0u) { return; }`;
  return `
  var g = group;
  let tileX = g % P.tilesX; g = g / P.tilesX;
  let tileY = g % P.tilesY; g = g / P.tilesY;
  let split = g % P.splits;
  let z = g / P.splits;
${grouping === "rows" ? groupOfRows : `  let rowFirst = tileY * ${tileRows}u;\n  let rowEnd = P.rows;`}
  let columnFirst = tileX * ${tileColumns}u;
${batch}
${
  grouping === "depth"
    ? `  var innerFirst = u32(in2[P.offsets + z]);\n  let innerEnd = u32(in2[P.offsets + z + 1u]);`
    : `  var innerFirst = split * P.splitInner;\n  let innerEnd = min(innerFirst + P.splitInner, P.inner);`
}
  let aBase = P.a + aBatch;
  let bBase = P.b + bBatch${grouping === "rows" ? " + i32(found) * P.bGroup" : ""};
  let cBase = P.c + z * P.cBatch + split * P.splitSize;`;
}

/**
 * Rows beyond the end hold what the last row holds where loads were cut short there: a thread that has all
 * the rows writes the last one several times rather than asking each time, which compiles in a third of the
 * time.
 */
function store({ tile, accumulate }: KindWith<ThreadTile>): string {
  const { perX, perY, threadsY, way } = tile;
  const repeats = threadsY === 1 && way !== "shared" && !accumulate;
  const value = (sum: string, at: string): string =>
    `out0[${at}] = ${sum}${accumulate ? ` + out0[${at}]` : ""};`;
  let text = "";
  for (const y of range(perY)) {
    text += `\n  let row${y} = rowFirst + ${rowOf(tile, y)};`;
    text += `\n  let at${y} = cBase + ${repeats ? `min(row${y}, rowEnd - 1u)` : `row${y}`} * P.cRow + columnFirst;`;
  }
  if (way === "subgroup") return text + storeInTurn(tile, value, repeats);
  for (const x of range(perX)) {
    text += `\n  if (columnFirst + ${columnOf(tile, x)} < P.columns) {`;
    for (const y of range(perY)) {
      const line = value(`s${y}_${x}`, `at${y} + ${columnOf(tile, x)}`);
      text += `\n    ${repeats ? line : `if (row${y} < rowEnd) { ${line} }`}`;
    }
    text += "\n  }";
  }
  return text;
}

/** One of `values` by the bits of `index`. */
function pick(values: readonly string[], index: string): string {
  if (values.length === 1) return values[0]!;
  const half = values.length / 2;
  const [low, high] = [pick(values.slice(0, half), index), pick(values.slice(half), index)];
  return `select(${low}, ${high}, (${index} & ${half}u) != 0u)`;
}

/**
 * A column of the thread after the other, in a loop whose end is a parameter, so that no compiler unrolls it: software
 * adapters take long to compile a store, and there would be 64.
 */
function storeInTurn(
  { perX, perY, threadsX }: ThreadTile,
  value: (sum: string, at: string) => string,
  repeats: boolean,
): string {
  const lines = range(perY).map((y) => {
    const line = value(
      pick(
        range(perX).map((x) => `s${y}_${x}`),
        "x",
      ),
      `at${y} + column`,
    );
    return `\n      ${repeats ? line : `if (row${y} < rowEnd) { ${line} }`}`;
  });
  return `
  for (var x = 0u; x < P.columnsPerThread; x = x + 1u) {
    let column = tx + x * ${threadsX}u;
    if (columnFirst + column < P.columns) {${lines.join("")}
    }
  }`;
}

const ways: {
  readonly [W in ThreadTile["way"]]: {
    readonly loop: (kind: KindWith<ThreadTile>) => string;
    readonly memory?: (kind: KindWith<ThreadTile>) => string;
  };
} = {
  shared: { loop: sharedLoop, memory: sharedMemory },
  direct: { loop: directLoop },
  dot: { loop: dotLoop, memory: dotMemory },
  subgroup: { loop: subgroupLoop },
};

/** What a way of computing the tile gives to the module. */
type Part = Pick<Shader, "workgroup" | "builtins" | "declarations" | "body"> & {
  readonly features: readonly string[];
};

function threadPart(kind: KindWith<ThreadTile>): Part {
  const { tile, subgroup } = kind;
  const { way, threadsX, threadsY } = tile;
  const { loop, memory } = ways[way];
  const usesSubgroups = way === "subgroup" || (way === "dot" && subgroup > 0);
  return {
    workgroup: threadsX * threadsY,
    features: usesSubgroups ? ["subgroups"] : [],
    declarations: memory?.(kind) ?? "",
    body: `
${threadsY === 1 ? "  let tx = lane;" : `  let tx = lane % ${threadsX}u;\n  let ty = lane / ${threadsX}u;`}
${sums(tile)}
${loop(kind)}
${store(kind)}`,
  };
}

function matrixPart(kind: KindWith<MatrixTile>): Part {
  return {
    workgroup: kind.tile.threads,
    builtins: ["subgroup_id subgroupId: u32"],
    features: ["subgroups", "chromium_experimental_subgroup_matrix"],
    declarations: matrixMemory(kind),
    body: `${matrixLoop(kind)}\n${matrixStore(kind)}`,
  };
}

export function productShader(kind: ProductKind): Omit<Shader, "key"> {
  const { a, b, batchRank, grouping, nativeF16 } = kind;
  const isEncoded = ({ dtype }: OperandKind): boolean =>
    isHalf(dtype) && !(dtype === "f16" && nativeF16);
  const usesF16 = nativeF16 && (a.dtype === "f16" || b.dtype === "f16");
  const part = isMatrixKind(kind) ? matrixPart(kind) : threadPart(kind as KindWith<ThreadTile>);
  const features = [...part.features, ...(usesF16 ? ["f16"] : [])];
  return {
    ...part,
    params: productParams(batchRank),
    reads: [operandType(a, kind), operandType(b, kind), ...(grouping === "none" ? [] : ["i32"])],
    writes: ["f32"],
    directives: features.map((feature) => `enable ${feature};\n`).join(""),
    declarations: declarations([], isEncoded(a) || isEncoded(b)) + part.declarations,
    body: placement(kind) + part.body,
  };
}
