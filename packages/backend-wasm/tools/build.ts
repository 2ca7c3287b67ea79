// Builds the WebAssembly modules: writes the generated sources, then compiles assembly/ twice, for plain
// and for relaxed SIMD. Skips the work when a digest of every input is what it was. The generated sources
// are not committed: they are seventy near-equal loops whose review belongs to their generators.
//
// Usage: node tools/build.ts [--force]

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { generateMachine } from "./generate-machine.ts";
import { generateTiles } from "./generate-tiles.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const generated = join(root, "assembly/generated");
const output = join(root, "wasm");

const flags = [
  "-O3", "--converge", "--noAssert", "--uncheckedBehavior", "always", "--runtime", "stub",
  "--importMemory", "--noExportMemory", "--sharedMemory", "--initialMemory", "1",
  "--maximumMemory", "65536", "--memoryBase", "1024", "--use", "abort=",
  "--disableWarning", "112", // v128 parameters: none of those functions is exported to JavaScript
];
const builds = { simd: "simd,threads", relaxed: "simd,threads,relaxed-simd" } as const;

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function digest(): string {
  const hash = createHash("sha256").update(flags.join(" "));
  const version = createRequire(import.meta.url)("assemblyscript/package.json").version as string;
  hash.update(version);
  const inputs = [...sources(join(root, "assembly")), ...sources(join(root, "tools"))];
  for (const file of inputs) {
    if (!file.startsWith(generated)) hash.update(file.slice(root.length)).update(readFileSync(file));
  }
  return hash.update(readFileSync(join(root, "src/map/opcodes.ts"))).digest("hex");
}

const stamp = join(output, "digest.txt");
const now = digest();
const upToDate =
  existsSync(stamp) &&
  readFileSync(stamp, "utf8") === now &&
  Object.keys(builds).every((name) => existsSync(join(output, `${name}.wasm`)));

if (!upToDate || process.argv.includes("--force")) {
  mkdirSync(generated, { recursive: true });
  mkdirSync(output, { recursive: true });
  writeFileSync(join(generated, "machine.ts"), generateMachine());
  writeFileSync(join(generated, "tiles.ts"), generateTiles());
  const assemblyscript = dirname(createRequire(import.meta.url).resolve("assemblyscript/package.json"));
  for (const [name, features] of Object.entries(builds)) {
    const file = join(output, `${name}.wasm`);
    execFileSync(
      process.execPath,
      [join(assemblyscript, "bin/asc.js"), "assembly/index.ts", "-o", file, ...flags, "--enable", features],
      { cwd: root, stdio: "inherit" },
    );
    const bytes = readFileSync(file);
    console.log(`wasm/${name}.wasm: ${bytes.length} bytes, ${gzipSync(bytes, { level: 9 }).length} gzip`);
  }
  writeFileSync(stamp, now);
}
