// What a case's ops say of themselves: how exact they are, and what they cost. A case of several ops is as exact as
// the least exact of them, and costs what they cost together.

import type { Device } from "@sixtyone/tensor";
import { moved, observeOps, type Cost, type OpRun, type Tolerance } from "@sixtyone/tensor/backend";
import type { OpCase } from "./op-case.ts";
import { applyCase, createLeaves } from "./run-case.ts";

function runsOf(device: Device, opCase: OpCase, seed: number): OpRun[] {
  using _scope = device.scope();
  const leaves = createLeaves(device, opCase.operands, seed);
  const runs: OpRun[] = [];
  observeOps(
    (run) => runs.push(run),
    () => applyCase(opCase, leaves, device),
  );
  return runs;
}

/** How far two correct backends may differ on this case, a mere view included. Run it on the oracle. */
export function toleranceOf(oracle: Device, opCase: OpCase, seed: number): Tolerance {
  const tolerances = runsOf(oracle, opCase, seed).map(({ tolerance }) => tolerance);
  return {
    forward: Math.max(moved.forward, ...tolerances.map(({ forward }) => forward)),
    grad: Math.max(moved.grad, ...tolerances.map(({ grad }) => grad)),
  };
}

/** Arithmetic and memory traffic of one run. */
export function costOf(device: Device, opCase: OpCase, seed: number): Cost {
  const costs = runsOf(device, opCase, seed).map(({ cost }) => cost);
  return {
    flops: costs.reduce((sum, { flops }) => sum + flops, 0),
    bytes: costs.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
