// The JavaScript sandbox: QuickJS in WebAssembly, in worker threads or Web Workers. Needs the optional peer
// quickjs-wasi.

import { defaultWorkers, fileBeside, isNode, threadHost, webHost } from "../workers/host.ts";
import { MissingPeerError, resolvePeer } from "./peer.ts";
import { sandboxOf, sandboxPool, type Sandbox, type SandboxOptions } from "./sandbox.ts";

export interface JavascriptSandboxOptions extends SandboxOptions {
  /** Address of quickjs.wasm. Needed in browsers; in Node the installed package's. */
  readonly wasmUrl?: string | URL;
}

export async function javascriptSandbox({
  wasmUrl,
  workers = defaultWorkers(),
  memoryBytes = 64 * 2 ** 20,
  startTimeoutMs = 60_000,
}: JavascriptSandboxOptions = {}): Promise<Sandbox> {
  const assets = wasmUrl === undefined ? await findInterpreter() : String(wasmUrl);
  const startHost = isNode()
    ? threadHost(fileBeside(import.meta.url, "./guest/javascript-worker.ts"))
    : webHost(
        () =>
          new Worker(new URL("./guest/javascript-worker.ts", import.meta.url), { type: "module" }),
      );
  const config = { memoryBytes, assets };
  return sandboxOf(
    "javascript",
    sandboxPool({ startHost, config: () => config, size: workers, startTimeoutMs }),
  );
}

async function findInterpreter(): Promise<string> {
  if (!isNode()) {
    throw new MissingPeerError(
      "javascriptSandbox: expected wasmUrl, the address of quickjs-wasi's quickjs.wasm, got none. " +
        'With Vite: import wasmUrl from "quickjs-wasi/quickjs.wasm?url".',
    );
  }
  return resolvePeer("quickjs-wasi", "quickjs-wasi/quickjs.wasm");
}
