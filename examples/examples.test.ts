// Every example runs, as a user would run it, and prints what the README says.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

test("grade-page is built to four files, its worker among them", () => {
  const out = mkdtempSync(join(tmpdir(), "sixtyone-grade-page-"));
  const vite = join(root, "node_modules", "vite", "bin", "vite.js");
  const args = [vite, "build", "examples/grade-page", "--outDir", out, "--logLevel", "error"];
  const { stderr, status } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  expect(stderr).not.toMatch(/error/i);
  expect(status).toBe(0);
  const names = readdirSync(out, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.includes("."),
  );
  expect(
    names.map((name) => name.replace(/-[\w-]{8}\./, ".").replaceAll("\\", "/")).sort(),
  ).toEqual(["assets/index.css", "assets/index.js", "assets/reward-worker.js", "index.html"]);
  rmSync(out, { recursive: true });
});

test("the README shows first-steps as it is", () => {
  const code = readFileSync(new URL("first-steps/main.ts", import.meta.url), "utf8");
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  expect(readme).toContain(code.trim());
  expect(readme).toContain("y = 2.00·x + 1.00");
});
