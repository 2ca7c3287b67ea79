// Tries what backend-wasm's README says about delivery, with the packed packages in a real Chromium: bundled by
// Vite, webpack and esbuild, from a CDN without a bundler, as the inlined entry, and under a strict
// Content-Security-Policy. Needs `pnpm build` before, and Chromium (CHROMIUM_PATH).
//
//   node tools/check-delivery.mjs [name of a way]

import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import * as esbuild from "esbuild";
import { chromium } from "playwright";
import { build as viteBuild } from "vite";
import webpack from "webpack";

const names = ["tensor", "backend-wasm"];
const types = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};
const strictPolicy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src blob:";

const scratch = mkdtempSync(join(tmpdir(), "sixtyone-delivery-"));
const project = join(scratch, "project");

function run(command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status !== 0)
    throw new Error(`${command} ${args.join(" ")}: ${stdout}${stderr}${error?.message ?? ""}`);
}

/** An empty project that has installed the tarballs. */
function install() {
  mkdirSync(project);
  const dependencies = {};
  for (const name of names) {
    if (!existsSync(join("packages", name, "dist")))
      throw new Error(`packages/${name} has no dist folder. Run pnpm build first.`);
    const target = join(scratch, name);
    mkdirSync(target);
    run("pnpm", ["pack", "--pack-destination", target], join("packages", name));
    dependencies[`@sixtyone/${name}`] = `file:${join(
      target,
      readdirSync(target).find((file) => file.endsWith(".tgz")),
    )}`;
  }
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({ name: "user", version: "1.0.0", type: "module", dependencies }),
  );
  run("npm", ["install", "--no-audit", "--no-fund", "--legacy-peer-deps"], project);
  const app = readFileSync("tools/delivery-app.js", "utf8");
  writeFileSync(join(project, "app.js"), app);
  const inWorker = app.replace(
    '{ wasm } from "@sixtyone/backend-wasm"',
    '{ wasmInWorker as wasm } from "@sixtyone/backend-wasm/worker"',
  );
  if (inWorker === app) throw new Error("tools/delivery-app.js no longer imports wasm as expected");
  writeFileSync(join(project, "app-worker.js"), inWorker);
  writeFileSync(
    join(project, "app-inline.js"),
    app.replace("@sixtyone/backend-wasm", "@sixtyone/backend-wasm/inline"),
  );
}

const page = (script, head = "") =>
  `<!doctype html><meta charset="utf-8">${head}<title>waiting</title><script type="module" src="${script}"></script>`;

/** A folder with a page; `write` fills it. */
function site(name, write) {
  const folder = join(scratch, name.replaceAll(/[^a-z0-9]+/gi, "-"));
  mkdirSync(folder);
  return Promise.resolve(write(folder)).then(() => folder);
}

function serve(folder, headers) {
  const server = createServer((request, response) => {
    const path = new URL(request.url, "http://x").pathname;
    const file = join(folder, path === "/" ? "index.html" : path);
    if (!existsSync(file)) {
      response.writeHead(404, headers).end();
      return;
    }
    response.writeHead(200, {
      "Content-Type": types[extname(file)] ?? "application/octet-stream",
      ...headers,
    });
    response.end(readFileSync(file));
  });
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () =>
      resolve({ port: server.address().port, close: () => server.close() }),
    ),
  );
}

async function withVite(folder) {
  copyFileSync(join(project, "app.js"), join(project, "main.js"));
  writeFileSync(join(project, "index.html"), page("/main.js"));
  await viteBuild({
    root: project,
    base: "./",
    logLevel: "error",
    build: { outDir: folder, emptyOutDir: true },
  });
}

function withWebpack(folder) {
  writeFileSync(join(folder, "index.html"), page("main.js"));
  const options = {
    mode: "production",
    context: project,
    entry: "./app.js",
    output: { path: folder, filename: "main.js" },
  };
  return new Promise((resolve, reject) => {
    webpack(options, (error, stats) => {
      if (error || stats.hasErrors()) reject(error ?? new Error(stats.toString("errors-only")));
      else resolve();
    });
  });
}

const bundle = (entry, outfile) =>
  esbuild.build({
    entryPoints: [join(project, entry)],
    bundle: true,
    format: "esm",
    external: ["node:*"],
    outfile,
    logLevel: "error",
  });

/** esbuild leaves `new URL("../wasm/…", import.meta.url)` alone, so the files go one folder up. */
async function withEsbuild(folder, app = "app.js") {
  await bundle(app, join(folder, "js/main.js"));
  mkdirSync(join(folder, "wasm"));
  const wasm = join(project, "node_modules/@sixtyone/backend-wasm/wasm");
  for (const file of readdirSync(wasm)) copyFileSync(join(wasm, file), join(folder, "wasm", file));
  writeFileSync(join(folder, "index.html"), page("js/main.js"));
}

async function inlined(folder) {
  await bundle("app-inline.js", join(folder, "main.js"));
  writeFileSync(join(folder, "index.html"), page("main.js"));
}

/** The packages' own files on another origin, found through an import map. */
async function fromCdn(folder) {
  const cdn = await serve(join(project, "node_modules"), {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
  });
  const at = `http://127.0.0.1:${cdn.port}/@sixtyone`;
  const imports = {
    "@sixtyone/tensor": `${at}/tensor/dist/index.js`,
    "@sixtyone/tensor/backend": `${at}/tensor/dist/backend/index.js`,
    "@sixtyone/backend-wasm": `${at}/backend-wasm/dist/index.js`,
  };
  const exported = JSON.parse(
    readFileSync(join(project, "node_modules/@sixtyone/tensor/package.json"), "utf8"),
  ).exports;
  imports["@sixtyone/tensor/backend"] = new URL(
    exported["./backend"].default,
    `${at}/tensor/`,
  ).href;
  copyFileSync(join(project, "app.js"), join(folder, "main.js"));
  writeFileSync(
    join(folder, "index.html"),
    page("main.js", `<script type="importmap">${JSON.stringify({ imports })}</script>`),
  );
  return cdn;
}

const ways = [
  { name: "Vite", write: withVite, headers: isolation, expected: "ok, 2 threads" },
  { name: "webpack", write: withWebpack, headers: isolation, expected: "ok, 2 threads" },
  {
    name: "esbuild with the .wasm files copied",
    write: withEsbuild,
    headers: isolation,
    expected: "ok, 2 threads",
  },
  {
    name: "the inlined entry in one file",
    write: inlined,
    headers: isolation,
    expected: "ok, 2 threads",
  },
  {
    name: "a CDN without a bundler",
    write: fromCdn,
    headers: isolation,
    expected: "ok, 2 threads",
  },
  { name: "a page that is not isolated", write: inlined, headers: {}, expected: "ok, 1 thread" },
  {
    name: "a strict Content-Security-Policy",
    write: withEsbuild,
    headers: { ...isolation, "Content-Security-Policy": strictPolicy },
    expected: "ok, 2 threads",
  },
  {
    name: "the backend in a worker, under the same policy",
    write: (folder) => withEsbuild(folder, "app-worker.js"),
    headers: { ...isolation, "Content-Security-Policy": strictPolicy },
    expected: "ok, 2 threads",
  },
  {
    name: "a policy without wasm-unsafe-eval",
    write: inlined,
    headers: { "Content-Security-Policy": "default-src 'none'; script-src 'self'" },
    expected:
      "UnsupportedError: wasm: the page's Content-Security-Policy forbids WebAssembly. Add 'wasm-unsafe-eval' to its script-src.",
  },
  {
    name: "a policy without worker-src blob:",
    write: inlined,
    headers: {
      ...isolation,
      "Content-Security-Policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'",
    },
    expected:
      "UnsupportedError: wasm: a worker thread could not start. A Content-Security-Policy must allow worker-src blob:; or pass threads: 1.",
  },
];

async function title(browser, url) {
  const context = await browser.newContext();
  const tab = await context.newPage();
  const problems = [];
  tab.on("pageerror", (error) => problems.push(String(error)));
  await tab.goto(url);
  try {
    await tab.waitForFunction(() => document.title !== "waiting", undefined, { timeout: 30_000 });
    return await tab.title();
  } catch {
    return `no result in 30 s. ${problems.join("; ")}`;
  } finally {
    await context.close();
  }
}

const executablePath =
  process.env.CHROMIUM_PATH ??
  ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
if (!executablePath) {
  console.error("SKIPPED: no Chromium found. Install it or set CHROMIUM_PATH.");
  process.exit(process.env.SIXTYONE_REQUIRE?.includes("chromium") ? 1 : 0);
}
install();
const browser = await chromium.launch({
  executablePath,
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});
let failures = 0;
const chosen = ways.filter(({ name }) => name.includes(process.argv[2] ?? ""));
for (const { name, write, headers, expected } of chosen) {
  let cdn;
  const folder = await site(name, async (target) => (cdn = await write(target)));
  const server = await serve(folder, headers);
  const got = await title(browser, `http://127.0.0.1:${server.port}/`);
  console.log(
    `${got === expected ? "ok    " : "FAILED"} ${name}${got === expected ? "" : `\n       expected: ${expected}\n       got:      ${got}`}`,
  );
  if (got !== expected) failures++;
  server.close();
  cdn?.close?.();
}
await browser.close();
rmSync(scratch, { recursive: true, force: true });
if (chosen.length === 0) {
  console.error(
    `no way contains "${process.argv[2]}". There are: ${ways.map(({ name }) => name).join(", ")}`,
  );
  failures++;
}
process.exit(failures > 0 ? 1 : 0);
