// Every example runs, as a user would run it, and prints what the README says.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

function run(main: string, ...args: string[]) {
  const node = ["--conditions=sixtyone-source", main, ...args];
  return spawnSync(process.execPath, node, { cwd: root, encoding: "utf8" });
}

test("first-steps fits the line", () => {
  const { stdout, stderr } = run("examples/first-steps/main.ts");
  expect(stderr).toBe("");
  expect(stdout).toBe("y = 2.00·x + 1.00\n");
});

test("custom-backend trains on its own kernels", () => {
  const { stdout, stderr } = run("examples/custom-backend/main.ts");
  expect(stderr).toBe("");
  expect(stdout).toBe("custom: y = 2.00·x + 1.00\n");
});

test("the README shows first-steps as it is", () => {
  const code = readFileSync(new URL("first-steps/main.ts", import.meta.url), "utf8");
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  expect(readme).toContain(code.trim());
  expect(readme).toContain("y = 2.00·x + 1.00");
});
