// One vitest test for each op, with what all of them share: skipping, the seed in the failure's message,
// and the check that nothing is left in memory.

import { expect, test } from "vitest";
import { describeCase, type OpCase, type OpCases } from "../op-case.ts";
import { opCases, opNames } from "../cases/index.ts";
import type { OpName } from "../op-names.ts";
import { seedFor } from "../random-values.ts";
import { poisonFreeMemory } from "../run-case.ts";
import type { SuiteContext } from "./context.ts";

export interface CaseRun {
  readonly op: OpName;
  readonly opCase: OpCase;
  readonly cases: OpCases;
  /** A seed of this case's own. */
  readonly seed: number;
}

/** `check` returns what is wrong, or undefined. Every wrong case of an op is reported at once. */
export function testEveryOp(
  context: SuiteContext,
  wants: (cases: OpCases) => boolean,
  check: (run: CaseRun) => Promise<string | undefined>,
): void {
  for (const op of opNames) {
    const cases = opCases[op];
    if (!wants(cases)) continue;
    const reason = context.options.skip?.[op];
    test.skipIf(reason !== undefined)(reason === undefined ? op : `${op} (${reason})`, async () => {
      const before = context.device.memory().storageCount;
      const problems: string[] = [];
      for (const [i, opCase] of cases.cases.entries()) {
        poisonFreeMemory(context.device);
        const seed = seedFor(context.seed, `${op} ${i}`);
        const problem = await check({ op, opCase, cases, seed });
        if (problem)
          problems.push(`${op}(${describeCase(opCase)}) seed ${context.seed}: ${problem}`);
      }
      expect(problems.join("\n")).toBe("");
      expect(context.device.memory().storageCount, "buffers left behind").toBe(before);
    });
  }
}
