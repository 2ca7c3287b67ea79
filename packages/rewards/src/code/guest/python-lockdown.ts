// Closes the ways out of Pyodide's JavaScript side. WebAssembly itself reaches only what it imports. The
// imports for sockets, processes and growing memory are replaced before it starts. Those that make or follow
// JavaScript objects are shut before a completion runs (Gate): from then on Python can build neither a proxy
// of a JavaScript object nor use one it finds in memory. What it could have reached that way (fetch, process,
// the Function constructor) is taken away as well. In Node the permission model is another wall (host.ts).

import type { Gate } from "./python-gate.ts";

type Import = (...args: number[]) => number;

// WASI's EPERM, as emscripten's system calls return it.
const notPermitted = -63;
const socketCalls =
  /^_*(wrap_*)?_*syscall_(socket|socketpair|connect|bind|listen|accept4|sendto|sendmsg|recvfrom|recvmsg|getpeername|getsockname|shutdown|setsockopt|getsockopt)$/;
const processCalls =
  /^(_*emscripten_system|_*system|_*syscall_(fork|execve|vfork)|_*emscripten_lookup_name|getaddrinfo|getnameinfo)$/;

export interface ImportGuard {
  /** Of the interpreter that is started next. */
  gate: Gate | undefined;
}

/** Replaces imports of every WebAssembly module instantiated from now on. */
export function guardImports(memoryBytes: number): ImportGuard {
  const settings: ImportGuard = { gate: undefined };
  const replace = (imports: WebAssembly.Imports | undefined): void => {
    for (const space of Object.values(imports ?? {})) {
      const functions = space as Record<string, unknown>;
      for (const [name, value] of Object.entries(functions)) {
        if (typeof value !== "function") continue;
        if (socketCalls.test(name) || processCalls.test(name)) functions[name] = () => notPermitted;
        if (name === "emscripten_resize_heap")
          functions[name] = capped(value as Import, memoryBytes);
      }
    }
  };
  const { instantiate, instantiateStreaming } = WebAssembly;
  const wrap = <T>(original: T): T =>
    ((source: never, imports: WebAssembly.Imports | undefined) => {
      replace(imports);
      const guarded = imports && (settings.gate?.guard(imports) ?? imports);
      type Instantiate = (source: never, imports: WebAssembly.Imports | undefined) => unknown;
      return (original as Instantiate).call(WebAssembly, source, guarded);
    }) as T;
  WebAssembly.instantiate = wrap(instantiate);
  if (instantiateStreaming) WebAssembly.instantiateStreaming = wrap(instantiateStreaming);
  return settings;
}

/**
 * Before Pyodide is loaded: its finalizers never run. They release Python objects when JavaScript's garbage
 * collector finds time, which may be after the memory was put back; then they would release something else.
 * What they leave is gone with the next reset.
 */
export function disableFinalizers(): void {
  const idle = class {
    register(): void {}
    unregister(): boolean {
      return false;
    }
  };
  Object.defineProperty(globalThis, "FinalizationRegistry", { value: idle });
}

/** Growing beyond the limit fails, which is a MemoryError in Python. */
function capped(resize: Import, memoryBytes: number): Import {
  return (size) => (size >>> 0 > memoryBytes ? 0 : resize(size));
}

/** Node only, before Pyodide is loaded: the modules it imports lose their ways out. */
export async function closeNodeModules(): Promise<void> {
  const refuse = (): never => {
    throw new Error("not permitted in the sandbox");
  };
  const close = (target: object, names: readonly string[]): void => {
    for (const name of names)
      if (name in target) Object.defineProperty(target, name, { value: refuse });
  };
  const load = (name: string): Promise<{ default: object }> =>
    import(/* @vite-ignore */ /* webpackIgnore: true */ `node:${name}`);
  const net = (await import(/* @vite-ignore */ /* webpackIgnore: true */ "node:net")).default;
  close(net.Socket.prototype, ["connect"]);
  close(net, ["connect", "createConnection", "createServer"]);
  close(net.Server.prototype, ["listen"]);
  for (const [name, members] of Object.entries({
    tls: ["connect", "createServer"],
    dgram: ["createSocket"],
    dns: ["lookup", "resolve", "resolve4", "resolve6"],
    http: ["request", "get", "createServer"],
    https: ["request", "get"],
    child_process: ["spawn", "spawnSync", "exec", "execSync", "execFile", "execFileSync", "fork"],
  })) {
    close((await load(name)).default, members);
  }
  const { createRequire, syncBuiltinESMExports } = await import(
    /* @vite-ignore */ /* webpackIgnore: true */ "node:module"
  );
  syncBuiltinESMExports();
  // Pyodide asks for the file constants this way, which the permission model forbids.
  const { constants } = createRequire(import.meta.url)("node:fs") as typeof import("node:fs");
  Object.assign(process, { binding: () => ({ fs: constants }) });
}

const globals = [
  "process",
  "fetch",
  "Request",
  "Response",
  "WebSocket",
  "WebSocketStream",
  "WebTransport",
  "EventSource",
  "XMLHttpRequest",
  "importScripts",
  "indexedDB",
  "caches",
  "BroadcastChannel",
  "Worker",
  "SharedWorker",
  "RTCPeerConnection",
  "Notification",
  "cookieStore",
  "require",
  "module",
  "global",
  "Buffer",
  "eval",
  "navigator",
  "location",
  "postMessage",
  "close",
  "MessageChannel",
  "localStorage",
  "sessionStorage",
  "showOpenFilePicker",
  "queryLocalFonts",
  "gc",
];

/** After Pyodide has started: no globals that lead out, no code from strings, no dynamic import. */
export function closeGlobals(): void {
  for (
    let scope: object | null = globalThis;
    scope && scope !== Object.prototype;
    scope = Object.getPrototypeOf(scope)
  ) {
    for (const name of globals) {
      if (!Object.hasOwn(scope, name)) continue;
      const isDeleted = Reflect.deleteProperty(scope, name);
      if (!isDeleted) Reflect.set(scope, name, undefined);
    }
  }
  const refuse = function (): never {
    throw new TypeError("code from strings is not permitted in the sandbox");
  };
  const kinds = [() => {}, async () => {}, function* () {}, async function* () {}];
  for (const sample of kinds) {
    Object.defineProperty(Object.getPrototypeOf(sample), "constructor", { value: refuse });
  }
  // Pyodide asks whether objects are instances of Function.
  Object.defineProperty(refuse, "prototype", { value: Function.prototype });
  Object.defineProperty(globalThis, "Function", { value: refuse });
}
