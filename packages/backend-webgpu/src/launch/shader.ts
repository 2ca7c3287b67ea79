// A shader as kernels write it: names and types of its parameters and buffers, and the body of `main`.
// Here it becomes a WGSL module. Conventions of every body:
//
//   P.name       a parameter (U.name in functions)   in0, in1, …   buffers that are read
//   group        the workgroup's number, counted over both dimensions of the dispatch
//   lane         the thread within the workgroup    out0, out1, …  buffers that are written
//   thread       group · workgroup size + lane

export type WordType = "u32" | "i32" | "f32";

export interface Shader {
  /** Equal keys mean equal text. */
  readonly key: string;
  /** "name:u32" and so on, in the order of the launch's numbers. */
  readonly params: readonly string[];
  /** WGSL element types. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly workgroup: number;
  /** More built-in inputs of `main`: "subgroup_id subgroupId: u32". */
  readonly builtins?: readonly string[];
  /** Functions and workgroup variables. */
  readonly declarations?: string;
  readonly body: string;
  /** Lines for the top of the module: `enable f16;`. */
  readonly directives?: string;
}

export function paramTypes({ params }: Shader): WordType[] {
  return params.map((param) => param.split(":")[1] as WordType);
}

/** Bytes of the parameter block: the shader's own and the number of groups. */
export function paramBytes({ params }: Shader): number {
  return Math.ceil((params.length + 1) / 4) * 16;
}

/** The WGSL module. */
export function moduleText(shader: Shader): string {
  const { params, reads, writes, workgroup, declarations = "", body, directives = "" } = shader;
  const builtins = (shader.builtins ?? []).map(
    (input) => `\n  @builtin(${input.replace(" ", ") ")},`,
  );
  const fields = ["groupCount:u32", ...params].map((param) => `  ${param.replace(":", ": ")},`);
  const buffers = [
    ...reads.map((type, i) => `var<storage, read> in${i}: array<${type}>;`),
    ...writes.map((type, i) => `var<storage, read_write> out${i}: array<${type}>;`),
  ].map((text, i) => `@group(1) @binding(${i}) ${text}`);
  return `${directives}
struct Params {
${fields.join("\n")}
}
@group(0) @binding(0) var<uniform> U: Params;
${buffers.join("\n")}
${declarations}
@compute @workgroup_size(${workgroup})
fn main(
  @builtin(workgroup_id) groupId: vec3<u32>,
  @builtin(num_workgroups) groupGrid: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,${builtins.join("")}
) {
  // Read once, before any branch: software adapters pay for each read inside a loop.
  let P = U;
  let group = groupId.y * groupGrid.x + groupId.x;
  if (group >= P.groupCount) { return; }
  let thread = group * ${workgroup}u + lane;
${body}
}
`;
}
