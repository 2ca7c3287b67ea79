// What `npm start` and `npm test` run. It needs nothing but Node ≥ 20 and npm: where Node or pnpm is
// missing or too old it brings both from the npm registry into .sixtyone/toolchain, installs the
// workspace and builds the WebAssembly kernels when their inputs changed, and then runs the command with
// all further arguments. Plain JavaScript with built-in modules only, because nothing is installed yet;
// no shell, so paths with spaces and Windows are no special cases.
//
//   node tools/bootstrap.mjs start [args…]   the main example
//   node tools/bootstrap.mjs test [args…]    everything; arguments go to vitest
//   node tools/bootstrap.mjs exec cmd [args…]  any command with that Node and pnpm on the PATH

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(root, ".sixtyone");
const nodeVersion = "24.21.0";
const pnpmVersion = "12.21.0";
const windows = process.platform === "win32";

/** An error whose message is all the user needs. */
class Problem extends Error {}

/** Node runs our TypeScript sources as they are, `using` declarations included, from 24.11 on. */
function isNodeRecent(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > 24 || (major === 24 && minor >= 11);
}

function run(command, args, { quiet = false, env = process.env, cwd = root } = {}) {
  const result = spawnSync(command, args, {
    cwd,
    env,
    stdio: quiet ? ["ignore", "pipe", "pipe"] : "inherit",
    encoding: "utf8",
  });
  if (result.error) throw new Problem(`cannot run ${command}: ${result.error.message}`);
  return { status: result.status ?? 1, output: `${result.stdout ?? ""}${result.stderr ?? ""}` };
}

/** npm is a script beside node (or on the PATH): running it by node itself needs no shell on Windows. */
function npm(args) {
  const beside = [
    process.env.npm_execpath,
    join(dirname(process.execPath), "node_modules", "npm", "bin", "npm-cli.js"),
    join(dirname(process.execPath), "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
  ].find((path) => path && /npm-cli\.[cm]?js$/.test(path) && existsSync(path));
  return beside
    ? run(process.execPath, [beside, ...args], { quiet: true })
    : run("npm", args, { quiet: true });
}

/**
 * Makes a folder and those above it, with a plain message where the disk says no. One by one: Node's own
 * `recursive` calls a read-only disk a missing one.
 */
function makeFolder(path) {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    throw new Problem(
      `cannot write to ${path} (${error.code}). Clone to a folder you can write to.`,
    );
  }
}

function find(folder, pattern) {
  return existsSync(folder) ? readdirSync(folder).find((name) => pattern.test(name)) : undefined;
}

/** Paths of a Node and a pnpm that are new enough, installing them if need be. */
function toolchain() {
  const folder = join(cache, "toolchain");
  const modules = join(folder, "node_modules");
  const exe = windows ? ".exe" : "";
  const nodePath = join(modules, "node", "bin", `node${exe}`);
  const platformPnpm = () => {
    const name = find(join(modules, "@pnpm"), /^exe\./);
    return name && join(modules, "@pnpm", name, `pnpm${exe}`);
  };
  const ownNode = isNodeRecent(process.versions.node);
  const stamp = join(folder, "installed.json");
  const has = readStamp(stamp);
  const ready = has.pnpm === pnpmVersion && platformPnpm() && (ownNode || has.node === nodeVersion);
  if (!ready) {
    makeFolder(folder);
    // npm removes what it is not told of, and the Node that is there may be the one that runs this.
    const bringsNode = !ownNode || has.node !== undefined;
    const packages = [`pnpm@${pnpmVersion}`, ...(bringsNode ? [`node@${nodeVersion}`] : [])];
    console.error(`setting up: ${packages.join(" and ")} from the npm registry …`);
    writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
    const { status, output } = npm([
      "install",
      "--prefix",
      folder,
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
      ...packages,
    ]);
    if (status !== 0 || !platformPnpm() || !(ownNode || existsSync(nodePath))) {
      throw new Problem(
        `npm could not install ${packages.join(" and ")}. Is the npm registry reachable, and the disk not ` +
          `full? npm said: ${lastLine(output)}`,
      );
    }
    writeFileSync(
      stamp,
      JSON.stringify({ pnpm: pnpmVersion, ...(bringsNode && { node: nodeVersion }) }),
    );
  }
  const node = ownNode ? process.execPath : nodePath;
  const pnpm = platformPnpm();
  const path = [dirname(node), dirname(pnpm), process.env.PATH ?? process.env.Path].join(delimiter);
  return { node, pnpm, env: { ...process.env, PATH: path, Path: path } };
}

/** What was installed; nothing, where the set-up was broken off. */
function readStamp(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return {};
  }
}

function lastLine(text) {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  return lines.findLast((line) => /err|fail|ENO/i.test(line)) ?? lines.at(-1) ?? "nothing";
}

/** A hash over files, so that work is done again exactly when its inputs changed. */
function hashFiles(paths) {
  const hash = createHash("sha256");
  for (const path of paths) hash.update(path).update(readFileSync(join(root, path)));
  return hash.digest("hex");
}

function manifests() {
  const list = ["package.json", "pnpm-workspace.yaml", "pnpm-lock.yaml"];
  for (const group of ["packages", "examples"]) {
    for (const name of readdirSync(join(root, group)).sort())
      list.push(`${group}/${name}/package.json`);
  }
  list.push("benchmarks/package.json");
  return list.filter((path) => existsSync(join(root, path)));
}

function walk(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) =>
      entry.isDirectory() ? walk(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`],
    );
}

/** Runs `work` unless the stamp says that it was done for these inputs, and `output` is still there. */
function once(name, inputs, output, work) {
  const stamp = join(cache, `${name}.stamp`);
  const hash = hashFiles(inputs);
  if (existsSync(join(root, output)) && existsSync(stamp) && readFileSync(stamp, "utf8") === hash)
    return;
  console.error(`setting up: ${name} …`);
  work();
  makeFolder(cache);
  writeFileSync(stamp, hash);
}

function prepare() {
  const tools = toolchain();
  once("install", manifests(), "node_modules", () => {
    const { status, output } = run(tools.pnpm, ["install", "--frozen-lockfile"], {
      quiet: true,
      env: { ...tools.env, CI: "true" },
    });
    if (status !== 0) {
      throw new Problem(
        `pnpm could not install the dependencies. Is the npm registry reachable, and the disk not full? ` +
          `pnpm said: ${lastLine(output)}`,
      );
    }
  });
  // The sources too: a worker's program is bundled from them. What did not change is not compiled again.
  const folders = ["backend-wasm/assembly", "backend-wasm/tools", "backend-wasm/src", "tensor/src"];
  const kernels = folders.flatMap((folder) => walk(`packages/${folder}`));
  const script = "packages/backend-wasm/package.json";
  once(
    "kernels",
    [script, ...kernels.filter((path) => !path.includes("/generated/"))],
    "packages/backend-wasm/wasm",
    () => {
      const { status, output } = run(
        tools.pnpm,
        ["--filter", "@sixtyone/backend-wasm", "run", "build:wasm"],
        {
          quiet: true,
          env: tools.env,
        },
      );
      if (status !== 0)
        throw new Problem(`the WebAssembly kernels did not build: ${output.trim()}`);
    },
  );
  return tools;
}

function main([command, ...args]) {
  const tools = prepare();
  const { env } = tools;
  switch (command) {
    case "start":
      return run(
        tools.node,
        ["--conditions=sixtyone-source", "examples/r1-zero/main.ts", ...args],
        { env },
      ).status;
    case "test":
      return run(tools.node, ["tools/test.mjs", ...args], { env }).status;
    case "exec": {
      const [program, ...rest] = args;
      if (!program)
        throw new Problem(
          "exec: expected a command, as in `node tools/bootstrap.mjs exec pnpm -v`.",
        );
      return run(
        program === "pnpm" ? tools.pnpm : program === "node" ? tools.node : program,
        rest,
        { env },
      ).status;
    }
    default:
      throw new Problem(`unknown command ${command ?? "(none)"}: expected start, test or exec.`);
  }
}

// Ctrl-C goes to the child as well; this process only waits for it to end cleanly.
process.on("SIGINT", () => {});

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  if (error instanceof Problem && !process.env.DEBUG) {
    console.error(`sixtyone: ${error.message}`);
    process.exitCode = 1;
  } else if (error?.code && !process.env.DEBUG) {
    console.error(`sixtyone: ${error.message}. Set DEBUG=1 for the stack trace.`);
    process.exitCode = 1;
  } else {
    throw error;
  }
}
