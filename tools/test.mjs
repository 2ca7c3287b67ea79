// What `npm test` runs after the set-up: every check, in the order in which failures are cheapest to
// read. Arguments narrow it to vitest: `npm test -- packages/moe`.

import { spawnSync } from "node:child_process";

const args = process.argv.slice(2);
const bin = (name) => `node_modules/.bin/${name}${process.platform === "win32" ? ".cmd" : ""}`;

/** pnpm's bin links are shell scripts on Unix and .cmd files on Windows, which only a shell starts. */
function run(title, command, rest) {
  console.log(`\n— ${title} —`);
  const shell = command.endsWith(".cmd");
  const { status, error } = spawnSync(command, rest, { stdio: "inherit", shell });
  if (error) console.error(`${title}: ${error.message}`);
  if (status !== 0) failed.push(title);
}

const failed = [];
if (args.length === 0) {
  run("types", bin("tsc"), ["-p", "tsconfig.json"]);
  run("lint", bin("oxlint"), ["--max-warnings=0"]);
  run("unused code", bin("knip"), ["--no-config-hints"]);
}
run("tests", bin("vitest"), ["run", ...args]);
if (args.length === 0) {
  run("package build", "pnpm", ["run", "build"]);
  run("packages", process.execPath, ["tools/check-packages.mjs"]);
  run("sizes", bin("size-limit"), []);
  run("API documentation", "pnpm", ["--filter", "docs", "exec", "typedoc", "--emit", "none"]);
}
if (failed.length > 0) console.error(`\nfailed: ${failed.join(", ")}`);
process.exitCode = failed.length > 0 ? 1 : 0;
