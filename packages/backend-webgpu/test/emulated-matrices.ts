// Subgroup matrices for adapters that have none: the same WGSL with the matrix functions replaced by loops of
// the same meaning. A matrix that was loaded is where it lies, since nothing is staged until it was multiplied;
// of a result every thread of the subgroup has its share. What hardware computes is not tested by this; where
// it is told to read and write is.

/** `sums`: f16 keeps as many bits of a sum, as hardware may. */
export function emulateMatrices(device: GPUDevice, sums: "f32" | "f16" = "f32"): void {
  const create = device.createShaderModule.bind(device);
  const threads = device.adapterInfo.subgroupMaxSize;
  device.createShaderModule = ({ code, ...rest }) =>
    create({
      ...rest,
      code: code.includes("subgroup_matrix") ? emulated(code, threads, sums) : code,
    });
}

function emulated(code: string, threads: number, sums: "f32" | "f16"): string {
  const left =
    /subgroupMatrixLoad<subgroup_matrix_left<\w+, (\d+), (\d+)>, (row|col)_major>\(&sa, /g;
  const right =
    /subgroupMatrixLoad<subgroup_matrix_right<\w+, (\d+), (\d+)>, (row|col)_major>\(&sb, /g;
  const [, K, M, majorA] = left.exec(code)!;
  const [, N, , majorB] = right.exec(code)!;
  // [first, stride]
  const at = (major: string, row: string, column: string): string =>
    major === "row" ? `x.x + ${row} * x.y + ${column}` : `x.x + ${column} * x.y + ${row}`;
  const share = Math.ceil((Number(M) * Number(N)) / threads);
  const functions = `
fn a_at(x: vec2<u32>, row: u32, column: u32) -> f32 { return f32(sa[${at(majorA!, "row", "column")}]); }
fn b_at(x: vec2<u32>, row: u32, column: u32) -> f32 { return f32(sb[${at(majorB!, "row", "column")}]); }
fn multiply_accumulate(a: vec2<u32>, b: vec2<u32>, c: array<f32, ${share}>, thread: u32) -> array<f32, ${share}> {
  var result = c;
  let zero = thread >> 16u; // compilers unroll what starts at a constant
  for (var i = zero; i < ${share}u; i = i + 1u) {
    let cell = min(i * ${threads}u + thread, ${Number(M) * Number(N) - 1}u);
    var sum = result[i];
    for (var k = zero; k < ${K}u; k = k + 1u) {
      sum = sum + a_at(a, cell / ${N}u, k) * b_at(b, k, cell % ${N}u);
    }
    result[i] = ${sums === "f32" ? "sum" : "bitcast<f32>(bitcast<u32>(sum) & 0xffffe000u)"};
  }
  return result;
}
fn store_result(first: u32, c: array<f32, ${share}>, stride: u32, thread: u32) {
  var result = c;
  for (var i = thread >> 16u; i < ${share}u; i = i + 1u) {
    let cell = i * ${threads}u + thread;
    if (cell < ${Number(M) * Number(N)}u) { sc[first + cell / ${N}u * stride + cell % ${N}u] = result[i]; }
  }
}
`;
  return code
    .replace("enable chromium_experimental_subgroup_matrix;\n", "")
    .replace(left, "vec2<u32>(")
    .replace(right, "vec2<u32>(")
    .replace(/subgroup_matrix_result<f32, \d+, \d+>/g, `array<f32, ${share}>`)
    .replace(
      /subgroupMatrixMultiplyAccumulate\((\w+), (\w+), (\w+)\)/g,
      "multiply_accumulate($1, $2, $3, subgroupThread)",
    )
    .replace(
      /subgroupMatrixStore<row_major>\(&sc, (.+), (\w+)\);/g,
      "store_result($1, $2, subgroupThread);",
    )
    .replace(
      "subgroupId: u32,",
      "subgroupId: u32, @builtin(subgroup_invocation_id) subgroupThread: u32,",
    )
    .replace("@compute", `${functions}@compute`);
}
