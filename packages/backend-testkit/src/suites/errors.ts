// Errors that depend on the backend: indices outside their axis. A backend that sees values on the host
// throws; one that does not gives 0. Never a read of somebody else's memory, never a hang.

import { describe, expect, test } from "vitest";
import {
  countingSort,
  crossEntropy,
  embedding,
  groupedMatmul,
  IndexError,
  linearLogProb,
  ones,
  scatterAdd,
  tensor,
  type Device,
  type Tensor,
} from "@sixtyone/tensor";
import { openDevices, type ConformanceOptions } from "./context.ts";

interface BadIndex {
  readonly name: string;
  readonly run: (device: Device) => Tensor;
  /** What a backend gives that cannot throw; undefined: anything, as long as it ends. */
  readonly otherwise?: readonly number[];
  /** False: where the op has no kernel, its parts need not notice. Default true. */
  readonly throws?: boolean;
}

const matrix = (device: Device) =>
  tensor(device, [
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
const ids = (device: Device, ...values: number[]) => tensor(device, Int32Array.from(values));

const badIndices: readonly BadIndex[] = [
  {
    name: "gather above the axis",
    run: (device) => matrix(device).gather(0, ids(device, 3, 1).reshape([1, 2])),
    otherwise: [0, 4],
  },
  {
    name: "gather below the axis",
    run: (device) => matrix(device).gather(1, ids(device, 0, -1, 1).reshape([3, 1])),
    otherwise: [1, 0, 6],
  },
  {
    name: "embedding far outside",
    run: (device) => embedding(matrix(device), ids(device, 2_000_000_000)),
    otherwise: [0, 0],
  },
  {
    name: "scatterAdd outside the axis",
    run: (device) => {
      const source = tensor(device, [1, 1, 1]);
      return scatterAdd(tensor(device, [0, 0]), 0, ids(device, 0, 2, -1), source);
    },
    otherwise: [1, 0],
  },
  ...[
    [0, 5, 2],
    [0, -3, 2],
    [0, 1_000_000, 2_000_000],
  ].map((offsets) => ({
    name: `groupedMatmul with the offsets ${offsets.join()} of two rows`,
    throws: false,
    run: (device: Device) =>
      groupedMatmul(
        matrix(device).narrow(0, 0, 2),
        ones(device, [2, 2, 4]),
        ids(device, ...offsets),
      ),
  })),
  ...[
    [0, 3, 1],
    [-1, 0, 1],
    [0, 1, 2_000_000_000],
  ].map((targets) => ({
    name: `linearLogProb with the targets ${targets.join()} of three classes`,
    run: (device: Device) =>
      linearLogProb(matrix(device), matrix(device), ids(device, ...targets)).logProb,
  })),
  {
    name: "crossEntropy with a target outside the classes",
    run: (device) => crossEntropy(matrix(device), ids(device, 0, 2, 1), { reduction: "none" }),
  },
  {
    name: "countingSort of keys outside the bins",
    run: (device) => countingSort(ids(device, 0, 5, 1), 2).order,
  },
];

export function errorSuite(options: ConformanceOptions): void {
  describe("errors", () => {
    const context = openDevices(options);
    for (const { name, run, otherwise, throws = true } of badIndices) {
      test(name, async () => {
        const { device } = context;
        const neighbours = [8, 16, 64, 256].map((size) => ones(device, [size]).eval());
        const before = device.memory().storageCount;
        const thrown = await outcome(device, run);
        for (const x of neighbours) {
          using _scope = device.scope();
          expect([await x.min().item(), await x.max().item()], "somebody else's memory").toEqual([
            1, 1,
          ]);
        }
        // Who sees the values of one op's indices sees those of the others.
        const mustThrow =
          throws && (await outcome(device, badIndices[0]!.run)) instanceof IndexError;
        if (Array.isArray(thrown) && !mustThrow) {
          if (otherwise) expect(thrown).toEqual(otherwise);
        } else expect(thrown).toBeInstanceOf(IndexError);
        expect(device.memory().storageCount, "buffers left behind").toBe(before);
        for (const x of neighbours) x.dispose();
        // And the device still works.
        using _scope = device.scope();
        expect([...(await tensor(device, [1, 2]).add(1).data())]).toEqual([2, 3]);
      });
    }
  });
}

/** The values, or the error. */
async function outcome(device: Device, run: (device: Device) => Tensor): Promise<unknown> {
  using _scope = device.scope();
  try {
    return [...(await run(device).data())];
  } catch (error) {
    return error;
  }
}
