// The suite checked on backends that are wrong on purpose, each in one way that real ones have been:
// what passes these checks has to be right, so they must be able to fail.

import { expect, test } from "vitest";
import { createDevice } from "@sixtyone/tensor";
import { reference, type Backend, type Binding, type Launch } from "@sixtyone/tensor/backend";
import { opCases } from "../src/cases/index.ts";
import { finiteDifference, gradientValues, randomDirections } from "../src/gradient-check.ts";
import { checkLaunch } from "../src/primitives/check-launch.ts";
import type { LaunchSpec } from "../src/primitives/launch-spec.ts";
import { mapSpecs } from "../src/primitives/map-specs.ts";
import { scalarOpSpecs } from "../src/primitives/scalar-op-specs.ts";
import { structuredSpecs } from "../src/primitives/structured-specs.ts";
import { runForward } from "../src/run-case.ts";
import { compareResults } from "../src/suites/forward.ts";

const seed = 61;
const oracle = reference({ precision: "f64" });

const allSpecs: readonly LaunchSpec[] = [
  ...mapSpecs,
  ...Object.values(scalarOpSpecs(seed)).flat(),
  ...Object.values(structuredSpecs).flat(),
] as readonly LaunchSpec[];

/** A reference backend whose launches go through `tamper`, which may run them changed. */
function sabotaged(
  tamper: (launch: Launch, run: (launch: Launch) => void, backend: Backend) => void,
): Backend {
  const backend = reference();
  return { ...backend, run: (launch) => tamper(launch, backend.run, backend) };
}

/** Kernels whose launches are found wrong. */
async function faultyKernels(backend: Backend): Promise<string[]> {
  const found = new Set<string>();
  for (const [i, spec] of allSpecs.entries()) {
    if (await checkLaunch(backend, oracle, spec, seed + i)) found.add(spec.kernel);
  }
  return [...found].sort();
}

const everyKernel = ["map", ...Object.keys(structuredSpecs)].sort();

/** Adds `amount` to the last element of a f32 output. */
function nudge(backend: Backend, output: Binding, amount: number): void {
  const size = output.shape.reduce((a, b) => a * b, 1);
  if (output.dtype !== "f32" || size === 0) return;
  const last = output.shape.reduce(
    (at, dim, i) => at + (dim - 1) * output.strides[i]!,
    output.offset,
  );
  const bytes = backend.readSync!(output.buffer, 4 * last, 4);
  const value = new Float32Array(bytes.slice().buffer);
  backend.write(
    output.buffer,
    4 * last,
    new Uint8Array(Float32Array.of(value[0]! * (1 + amount) + amount).buffer),
  );
}

test("the untouched reference has no fault", async () => {
  expect(await faultyKernels(sabotaged((launch, run) => run(launch)))).toEqual([]);
});

test("an input's strides ignored", async () => {
  const backend = sabotaged((launch, run) => {
    const inputs = launch.inputs.map((x) => {
      let stride = 1;
      const strides = [...x.shape]
        .reverse()
        .map((dim) => (stride *= dim) / dim)
        .reverse();
      return x.strides.some((s) => s < 0) ? x : { ...x, strides };
    });
    run({ ...launch, inputs } as Launch);
  });
  expect(await faultyKernels(backend)).toEqual(everyKernel.filter((name) => name !== "random"));
});

test("an input's offset ignored", async () => {
  const backend = sabotaged((launch, run) => {
    const inputs = launch.inputs.map((x) =>
      x.strides.some((s) => s < 0) ? x : { ...x, offset: 0 },
    );
    run({ ...launch, inputs } as Launch);
  });
  const found = await faultyKernels(backend);
  for (const name of ["map", "reduce", "matmul", "gather", "scatterAdd", "argReduce", "sort"])
    expect(found).toContain(name);
});

test("an output's strides ignored", async () => {
  const backend = sabotaged((launch, run) => {
    const outputs = launch.outputs.map((x) =>
      x.strides.some((s) => s < 0)
        ? x
        : { ...x, strides: x.strides.map((s) => Math.max(1, s / 2)) },
    );
    run({ ...launch, outputs } as Launch);
  });
  expect(await faultyKernels(backend)).toContain("map");
});

test("the last element a little off, or not written", async () => {
  const off = sabotaged((launch, run, backend) => {
    run(launch);
    nudge(backend, launch.outputs[0]!, 1e-4);
  });
  const withFloats = ["gather", "map", "matmul", "reduce", "scan", "scatterAdd", "sort"];
  expect(await faultyKernels(off)).toEqual(withFloats);
});

test("a write one past the end of the output's view", async () => {
  const backend = sabotaged((launch, run, inner) => {
    run(launch);
    const [output] = launch.outputs;
    if (output!.offset > 0) inner.write(output!.buffer, 0, new Uint8Array(1));
  });
  expect(await faultyKernels(backend)).toEqual(["map"]);
});

test("results that change from run to run", async () => {
  let run = 0;
  const backend = sabotaged((launch, execute, inner) => {
    execute(launch);
    if (run++ % 2) nudge(inner, launch.outputs[0]!, 3e-8);
  });
  expect(await faultyKernels(backend)).not.toEqual([]);
});

test("a running sum in single precision", async () => {
  const backend = sabotaged((launch, execute, inner) => {
    if (
      launch.kernel !== "reduce" ||
      launch.params.op !== "sum" ||
      launch.params.shape[0]! < 100_000
    )
      return execute(launch);
    const [input] = launch.inputs;
    const values = new Float32Array(
      inner.readSync!(input!.buffer, 0, input!.buffer.byteLength).slice().buffer,
    );
    const total = values.reduce((sum, x) => Math.fround(sum + x), 0);
    inner.write(launch.outputs[0]!.buffer, 0, new Uint8Array(Float32Array.of(total).buffer));
  });
  expect(await faultyKernels(backend)).toEqual(["reduce"]);
});

test("a kernel that is not there", async () => {
  const backend = reference();
  const without: Backend = { ...backend, supports: (launch) => launch.kernel !== "scan" };
  expect(await faultyKernels(without)).toEqual(["scan"]);
});

test("a wrong dtype and a wrong shape of an op", async () => {
  const device = createDevice(reference());
  const [plain] = opCases.add.cases;
  const want = await runForward(device, plain!, seed);
  const cast = await runForward(
    device,
    { ...plain!, run: ([a, b]) => a!.add(b!).cast("i32") },
    seed,
  );
  const flat = await runForward(
    device,
    { ...plain!, run: ([a, b]) => a!.add(b!).reshape([-1]) },
    seed,
  );
  expect(compareResults(want, want, 0)).toBeUndefined();
  expect(compareResults(cast, want, 0)).toBe("dtype i32, expected f32");
  expect(compareResults(flat, want, 0)).toBe("shape [15], expected [3,5]");
});

test("a gradient rule that forgets a term", async () => {
  const device = createDevice(reference({ precision: "f64" }));
  const right = opCases.silu.cases[0]!;
  // x · σ(x) with σ taken as constant: the forward pass is the same, the slope is not.
  const wrong = {
    ...right,
    run: ([x]: Parameters<typeof right.run>[0]) => x!.mul(x!.sigmoid().detach()),
  };
  for (const order of [1, 2] as const) {
    const directions = randomDirections([15], seed);
    const difference = await finiteDifference(device, right, order, seed, directions);
    const slopeOf = async (opCase: typeof right) => {
      const [gradient] = await gradientValues(device, opCase, order, seed);
      return gradient!.reduce((sum, g, i) => sum + g * directions[0]![i]!, 0);
    };
    expect(await slopeOf(right)).toBeCloseTo(difference, 4);
    expect(Math.abs((await slopeOf(wrong)) - difference)).toBeGreaterThan(0.05);
  }
});
