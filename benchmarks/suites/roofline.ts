// Large square products as a fraction of what the adapter's multiply-adds alone give: how near to the ceiling
// the tiles come. Sizes that the adapter has no memory for are left out.

import type { CaseOfSuite, Row } from "../measure.ts";

const sizes = [1024, 2048, 4096, 8192];
const dtypes = ["f32", "f16"] as const;
/** Of the measured multiply-adds, all of them together. */
export const fmaFlops: number = 2 ** 36;

const ceilingName = (dtype: string): string => `multiply-adds ${dtype}`;

export function roofline(): CaseOfSuite[] {
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

/** One more row for each product whose ceiling was measured. Products accumulate in f32 whatever they read. */
export function fractions(rows: readonly Row[]): Row[] {
  const ceiling = rows.find((row) => row.case === ceilingName("f32"));
  if (!ceiling) return [];
  return rows
    .filter((row) => row.case.startsWith("A·B"))
    .map((row) => ({
      ...row,
      case: `${row.case} of the ceiling`,
      value: row.value / ceiling.value,
      unit: "",
    }));
}
