// Checks every package as it would be published: publint on its manifest and files, "are the types wrong" on
// its packed declarations, and a program in an empty project that installs the tarballs and trains with them.

import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const windows = process.platform === "win32";
const bin = (name) => join(process.cwd(), "node_modules", ".bin", windows ? `${name}.cmd` : name);
const scratch = mkdtempSync(join(tmpdir(), "sixtyone-packages-"));
let failures = 0;

function run(command, args, cwd = process.cwd()) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    shell: command.endsWith(".cmd"),
  });
  return { ok: status === 0, text: `${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}`.trim() };
}

function report(title, { ok, text }) {
  if (ok) return;
  console.error(`${title} failed\n${text}\n`);
  failures++;
}

/** Packs one package and returns its tarball. */
function check(folder, { name }) {
  report(`${name}: publint`, run(bin("publint"), ["--strict", folder]));
  const target = join(scratch, name.split("/")[1]);
  mkdirSync(target);
  const packed = run("pnpm", ["pack", "--pack-destination", target], folder);
  const file = readdirSync(target).find((entry) => entry.endsWith(".tgz"));
  report(`${name}: pack`, { ok: file !== undefined, text: packed.text });
  if (file === undefined) return undefined;
  report(`${name}: attw`, run(bin("attw"), [join(target, file), "--profile", "esm-only"]));
  return join(target, file);
}

/** What a user does: install, import, train. */
function tryAsUser(tarballs) {
  const project = join(scratch, "project");
  mkdirSync(project);
  const dependencies = Object.fromEntries(tarballs.map(([name, path]) => [name, `file:${path}`]));
  for (const peer of ["pyodide", "quickjs-wasi"]) {
    const manifest = join("packages", "rewards", "node_modules", peer, "package.json");
    dependencies[peer] = JSON.parse(readFileSync(manifest, "utf8")).version;
  }
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({ name: "user", version: "1.0.0", type: "module", dependencies }),
  );
  report(
    "install from tarballs",
    run("npm", ["install", "--no-audit", "--no-fund", "--legacy-peer-deps"], project),
  );
  writeFileSync(join(project, "main.js"), readFileSync("tools/user-program.js", "utf8"));
  const result = run(process.execPath, ["main.js"], project);
  report("program on the packed packages", {
    ok: result.ok && result.text === "ok",
    text: result.text,
  });
  writeFileSync(
    join(project, "rows.jsonl"),
    '{"gold":"1/2","completion":"It is \\\\boxed{0.5}."}\n',
  );
  const graded = run("npx", ["--no", "@sixtyone/rewards", "grade", "rows.jsonl"], project);
  const isRight = graded.ok && /"verdict":"correct","extracted":"0.5"/.test(graded.text);
  report("npx @sixtyone/rewards grade", { ok: isRight, text: graded.text });
}

/** Both builds of the WebAssembly kernels together, in bytes after gzip. */
function checkKernels(limit) {
  const folder = join("packages", "backend-wasm", "wasm");
  const files = readdirSync(folder).filter((name) => name.endsWith(".wasm"));
  const bytes = files.reduce(
    (sum, name) => sum + gzipSync(readFileSync(join(folder, name)), { level: 9 }).length,
    0,
  );
  const text = `${files.length} files of ${bytes} bytes after gzip, at most ${limit} are allowed`;
  report("WebAssembly kernels", { ok: files.length === 2 && bytes <= limit, text });
}

const tarballs = [];
checkKernels(120_000);
for (const entry of readdirSync("packages")) {
  const folder = join("packages", entry);
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (manifest.private) continue;
  const built = existsSync(join(folder, "dist"));
  report(manifest.name, { ok: built, text: "no dist folder. Run pnpm build first." });
  const tarball = built ? check(folder, manifest) : undefined;
  if (tarball) tarballs.push([manifest.name, tarball]);
}
tryAsUser(tarballs);
rmSync(scratch, { recursive: true });

console.log(`checked ${tarballs.length} packages: ${tarballs.map(([name]) => name).join(", ")}`);
if (tarballs.length < 6) {
  console.error(`expected at least 6 packages, saw ${tarballs.length}`);
  failures++;
}
process.exitCode = failures > 0 ? 1 : 0;
