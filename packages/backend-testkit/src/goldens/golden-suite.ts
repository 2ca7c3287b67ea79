// Runs the golden files on a backend: f32 within 1e-5 of PyTorch forward and 1e-4 for gradients, relative
// to the larger of the value and the root mean square of its tensor; storage types within their rounding.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createDevice,
  gradients,
  tensor,
  type Device,
  type DType,
  type Tensor,
} from "@sixtyone/tensor";
import { decodeBF16, decodeF16 } from "@sixtyone/tensor/backend";
import { asList } from "../op-case.ts";
import type { ConformanceOptions } from "../suites/context.ts";
import { goldenCalls, viewOperands } from "./golden-calls.ts";
import { loadGoldens, type GoldenArray, type GoldenCase, type Goldens } from "./golden-file.ts";

const forwardTolerance = 1e-5;
const gradientTolerance = 1e-4;

export interface GoldenOptions extends Pick<ConformanceOptions, "name" | "create"> {
  /** A folder with fresh files from `tools/goldens/ops.py --seed N --out FOLDER`. */
  readonly folder?: string | undefined;
  /** WGSL lets a device take subnormal numbers for zero (§15.7); then errors below 2⁻¹²⁶ are none. */
  readonly flushesSubnormals?: boolean;
}

const smallestNormal = 2 ** -126;

/** Defines one test an op of the golden files. */
export async function runGoldens(options: GoldenOptions): Promise<void> {
  const { name, create, folder, flushesSubnormals = false } = options;
  const goldens = await loadGoldens(folder);
  const floor = flushesSubnormals ? smallestNormal : 0;
  const byOp = Map.groupBy(goldens.cases, ({ op }) => op);

  describe(`${name}: PyTorch ${goldens.versions["torch"]}, seed ${goldens.seed}`, () => {
    let device: Device;
    beforeAll(async () => {
      device = createDevice(await create());
    });
    afterAll(() => device?.dispose());

    test("the files hold at least 130 ops, and all that are called here", () => {
      expect(byOp.size).toBeGreaterThanOrEqual(130);
      expect([...byOp.keys()].sort()).toEqual(Object.keys(goldenCalls).sort());
    });

    for (const [op, cases] of byOp) {
      test(op, async () => {
        const problems: string[] = [];
        for (const goldenCase of cases) {
          const problem = await checkGolden(device, goldens, goldenCase, floor);
          if (problem) problems.push(`${describeGolden(goldenCase)}: ${problem}`);
        }
        expect(problems.join("\n")).toBe("");
      });
    }
  });
}

function describeGolden({ op, args, inputs }: GoldenCase): string {
  const shapes = inputs.map(({ dtype, shape }) => `${dtype}[${shape.join(",")}]`);
  return `${op}(${shapes.join(", ")}) ${JSON.stringify(args)}`;
}

async function checkGolden(
  device: Device,
  goldens: Goldens,
  { op, args, inputs, outputs, seeds, gradients: slopes }: GoldenCase,
  floor: number,
): Promise<string | undefined> {
  using _scope = device.scope();
  const upload = (array: GoldenArray): Tensor => {
    const values = goldens.values(array);
    return tensor(device, values, { dtype: array.dtype, shape: array.shape });
  };
  const leaves = inputs.map(upload);
  const tracked = leaves.filter((_, i) => slopes?.[i]).map((leaf) => leaf.requiresGrad_());
  const call = goldenCalls[op];
  if (!call) return "no call for it in golden-calls.ts";
  const results = asList(await call(viewOperands(leaves, args), args as never, device));
  if (results.length !== outputs.length)
    return `${results.length} results, expected ${outputs.length}`;
  for (const [i, want] of outputs.entries()) {
    const problem = await compare(results[i]!, want, goldens, forwardTolerance, floor);
    if (problem) return `result ${i}: ${problem}`;
  }
  if (!seeds || !slopes) return undefined;
  const sources = results.filter((_, i) => seeds[i]);
  const got = gradients(sources, tracked, seeds.filter((s) => s !== null).map(upload));
  for (const [i, want] of slopes.filter((slope) => slope !== null).entries()) {
    const problem = await compare(got[i]!, want, goldens, gradientTolerance, floor);
    if (problem) return `gradient ${i}: ${problem}`;
  }
  return undefined;
}

const storageTolerance: { readonly [D in DType]?: number } = { f16: 2 ** -10, bf16: 2 ** -7 };

async function compare(
  got: Tensor,
  want: GoldenArray,
  goldens: Goldens,
  tolerance: number,
  floor: number,
): Promise<string | undefined> {
  if (got.shape.join() !== want.shape.join()) {
    return `shape [${got.shape.join()}], expected [${want.shape.join()}]`;
  }
  if (got.dtype !== want.dtype) return `dtype ${got.dtype}, expected ${want.dtype}`;
  const actual = await got.data();
  const expected = decode(want.dtype, goldens.values(want));
  const isExact = want.dtype === "i32" || want.dtype === "bool" || want.dtype === "u32";
  const allowed = isExact ? 0 : (storageTolerance[want.dtype] ?? tolerance);
  const finite = expected.filter(Number.isFinite);
  const scale = Math.sqrt(finite.reduce((sum, x) => sum + x * x, 0) / Math.max(1, finite.length));
  for (const [i, value] of expected.entries()) {
    const error = Math.abs(actual[i]! - value) / Math.max(Math.abs(value), scale);
    if (Math.abs(actual[i]! - value) < floor) continue;
    // Written so that NaN is an error.
    if (!Object.is(actual[i], value) && actual[i] !== value && !(error <= allowed)) {
      return `element ${i}: got ${actual[i]}, PyTorch gives ${value} (error ${error.toExponential(2)})`;
    }
  }
  return undefined;
}

function decode(dtype: DType, raw: ArrayLike<number>): number[] {
  if (dtype === "f16") return Array.from(raw, decodeF16);
  return dtype === "bf16" ? Array.from(raw, decodeBF16) : Array.from(raw);
}
