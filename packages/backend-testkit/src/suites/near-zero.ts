// Functions that are small where their argument is: the relative error must stay small too. Compilers of
// shaders rewrite sums as if they were exact, which the comparisons relative to 1 elsewhere do not see.

import { describe, expect, test } from "vitest";
import {
  asin,
  asinh,
  atan,
  atanh,
  erf,
  expm1,
  log1p,
  sinh,
  softplus,
  tan,
  tensor,
  type Tensor,
} from "@sixtyone/tensor";
import { openDevices, type ConformanceOptions } from "./context.ts";

/** Eight units in the last place of f32. */
const allowed = 1e-6;

interface Function {
  readonly run: (x: Tensor) => Tensor;
  readonly exact: (x: number) => number;
}

const functions: { readonly [name: string]: Function } = {
  log1p: { run: log1p, exact: Math.log1p },
  expm1: { run: expm1, exact: Math.expm1 },
  sin: { run: (x) => x.sin(), exact: Math.sin },
  tan: { run: tan, exact: Math.tan },
  asin: { run: asin, exact: Math.asin },
  asinh: { run: asinh, exact: Math.asinh },
  atanh: { run: atanh, exact: Math.atanh },
  // Times 16, which is exact: from −15 to 0.
  "softplus below 0": {
    run: (x) => softplus(x.abs().mul(-16)),
    exact: (x) => Math.log1p(Math.exp(-16 * Math.abs(x))),
  },
  atan: { run: (x) => atan(x), exact: Math.atan },
  sinh: { run: sinh, exact: Math.sinh },
  tanh: { run: (x) => x.tanh(), exact: Math.tanh },
  erf: { run: (x) => erf(x), exact: erfSeries },
  "log next to 1": { run: (x) => x.add(1).log(), exact: (x) => Math.log(Math.fround(1 + x)) },
};

/** 2/√π · Σ (−1)ⁿ x²ⁿ⁺¹ / (n! (2n + 1)). */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 40; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** Both signs, from 0.95 down to 2^-20, no two with the same mantissa. */
function smallNumbers(): Float32Array {
  const sizes = Array.from(
    { length: 200 },
    (_, i) => (0.5 + ((i * 0.618034) % 0.45)) * 2 ** -(i / 10),
  );
  return Float32Array.from([0, -0, ...sizes, ...sizes.map((x) => -x)]);
}

export function nearZeroSuite(options: ConformanceOptions): void {
  describe("relative error near 0", () => {
    const context = openDevices(options);
    for (const [name, { run, exact }] of Object.entries(functions)) {
      test(name, async () => {
        using _scope = context.device.scope();
        const values = smallNumbers();
        const got = await run(tensor(context.device, values)).data();
        const problems: string[] = [];
        values.forEach((x, i) => {
          const want = exact(x);
          const error = Math.abs(got[i]! - want);
          if (!(error <= allowed * Math.abs(want)))
            problems.push(`${x}: got ${got[i]}, want ${want}`);
        });
        expect(problems.join("\n")).toBe("");
      });
    }
  });
}
