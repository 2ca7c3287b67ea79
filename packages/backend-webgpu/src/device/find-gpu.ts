// Where WebGPU comes from: navigator.gpu in a page or a worker, the npm package `webgpu` (Dawn) in Node.
// The package is 50 MB of native code, so it is an optional peer, loaded only when it is needed.

import { UnsupportedError } from "@sixtyone/tensor/backend";

interface DawnModule {
  create(flags: string[]): GPU;
}

const installHint = "Install it with `npm install webgpu@0.6.2`.";

/** Dawn's own names of what may be switched: one list, separated by commas. */
export interface DawnOptions {
  readonly enable?: readonly string[];
  readonly disable?: readonly string[];
  /** A part of the adapter's name. */
  readonly adapter?: string | undefined;
}

export function isNode(): boolean {
  return typeof process !== "undefined" && typeof process.versions?.node === "string";
}

async function loadDawn(): Promise<DawnModule> {
  // A variable keeps bundlers for pages from following the import.
  const name = "webgpu";
  try {
    return (await import(/* @vite-ignore */ name)) as DawnModule;
  } catch (cause) {
    throw new UnsupportedError(
      `webgpu: Node has no WebGPU of its own and the package "webgpu" could not be loaded. ${installHint} ` +
        `It needs glibc 2.34 or newer on Linux. (${(cause as Error).message})`,
    );
  }
}

/**
 * Dawn's instances by their switches. Its devices crash when their instance is collected before them, so
 * instances live as long as the process; they do not keep it from ending.
 */
const instances = new Map<string, GPU>();

/** The entry point of WebGPU. Throws UnsupportedError where there is none. */
export async function findGpu({ enable, disable, adapter }: DawnOptions): Promise<GPU> {
  const own = (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu;
  if (own) return own;
  if (!isNode()) {
    throw new UnsupportedError(
      "webgpu: this browser has no WebGPU here (navigator.gpu is missing). Serve the page over https or " +
        "from localhost, use a current browser, or use @sixtyone/backend-wasm.",
    );
  }
  const { create } = await loadDawn();
  const flags: string[] = [];
  if (adapter) flags.push(`adapter=${adapter}`);
  if (enable?.length) flags.push(`enable-dawn-features=${enable.join()}`);
  // Clocks are made coarse (0.1 ms) against prying pages, of which there are none in Node.
  flags.push(`disable-dawn-features=${["timestamp_quantization", ...(disable ?? [])].join()}`);
  const key = flags.join(" ");
  const known = instances.get(key);
  if (known) return known;
  const made = create(flags);
  instances.set(key, made);
  return made;
}
