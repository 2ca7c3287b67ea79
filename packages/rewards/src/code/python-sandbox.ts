// The Python sandbox: Pyodide (CPython in WebAssembly), in child processes under Node's permission model or
// in Web Workers. Needs the optional peer pyodide, whose package holds the interpreter and the standard
// library; nothing is fetched.

import {
  defaultWorkers,
  fileBeside,
  isNode,
  processHost,
  webHost,
  type StartHost,
} from "../workers/host.ts";
import type { AboutPython, GuestConfig } from "./job.ts";
import { MissingPeerError, resolvePeer } from "./peer.ts";
import { sandboxOf, sandboxPool, type Sandbox, type SandboxOptions } from "./sandbox.ts";

export interface PythonSandboxOptions extends SandboxOptions {
  /**
   * Address of the folder with pyodide.mjs, pyodide.asm.wasm, python_stdlib.zip and pyodide-lock.json. Needed
   * in browsers; in Node the installed package's.
   */
  readonly indexUrl?: string | URL;
}

export async function pythonSandbox({
  indexUrl,
  workers = defaultWorkers(),
  memoryBytes = 256 * 2 ** 20,
  startTimeoutMs = 60_000,
}: PythonSandboxOptions = {}): Promise<Sandbox> {
  const found = indexUrl === undefined ? await findInterpreter() : String(indexUrl);
  const assets = found.endsWith("/") ? found : `${found}/`;
  const startHost = isNode()
    ? await nodeHost(assets)
    : webHost(
        () => new Worker(new URL("./guest/python-worker.ts", import.meta.url), { type: "module" }),
      );
  // A worker starts in a tenth of the time from the memory of one that has started.
  const config = (about: unknown): GuestConfig => {
    const { snapshot } = (about ?? {}) as AboutPython;
    return { memoryBytes, assets, snapshot };
  };
  return sandboxOf("python", sandboxPool({ startHost, config, size: workers, startTimeoutMs }));
}

/** A process that may read the interpreter and this package's code, nothing else. */
async function nodeHost(assets: string): Promise<StartHost> {
  const { fileURLToPath } = await import(/* @vite-ignore */ /* webpackIgnore: true */ "node:url");
  const own = ["./", "../workers/", "../../package.json"];
  const readable = own.map((path) => fileBeside(import.meta.url, path));
  return processHost(
    fileBeside(import.meta.url, "./guest/python-worker.ts"),
    [assets, ...readable].map((url) => fileURLToPath(url)),
  );
}

async function findInterpreter(): Promise<string> {
  if (!isNode()) {
    throw new MissingPeerError(
      "pythonSandbox: expected indexUrl, the address of the folder with pyodide's files, got none. " +
        "Copy node_modules/pyodide to a public folder, or name a CDN's.",
    );
  }
  return new URL(".", await resolvePeer("pyodide", "pyodide/package.json")).href;
}
