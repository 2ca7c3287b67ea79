// The keeper of failures on a device that does nothing: what waits is told of a loss, and waiting leaves nothing
// behind on the promise of a loss that may never come.

import { describe, expect, test, vi } from "vitest";
import { Failure, listOps } from "../src/device/failure.ts";

function setUp() {
  const { promise, resolve } = Promise.withResolvers<GPUDeviceLostInfo>();
  const reactions = vi.spyOn(promise, "then");
  const failure = new Failure({
    lost: promise,
    addEventListener: () => {},
  } as unknown as GPUDevice);
  const lose = () => resolve({ reason: "unknown", message: "driver reset." } as GPUDeviceLostInfo);
  return { failure, lose, reactions };
}

describe("Failure", () => {
  test("waits, or rejects with the loss and the ops handed over last", async () => {
    const { failure, lose } = setUp();
    expect(await failure.unlessLost(Promise.resolve(3))).toBe(3);
    await expect(failure.unlessLost(Promise.reject(new Error("own")))).rejects.toThrow("own");
    failure.submitted(["matmul", "add"]);
    const waiting = [
      failure.unlessLost(new Promise(() => {})),
      failure.unlessLost(new Promise(() => {})),
    ];
    lose();
    const message =
      "matmul, add: the GPU device was lost (unknown): driver reset. Its tensors are gone; create a new backend.";
    for (const one of waiting) await expect(one).rejects.toThrow(message);
    await expect(failure.unlessLost(Promise.resolve())).rejects.toThrow(message);
    await expect(failure.settled()).rejects.toThrow(message);
    expect(() => failure.assertAlive("mul")).toThrow(message);
  });

  test("a thousand waits add nothing to the promise of the loss", async () => {
    const { failure, reactions } = setUp();
    const calls = reactions.mock.calls.length;
    for (let i = 0; i < 1000; i++) await failure.unlessLost(Promise.resolve());
    expect(reactions.mock.calls.length).toBe(calls);
  });

  test("an error is told once, with the op; after dispose nothing is a failure", async () => {
    const { failure, lose } = setUp();
    failure.watch(Promise.resolve({ message: "bad" } as GPUError), () => "exp");
    await expect(failure.settled()).rejects.toThrow("exp: WebGPU refused the work: bad");
    await failure.settled();
    failure.close();
    failure.watch(Promise.resolve({ message: "late" } as GPUError), () => "exp");
    await failure.settled();
    const waiting = failure.unlessLost(new Promise(() => {}));
    lose();
    await expect(waiting).rejects.toThrow(/what was pending: the webgpu backend was disposed/);
  });

  test("lists of ops stay short", () => {
    expect(listOps(["a", "b", "a"])).toBe("a, b");
    expect(listOps(Array.from({ length: 20 }, (_, i) => `op${i}`))).toBe(
      "op12, op13, op14, op15, op16, op17, op18, op19 and 12 more",
    );
  });
});
