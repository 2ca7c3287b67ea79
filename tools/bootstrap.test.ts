// The set-up, run by the Node that runs the tests: in a checkout that brought its own Node, that very one.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const script = fileURLToPath(new URL("bootstrap.mjs", import.meta.url));

function bootstrap(...args: string[]) {
  return spawnSync(process.execPath, [script, ...args], { encoding: "utf8" });
}

test("exec under the Node that the set-up brought keeps it, and fetches nothing", () => {
  const { stdout, stderr, status } = bootstrap("exec", "node", "--version");
  expect({ stdout, status }).toEqual({ stdout: `${process.version}\n`, status: 0 });
  expect(stderr).not.toContain("from the npm registry");
  expect(existsSync(process.execPath)).toBe(true);
});

test("an unknown command is one line", () => {
  const { stderr, status } = bootstrap("begin");
  expect(stderr).toBe("sixtyone: unknown command begin: expected start, test or exec.\n");
  expect(status).toBe(1);
});

test("exec without a command says what it expected", () => {
  const { stderr, status } = bootstrap("exec");
  expect(stderr).toContain("sixtyone: exec: expected a command, as in");
  expect(status).toBe(1);
});
