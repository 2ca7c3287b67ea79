// Who may import whom, on the real tree; that the check sees files at all; and that it can fail.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { allowed, findBreaches, type SourceFile } from "./architecture.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

function sources(folder: string): SourceFile[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes("node_modules"))
    .map((path) => ({
      path: path.slice(root.length).replaceAll("\\", "/"),
      text: readFileSync(path, "utf8"),
    }));
}

const packages = Object.keys(allowed).filter((folder) => existsSync(join(root, folder, "src")));
const files = packages.flatMap((folder) => sources(`${folder}/src`));

test("it sees the packages and their files", () => {
  expect(packages.length).toBeGreaterThanOrEqual(6);
  for (const folder of packages) {
    const own = files.filter(({ path }) => path.startsWith(`${folder}/src/`));
    expect(own.length, folder).toBeGreaterThan(0);
    expect(own.map(({ path }) => path)).toContain(`${folder}/src/index.ts`);
  }
  expect(files.length).toBeGreaterThan(100);
  const present = readdirSync(join(root, "packages")).map((name) => `packages/${name}`);
  expect(
    present.filter((folder) => !(folder in allowed)),
    "packages without a rule",
  ).toEqual([]);
});

test("every import keeps the rules", () => {
  expect(findBreaches(files)).toEqual([]);
});

test("dependencies in package.json keep the same rules", () => {
  for (const folder of packages) {
    const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Record<
      string,
      Record<string, string> | undefined
    >;
    const names = Object.keys({ ...manifest["dependencies"], ...manifest["peerDependencies"] })
      .filter((name) => name.startsWith("@sixtyone/"))
      .map((name) => name.slice("@sixtyone/".length));
    const permitted = allowed[folder]!.map((name) => name.replace(" (types)", ""));
    expect(
      names.filter((name) => !permitted.includes(name)),
      folder,
    ).toEqual([]);
  }
});

test("a wrong tree is reported", () => {
  const wrong: SourceFile[] = [
    { path: "packages/tensor/src/a.ts", text: 'import { wasm } from "@sixtyone/backend-wasm";\n' },
    { path: "packages/grpo/src/b.ts", text: 'import { exactAnswer } from "@sixtyone/rewards";\n' },
    { path: "packages/grpo/src/c.ts", text: 'import type { Reward } from "@sixtyone/rewards";\n' },
    { path: "packages/moe/src/d.ts", text: 'import { x } from "../../tensor/src/tensor.ts";\n' },
    { path: "packages/moe/src/e.ts", text: 'const m = await import("@sixtyone/grpo");\n' },
    { path: "packages/moe/src/BadName.ts", text: 'export * from "./d.ts";\n' },
    { path: "packages/moe/src/long.ts", text: "\n".repeat(700) },
  ];
  expect(findBreaches(wrong)).toMatchInlineSnapshot(`
    [
      "packages/tensor/src/a.ts: may not import @sixtyone/backend-wasm",
      "packages/grpo/src/b.ts: may not import @sixtyone/rewards",
      "packages/moe/src/d.ts: ../../tensor/src/tensor.ts leaves the package",
      "packages/moe/src/e.ts: may not import @sixtyone/grpo",
      "packages/moe/src/BadName.ts: name is not kebab-case",
      "packages/moe/src/BadName.ts: exports by name, never export *",
      "packages/moe/src/long.ts: 701 lines; a file is one idea of at most 600",
    ]
  `);
});

test("the reference backend is short enough to be read as the contract's documentation", () => {
  const lines = readFileSync(join(root, "packages/tensor/src/backend/reference.ts"), "utf8").split(
    "\n",
  ).length;
  expect(lines).toBeLessThanOrEqual(400);
});
