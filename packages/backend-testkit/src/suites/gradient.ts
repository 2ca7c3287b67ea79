// Gradient: of every op and order, element by element against the oracle's tape, and as a slope against
// finite differences of the oracle, which know nothing of gradient rules.

import { describe } from "vitest";
import { sizeOf } from "@sixtyone/tensor/backend";
import { describeMismatch, findMismatch } from "../compare.ts";
import {
  differentiable,
  finiteDifference,
  gradientValues,
  randomDirections,
} from "../gradient-check.ts";
import { toleranceOf } from "../observed.ts";
import type { OpCase } from "../op-case.ts";
import { leafShape } from "../operand.ts";
import { seedFor } from "../random-values.ts";
import { openDevices, type ConformanceOptions, type SuiteContext } from "./context.ts";
import { testEveryOp } from "./op-test.ts";

/** Elements in all operands beyond which the interpreted oracle is too slow for differences. */
const maxElements = 2500;

const directionCount = 2;

export function gradientSuite(options: ConformanceOptions): void {
  for (const order of [1, 2] as const) {
    describe(order === 1 ? "gradient" : "second-order gradient", () => {
      const context = openDevices(options);
      testEveryOp(
        context,
        (cases) => (cases.order ?? 2) >= order,
        async ({ opCase, seed }) => {
          if (differentiable(opCase).length === 0 || tooLarge(opCase, order)) return undefined;
          const { grad } = toleranceOf(context.oracle, opCase, seed);
          return checkGradient(context, opCase, order, seed, order === 1 ? grad : 5 * grad);
        },
      );
    });
  }
}

function tooLarge({ operands }: OpCase, order: 1 | 2): boolean {
  const elements = operands.reduce((sum, operand) => sum + sizeOf(leafShape(operand)), 0);
  return elements > maxElements / (order * order);
}

async function checkGradient(
  context: SuiteContext,
  opCase: OpCase,
  order: 1 | 2,
  seed: number,
  tolerance: number,
): Promise<string | undefined> {
  const got = await gradientValues(context.device, opCase, order, seed);
  const want = await gradientValues(context.oracle, opCase, order, seed);
  for (const [i, expected] of want.entries()) {
    const mismatch = findMismatch(got[i]!, expected, tolerance, "f32");
    if (mismatch) return `of operand ${i}, against the tape: ${describeMismatch(mismatch)}`;
  }
  for (let round = 0; round < directionCount; round++) {
    const sizes = got.map((gradient) => gradient.length);
    const directions = randomDirections(sizes, seedFor(seed, `direction ${round}`));
    const difference = await finiteDifference(context.oracle, opCase, order, seed, directions);
    const { slope, scale } = directional(got, directions);
    if (!(Math.abs(slope - difference) <= tolerance * scale)) {
      return `slope ${slope}, by finite differences ${difference} (tolerance ${tolerance * scale})`;
    }
  }
  return undefined;
}

/** The gradient along a direction, and how large a sum of so many terms is before it cancels. */
function directional(gradients: readonly Float32Array[], directions: readonly Float32Array[]) {
  let slope = 0;
  let scale = 1;
  gradients.forEach((gradient, i) => {
    gradient.forEach((g, j) => {
      slope += g * directions[i]![j]!;
      scale += Math.abs(g);
    });
  });
  return { slope, scale };
}
