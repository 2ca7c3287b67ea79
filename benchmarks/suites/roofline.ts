// Large square products as a fraction of what the adapter's multiply-adds alone give: how near to the ceiling
// the tiles come; then the same in subgroup matrices. What the adapter has no memory or no matrices for is left
// out.

import type { MatrixTileName } from "@sixtyone/backend-webgpu";
import type { CaseOfSuite, Row } from "../measure.ts";

const sizes = [1024, 2048, 4096, 8192];
const dtypes = ["f32", "f16"] as const;
/** Of the measured multiply-adds, all of them together. */
export const fmaFlops: number = 2 ** 36;

const ceilingName = (dtype: string): string => `multiply-adds ${dtype}`;
const matrixCeilingName = (dtype: string): string => `in matrices: multiply-adds ${dtype}`;
const matrixTiles: readonly MatrixTileName[] = [
  "matrices 64x64",
  "matrices 128x64",
  "matrices 128x128",
];
const matrixSizes = [1024, 4096];

export function roofline(): CaseOfSuite[] {
  return [...byThreads(), ...inMatrices()];
}

function inMatrices(): CaseOfSuite[] {
  return dtypes.flatMap((dtype): CaseOfSuite[] => [
    {
      name: matrixCeilingName(dtype),
      work: { kind: "matrix-multiply-adds", dtype },
      value: (ms) => fmaFlops / ms / 1e6,
      unit: "GFLOP/s",
    },
    ...matrixSizes.flatMap((size) =>
      matrixTiles.map((tile): CaseOfSuite => ({
        name: `in ${tile}: A·B ${size} ${dtype}`,
        work: { kind: "gemm", size, layout: "A·B", dtype, tile },
        value: (ms) => (2 * size ** 3) / ms / 1e6,
        unit: "GFLOP/s",
      })),
    ),
  ]);
}

function byThreads(): CaseOfSuite[] {
  return dtypes.flatMap((dtype): CaseOfSuite[] => [
    {
      name: ceilingName(dtype),
      work: { kind: "fma", dtype },
      value: (ms) => fmaFlops / ms / 1e6,
      unit: "GFLOP/s",
    },
    ...sizes.map((size): CaseOfSuite => ({
      name: `A·B ${size} ${dtype}`,
      work: { kind: "gemm", size, layout: "A·B", dtype },
      value: (ms) => (2 * size ** 3) / ms / 1e6,
      unit: "GFLOP/s",
    })),
  ]);
}

/**
 * One more row for each product whose ceiling was measured. Products of threads accumulate in f32 whatever they
 * read; those in matrices have the ceiling of their dtype.
 */
export function fractions(rows: readonly Row[]): Row[] {
  const rate = (name: string): number | undefined => rows.find((row) => row.case === name)?.value;
  const ceilingOf = ({ case: name }: Row): number | undefined => {
    if (name.startsWith("A·B")) return rate(ceilingName("f32"));
    return name.includes("A·B") ? rate(matrixCeilingName(name.split(" ").at(-1)!)) : undefined;
  };
  return rows.flatMap((row) => {
    const ceiling = ceilingOf(row);
    return ceiling
      ? [{ ...row, case: `${row.case} of the ceiling`, value: row.value / ceiling, unit: "" }]
      : [];
  });
}
