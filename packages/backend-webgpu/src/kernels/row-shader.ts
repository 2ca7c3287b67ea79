// Kernels over rows: `lanes` threads share a row and combine what they have; with one lane there is nothing
// to combine. Where the device has subgroups of one size, those add up first, which leaves one barrier
// instead of one for every halving. The bodies are the same.

import type { Tuning } from "../tuning.ts";

export interface RowText {
  /** Part of the shader's key. */
  readonly key: string;
  /** Before the rows' work: declares `row`, `first` (this lane's first column); leaves if there is none. */
  readonly begin: string;
  /** Steps over this lane's columns as `i`. */
  readonly loop: (body: string, count?: string) => string;
  /** Declares `name` as the sum (max) of `value` over the lanes. */
  readonly combine: (name: string, value: string, op?: "sum" | "max") => string;
  readonly declarations: string;
  readonly directives: string;
  /** Only one lane does this. */
  readonly once: (body: string) => string;
  readonly workgroup: number;
  readonly groups: (rows: number) => number;
}

/** `wish`: threads a row, if it is long enough for that. */
export function rowText({ lanes: wish, workgroup, subgroup }: Tuning, isShort: boolean): RowText {
  // One subgroup needs no barriers, and reads neighbouring words.
  const lanes = isShort ? 1 : Math.max(wish, subgroup);
  if (lanes === 1) {
    return {
      key: "1",
      begin: `  let row = thread;\n  if (row >= P.rows) { return; }`,
      loop: (body, count = "P.columns") =>
        `  for (var i = 0u; i < ${count}; i = i + 1u) {\n${body}\n  }`,
      combine: (name, value) => `  let ${name} = ${value};`,
      declarations: "",
      directives: "",
      once: (body) => body,
      workgroup,
      groups: (rows) => Math.ceil(rows / workgroup),
    };
  }
  const hasSubgroups = subgroup > 1 && lanes % subgroup === 0;
  return {
    key: `${lanes} ${hasSubgroups ? subgroup : ""}`,
    begin: `  let row = group;`,
    loop: (body, count = "P.columns") =>
      `  for (var i = lane; i < ${count}; i = i + ${lanes}u) {\n${body}\n  }`,
    combine: hasSubgroups ? bySubgroups(lanes, subgroup) : byHalves(lanes),
    declarations:
      lanes === subgroup
        ? ""
        : `\nvar<workgroup> lanesShared: array<f32, ${hasSubgroups ? lanes / subgroup : lanes}>;`,
    directives: hasSubgroups ? "enable subgroups;\n" : "",
    once: (body) => `  if (lane == 0u) {\n${body}\n  }`,
    workgroup: lanes,
    groups: (rows) => rows,
  };
}

const fold = (op: "sum" | "max", a: string, b: string): string =>
  op === "sum" ? `${a} + ${b}` : `max(${a}, ${b})`;

const reduction = (op: "sum" | "max"): string => (op === "sum" ? "subgroupAdd" : "subgroupMax");

function byHalves(lanes: number): RowText["combine"] {
  return (name, value, op = "sum") => `
  lanesShared[lane] = ${value};
  workgroupBarrier();
  for (var half = ${lanes / 2}u; half > 0u; half = half / 2u) {
    if (lane < half) {
      lanesShared[lane] = ${fold(op, "lanesShared[lane]", "lanesShared[lane + half]")};
    }
    workgroupBarrier();
  }
  let ${name} = lanesShared[0];
  workgroupBarrier();`;
}

function bySubgroups(lanes: number, subgroup: number): RowText["combine"] {
  if (lanes === subgroup)
    return (name, value, op = "sum") => `\n  let ${name} = ${reduction(op)}(${value});`;
  const parts = Array.from({ length: lanes / subgroup }, (_, i) => `lanesShared[${i}]`);
  return (name, value, op = "sum") => `
  let ${name}Own = ${reduction(op)}(${value});
  if (lane % ${subgroup}u == 0u) { lanesShared[lane / ${subgroup}u] = ${name}Own; }
  workgroupBarrier();
  let ${name} = ${parts.reduce((a, b) => fold(op, a, b))};
  workgroupBarrier();`;
}
