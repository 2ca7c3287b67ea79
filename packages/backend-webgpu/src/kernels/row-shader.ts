// Kernels over rows: `lanes` threads share a row and combine what they have with barriers; with one lane
// there are none. The bodies are the same.

export interface RowText {
  /** Before the rows' work: declares `row`, `first` (this lane's first column); leaves if there is none. */
  readonly begin: string;
  /** Steps over this lane's columns as `i`. */
  readonly loop: (body: string, count?: string) => string;
  /** Declares `name` as the sum (max) of `value` over the lanes. */
  readonly combine: (name: string, value: string, op?: "sum" | "max") => string;
  readonly declarations: string;
  /** Only one lane does this. */
  readonly once: (body: string) => string;
  readonly workgroup: number;
  readonly groups: (rows: number) => number;
}

export function rowText(lanes: number, workgroup: number): RowText {
  if (lanes === 1) {
    return {
      begin: `  let row = thread;\n  if (row >= P.rows) { return; }`,
      loop: (body, count = "P.columns") =>
        `  for (var i = 0u; i < ${count}; i = i + 1u) {\n${body}\n  }`,
      combine: (name, value) => `  let ${name} = ${value};`,
      declarations: "",
      once: (body) => body,
      workgroup,
      groups: (rows) => Math.ceil(rows / workgroup),
    };
  }
  return {
    begin: `  let row = group;`,
    loop: (body, count = "P.columns") =>
      `  for (var i = lane; i < ${count}; i = i + ${lanes}u) {\n${body}\n  }`,
    combine: (name, value, op = "sum") => `
  lanesShared[lane] = ${value};
  workgroupBarrier();
  for (var half = ${lanes / 2}u; half > 0u; half = half / 2u) {
    if (lane < half) {
      lanesShared[lane] = ${op === "sum" ? "lanesShared[lane] + lanesShared[lane + half]" : "max(lanesShared[lane], lanesShared[lane + half])"};
    }
    workgroupBarrier();
  }
  let ${name} = lanesShared[0];
  workgroupBarrier();`,
    declarations: `\nvar<workgroup> lanesShared: array<f32, ${lanes}>;`,
    once: (body) => `  if (lane == 0u) {\n${body}\n  }`,
    workgroup: lanes,
    groups: (rows) => rows,
  };
}
