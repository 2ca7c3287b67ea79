// SUPPORT.md says what the backends do now. `pnpm vitest run tools/support.test.ts -u` rewrites it, on a machine
// with a WebGPU adapter; elsewhere its last column is not looked at.

import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { findSupport, formatSupport } from "../packages/backend-testkit/src/index.ts";
import { wasm } from "../packages/backend-wasm/src/index.ts";
import { hasAdapter, openBackend } from "../packages/backend-webgpu/test/adapter.ts";
import { reference } from "../packages/tensor/src/backend/index.ts";

vi.setConfig({ testTimeout: 300_000 });

test("SUPPORT.md is up to date", async () => {
  const backends = [
    await findSupport({ name: "reference", create: async () => reference() }),
    await findSupport({ name: "wasm", create: () => wasm() }),
    ...(hasAdapter ? [await findSupport({ name: "webgpu", create: () => openBackend() })] : []),
  ];
  const table = formatSupport(backends, "pnpm vitest run tools/support.test.ts -u");
  if (hasAdapter) await expect(table).toMatchFileSnapshot("../SUPPORT.md");
  else
    expect(table).toBe(
      withoutLastColumn(readFileSync(new URL("../SUPPORT.md", import.meta.url), "utf8")),
    );
});

function withoutLastColumn(markdown: string): string {
  return markdown.replaceAll(/^(\|.*\|)[^|]*\|$/gm, "$1");
}
