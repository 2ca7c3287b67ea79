// Determinism: the same work gives the same bits, whatever lies in the memory it happens to get.

import { describe } from "vitest";
import { sameBits } from "../compare.ts";
import { differentiable, gradientValues } from "../gradient-check.ts";
import { poisonFreeMemory, runForward } from "../run-case.ts";
import { openDevices, type ConformanceOptions } from "./context.ts";
import { testEveryOp } from "./op-test.ts";

export function determinismSuite(options: ConformanceOptions): void {
  describe("determinism", () => {
    const context = openDevices(options);
    testEveryOp(
      context,
      () => true,
      async ({ opCase, cases, seed }) => {
        const { device } = context;
        const hasGradient = (cases.order ?? 2) > 0 && differentiable(opCase).length > 0;
        const once = async () => [
          ...(await runForward(device, opCase, seed)).map(({ data }) => data),
          ...(hasGradient ? await gradientValues(device, opCase, 1, seed) : []),
        ];
        const first = await once();
        // Another place in memory, with other leftovers.
        const guard = device.backend.alloc(4 * 997);
        poisonFreeMemory(device);
        const second = await once();
        device.backend.free(guard);
        const differing = first.findIndex((data, i) => !sameBits(data, second[i]!));
        return differing < 0 ? undefined : `result ${differing} differs from the first run`;
      },
    );
  });
}
