// One Pyodide interpreter: loaded, closed off, and with an image of its memory to go back to. Going back
// copies some 30 MB, a few milliseconds, where a new interpreter takes seconds; nothing Python has stored
// (modules patched, objects kept) survives it. Private parts of Pyodide used here: _module.HEAPU8, FS, and
// its snapshots, from which a second interpreter starts in a tenth of the time.

import type { loadPyodide } from "pyodide";
import { Deadline } from "./deadline.ts";

type Pyodide = Awaited<ReturnType<typeof loadPyodide>>;

interface OpenFile {
  fd: number | null;
  position: number;
  /** Whether it blocks, appends and so on. */
  flags: number;
}

interface FileSystem {
  /** By file descriptor. */
  streams: (OpenFile | null)[];
  currentPath: string;
  ErrnoError: new (code: number) => Error;
  [operation: string]: unknown;
}

interface PrivateModule {
  readonly HEAPU8: Uint8Array;
  readonly FS: FileSystem;
}

/** Standard input and output of the run that is going on. */
export class Streams {
  #input: Uint8Array = new Uint8Array();
  #read = 0;
  #printed: Uint8Array[] = [];
  #printedBytes = 0;
  #limit = 0;
  hasFlooded = false;

  start(input: string, limit: number): void {
    this.#input = new TextEncoder().encode(input);
    this.#read = 0;
    this.#printed = [];
    this.#printedBytes = 0;
    this.#limit = limit;
    this.hasFlooded = false;
  }

  get text(): string {
    const all = new Uint8Array(this.#printedBytes);
    let at = 0;
    for (const chunk of this.#printed) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return new TextDecoder().decode(all);
  }

  readonly read = (buffer: Uint8Array): number => {
    const part = this.#input.subarray(this.#read, this.#read + buffer.length);
    buffer.set(part);
    this.#read += part.length;
    return part.length;
  };

  readonly write = (buffer: Uint8Array): number => {
    if (this.#printedBytes + buffer.length > this.#limit) {
      this.hasFlooded = true;
      throw new Error("too much output");
    }
    this.#printed.push(buffer.slice());
    this.#printedBytes += buffer.length;
    return buffer.length;
  };
}

export interface Interpreter {
  readonly python: Pyodide;
  /** What another interpreter can start from; undefined where this Pyodide has no snapshots. */
  readonly snapshot: Uint8Array | undefined;
  /** Takes the image that `reset` goes back to. */
  freeze(): void;
  reset(): void;
}

export async function loadInterpreter(
  folder: string,
  deadline: Deadline,
  streams: Streams | undefined,
  from?: Uint8Array,
): Promise<Interpreter> {
  const library = (await import(
    /* @vite-ignore */ /* webpackIgnore: true */ `${folder}pyodide.mjs`
  )) as {
    loadPyodide: typeof loadPyodide;
  };
  const python = await library.loadPyodide({
    indexURL: folder.startsWith("file:") ? pathOf(folder) : folder,
    jsglobals: Object.create(null) as object,
    env: { HOME: "/home/pyodide", PYTHONHASHSEED: "0" },
    ...(from ? { _loadSnapshot: from } : { _makeSnapshot: true }),
  });
  const snapshot = from
    ? undefined
    : (python as { makeMemorySnapshot?(): Uint8Array }).makeMemorySnapshot?.();
  python.setStdin({ read: streams?.read ?? (() => 0), isatty: false });
  python.setStdout({ write: streams?.write ?? ((buffer) => buffer.length), isatty: false });
  python.setStderr({ write: (buffer) => buffer.length, isatty: false });
  // Pyodide looks into this buffer every few instructions; 2 is an interrupt. A getter in place of shared
  // memory needs no second thread to write it.
  const buffer = Object.defineProperty([], 0, {
    get: () => (deadline.shouldInterrupt() ? 2 : 0),
    set: () => {},
  });
  python.setInterruptBuffer(buffer as unknown as Int32Array);
  const module = (python as unknown as { _module: PrivateModule })._module;
  makeReadOnly(module.FS);
  const { FS: files } = module;
  let image: Uint8Array = new Uint8Array();
  let open: { stream: OpenFile | null; position: number; flags: number }[] = [];
  return {
    python,
    snapshot,
    freeze() {
      image = module.HEAPU8.slice();
      open = files.streams.map((stream) => {
        const { position = 0, flags = 0 } = stream ?? {};
        return { stream, position, flags };
      });
    },
    reset() {
      const memory = module.HEAPU8;
      memory.set(image);
      memory.fill(0, image.length);
      // Open files live outside the memory: programs close standard input, or leave files open.
      files.currentPath = "/home/pyodide";
      files.streams.length = 0;
      for (const [fd, { stream, position, flags }] of open.entries()) {
        if (stream) Object.assign(stream, { fd, position, flags });
        files.streams[fd] = stream;
      }
    },
  };
}

function pathOf(fileUrl: string): string {
  return decodeURIComponent(new URL(fileUrl).pathname).replace(/^\/([A-Za-z]:)/, "$1");
}

/** The file system in memory holds the standard library and nothing else; it stays so. */
function makeReadOnly(files: FileSystem): void {
  const readOnly = 69; // EROFS
  const refuse = (): never => {
    throw new files.ErrnoError(readOnly);
  };
  for (const operation of [
    "mkdir",
    "mkdev",
    "mknod",
    "symlink",
    "rename",
    "unlink",
    "rmdir",
    "truncate",
    "ftruncate",
    "chmod",
    "fchmod",
    "chown",
    "fchown",
    "utime",
    "mount",
    "unmount",
    "create",
    "createFile",
    "createDevice",
    "writeFile",
  ]) {
    files[operation] = refuse;
  }
  const open = files["open"] as (path: unknown, flags: unknown, mode: unknown) => unknown;
  files["open"] = (path: unknown, flags: unknown, mode: unknown) => {
    // O_WRONLY, O_RDWR, O_CREAT, O_TRUNC
    const writes =
      typeof flags === "string" ? /[wa+x]/.test(flags) : (Number(flags) & 0o1103) !== 0;
    if (writes && path !== "/dev/null") refuse();
    return open.call(files, path, flags, mode);
  };
}
