// Finds out what the engine can run and compiles the right build of the kernels. There are two: plain
// SIMD (every engine since 2021) and relaxed SIMD, whose fused multiply-add nearly doubles matrix
// products. Both probes are the smallest module that uses the feature.

import { UnsupportedError } from "@sixtyone/tensor/backend";
import { isNode, nodeModule } from "./node-module.ts";

export type BuildName = "simd" | "relaxed";

const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
/** (func (result v128) …body) */
const probe = (...body: number[]): Uint8Array<ArrayBuffer> =>
  new Uint8Array([
    ...header,
    1,
    5,
    1,
    0x60,
    0,
    1,
    0x7b,
    3,
    2,
    1,
    0,
    10,
    body.length + 4,
    1,
    body.length + 2,
    0,
    ...body,
    0x0b,
  ]);
// i32.const 0, i8x16.splat
const zero = [0x41, 0, 0xfd, 0x0f];
const simdProbe = probe(...zero);
// three vectors, f32x4.relaxed_madd
const relaxedProbe = probe(...zero, ...zero, ...zero, 0xfd, 0x85, 0x02);

/** The best build this engine validates. Throws UnsupportedError where there is no SIMD at all. */
export function detectBuild(): BuildName {
  if (typeof WebAssembly === "undefined" || !WebAssembly.validate(simdProbe)) {
    throw new UnsupportedError(
      "wasm: this engine has no WebAssembly SIMD. Use Node ≥ 16.4, Chrome ≥ 91, Firefox ≥ 89 or " +
        "Safari ≥ 16.4, or another backend.",
    );
  }
  return WebAssembly.validate(relaxedProbe) ? "relaxed" : "simd";
}

// "\x03env\x06memory", kind 2 (memory); the byte after it holds the limits' flags.
const memoryImport = [3, 0x65, 0x6e, 0x76, 6, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 2];

/** The kernels are built for shared memory; one flag in the import makes the same code take unshared. */
export function forUnsharedMemory(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const copy = bytes.slice();
  for (let i = 0; i + memoryImport.length < copy.length; i++) {
    if (memoryImport.every((byte, j) => copy[i + j] === byte)) {
      copy[i + memoryImport.length] = 1; // has a maximum, not shared
      return copy;
    }
  }
  throw new Error("wasm: the module imports no memory; was it built by tools/build.ts?");
}

/** Reads a build that lies beside this module: from disk in Node, by fetch elsewhere. */
export async function readBuild(name: BuildName): Promise<Uint8Array<ArrayBuffer>> {
  // Written out twice, because bundlers look for exactly this pattern.
  const url =
    name === "relaxed"
      ? new URL("../wasm/relaxed.wasm", import.meta.url)
      : new URL("../wasm/simd.wasm", import.meta.url);
  if (url.protocol === "file:") {
    const { readFile } = nodeModule("node:fs/promises");
    return new Uint8Array(await readFile(url));
  }
  const response = await fetch(url);
  if (!response.ok) {
    throw new UnsupportedError(
      `wasm: ${url.href} answered ${response.status}. Serve the .wasm file beside the module, or import ` +
        `@sixtyone/backend-wasm/inline, which holds it.`,
    );
  }
  return new Uint8Array(await response.arrayBuffer());
}

/** Throws UnsupportedError where a page's policy forbids WebAssembly. */
export async function compile(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    if (!/unsafe-eval|content security policy|csp|disallowed by embedder/i.test(String(cause)))
      throw cause;
    throw new UnsupportedError(
      "wasm: the page's Content-Security-Policy forbids WebAssembly. Add 'wasm-unsafe-eval' to its script-src.",
      { cause },
    );
  }
}

/** Takes effect on modules that are compiled afterwards; false where there is no V8 to ask. */
export function enableRevectorization(): boolean {
  if (!isNode()) return false;
  nodeModule("node:v8").setFlagsFromString("--experimental-wasm-revectorize");
  return true;
}
