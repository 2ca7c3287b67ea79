// Kernels with one body an element: where workgroups are dear, a thread takes several elements, which are a
// workgroup apart, so that neighbouring threads stay on neighbouring words.

import type { Tuning } from "../tuning.ts";

/** The parameters of the loop; first among a shader's. */
export const elementParams: readonly string[] = ["size:u32", "perThread:u32"];

/** Runs `body` for each element `i` below P.size. It must not return. */
export function elementsText({ elements, workgroup }: Tuning, body: string): string {
  if (elements === 1) return `  let i = thread;\n  if (i >= P.size) { return; }\n${body}`;
  return `
  let first = group * P.perThread * ${workgroup}u + lane;
  for (var n = 0u; n < P.perThread; n = n + 1u) {
    let i = first + n * ${workgroup}u;
    if (i < P.size) {
${body}
    }
  }`;
}

/** Elements a thread takes, and how many workgroups that makes. */
export function elementsFor(
  { elements, workgroup, groups }: Tuning,
  size: number,
): { readonly numbers: readonly [number, number]; readonly groups: number } {
  const share = Math.ceil(size / (groups * workgroup));
  const perThread = Math.max(1, Math.min(elements, share));
  return { numbers: [size, perThread], groups: Math.ceil(size / (perThread * workgroup)) };
}
