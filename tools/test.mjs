// What `npm test` runs after the set-up: every check, in the order in which failures are cheapest to
// read. Arguments narrow it to vitest: `npm test -- packages/moe`.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const args = process.argv.slice(2);

function run(title, command, rest) {
  console.log(`\n— ${title} —`);
  const { status, error } = spawnSync(command, rest, { stdio: "inherit" });
  if (error) console.error(`${title}: ${error.message}`);
  if (status !== 0) failed.push(title);
}

/**
 * Runs a package's program by node itself. The links in node_modules/.bin are shell scripts on Unix and .cmd files
 * on Windows, which only a shell starts.
 */
function runBin(title, name, rest, packageName = name) {
  const folder = join("node_modules", packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  run(title, process.execPath, [join(folder, typeof bin === "string" ? bin : bin[name]), ...rest]);
}

const failed = [];
if (args.length === 0) {
  runBin("types", "tsc", ["-p", "tsconfig.json"], "typescript");
  runBin("lint", "oxlint", ["--max-warnings=0"]);
  runBin("format", "oxfmt", ["--check"]);
  runBin("unused code", "knip", ["--no-config-hints"]);
}
runBin("tests", "vitest", ["run", ...args]);
if (args.length === 0) {
  run("package build", "pnpm", ["run", "build"]);
  run("packages", process.execPath, ["tools/check-packages.mjs"]);
  run("delivery to pages", process.execPath, ["tools/check-delivery.mjs"]);
  runBin("sizes", "size-limit", []);
  run("API documentation", "pnpm", ["--filter", "docs", "exec", "typedoc", "--emit", "none"]);
}
if (failed.length > 0) console.error(`\nfailed: ${failed.join(", ")}`);
process.exitCode = failed.length > 0 ? 1 : 0;
