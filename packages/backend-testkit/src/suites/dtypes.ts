// Dtypes: every op in every dtype, right or refused as the oracle refuses it.

import { describe, expect, test } from "vitest";
import { dtypes } from "@sixtyone/tensor/backend";
import { opNames } from "../cases/index.ts";
import { tryOp } from "../support.ts";
import { openDevices, type ConformanceOptions } from "./context.ts";

export function dtypeSuite(options: ConformanceOptions): void {
  describe("dtypes", () => {
    const context = openDevices(options);
    for (const op of opNames) {
      const reason = options.skip?.[op];
      test.skipIf(reason !== undefined)(
        reason === undefined ? op : `${op} (${reason})`,
        async () => {
          const { device, oracle } = context;
          for (const dtype of dtypes) {
            const want = await tryOp(oracle, oracle, op, dtype);
            expect(await tryOp(device, oracle, op, dtype), dtype).toBe(want);
          }
        },
      );
    }
  });
}
