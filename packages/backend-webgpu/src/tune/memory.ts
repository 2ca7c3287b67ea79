// Remembers what tuning found, adapter by adapter: in a file of the user's cache folder in Node, in
// localStorage in a page. Where neither can be written, nothing is remembered and nothing fails.

import { isNode } from "../device/find-gpu.ts";
import { matrixTileNames } from "../kernels/matrix-tiles.ts";
import { tileNames, type TileName } from "../kernels/tiles.ts";
import type { MatrixChoice } from "../tuning.ts";

export interface Remembered {
  readonly largeTile: TileName;
  readonly matrices: MatrixChoice;
}

type Table = { readonly [adapter: string]: unknown };

const storageKey = "sixtyone webgpu tuning";

interface Store {
  read(): string | null;
  write(text: string): void;
}

async function store(): Promise<Store | undefined> {
  if (isNode()) {
    // Variables keep bundlers for pages from following the imports.
    const [fsName, osName, pathName] = ["node:fs", "node:os", "node:path"];
    const fs = (await import(/* @vite-ignore */ fsName)) as typeof import("node:fs");
    const os = (await import(/* @vite-ignore */ osName)) as typeof import("node:os");
    const path = (await import(/* @vite-ignore */ pathName)) as typeof import("node:path");
    const folder = path.join(
      process.env["XDG_CACHE_HOME"] || path.join(os.homedir(), ".cache"),
      "sixtyone",
    );
    const file = path.join(folder, "webgpu-tuning.json");
    return {
      read: () => (fs.existsSync(file) ? fs.readFileSync(file, "utf8") : null),
      write(text) {
        fs.mkdirSync(folder, { recursive: true });
        // In one piece, so that another process never reads half of it.
        const part = `${file}.${process.pid}`;
        fs.writeFileSync(part, text);
        fs.renameSync(part, file);
      },
    };
  }
  const { localStorage } = globalThis as { localStorage?: Storage };
  return (
    localStorage && {
      read: () => localStorage.getItem(storageKey),
      write: (text) => localStorage.setItem(storageKey, text),
    }
  );
}

function parse(text: string | null): Table {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return typeof value === "object" && value !== null ? (value as Table) : {};
  } catch {
    return {}; // written by something else: as if there were none
  }
}

/** What of an entry makes sense; undefined where that is nothing. */
function believed(entry: unknown): Remembered | undefined {
  const { largeTile, matrices } = (entry ?? {}) as {
    readonly largeTile?: TileName;
    readonly matrices?: MatrixChoice;
  };
  if (largeTile === undefined || !tileNames.has(largeTile)) return undefined;
  const known = Object.entries(matrices ?? {}).filter(
    ([component, name]) =>
      (component === "f16" || component === "f32") && matrixTileNames.includes(name),
  );
  return { largeTile, matrices: Object.fromEntries(known) };
}

/** What was found for `adapter` before. */
export async function recall(adapter: string): Promise<Remembered | undefined> {
  try {
    return believed(parse((await store())?.read() ?? null)[adapter]);
  } catch {
    return undefined; // no permission to read
  }
}

/** Whether it could be written. */
export async function remember(adapter: string, found: Remembered): Promise<boolean> {
  try {
    const own = await store();
    if (!own) return false;
    own.write(`${JSON.stringify({ ...parse(own.read()), [adapter]: found }, null, 2)}\n`);
    return true;
  } catch {
    return false; // no permission to write
  }
}
