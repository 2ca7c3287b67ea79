// SUPPORT.md says what the backends do now. `pnpm vitest run tools/support.test.ts -u` rewrites it.

import { expect, test } from "vitest";
import { findSupport, formatSupport } from "../packages/backend-testkit/src/index.ts";
import { wasm } from "../packages/backend-wasm/src/index.ts";
import { reference } from "../packages/tensor/src/backend/index.ts";

test("SUPPORT.md is up to date", async () => {
  const backends = [
    await findSupport({ name: "reference", create: async () => reference() }),
    await findSupport({ name: "wasm", create: () => wasm() }),
  ];
  const table = formatSupport(backends, "pnpm vitest run tools/support.test.ts -u");
  await expect(table).toMatchFileSnapshot("../SUPPORT.md");
});
