// What a GPU can do wrong, run in Node and in a page: each failure is an error that names the op, nothing
// that was pending stays pending, and the backend works on where it can.

import {
  AdamW,
  attention,
  concat,
  createDevice,
  groupedMatmul,
  OutOfMemoryError,
  SixtyoneError,
  sort,
  step,
  tensor,
  UnsupportedError,
  zeros,
  type Device,
  type Tensor,
} from "@sixtyone/tensor";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { WebGpuBackend } from "../src/index.ts";
import { openBackend } from "./adapter.ts";

/** How each promise ended: "fulfilled", its error, or "pending" after ten seconds. */
function outcomes(promises: readonly Promise<unknown>[]): Promise<string[]> {
  return Promise.all(
    promises.map((promise) => {
      const late = new Promise<string>((resolve) => setTimeout(() => resolve("pending"), 10_000));
      const told = promise.then(
        () => "fulfilled",
        (error: unknown) => String(error),
      );
      return Promise.race([told, late]);
    }),
  );
}

/** A step with everything a training step has. */
function trainer(device: Device): {
  readonly train: (x: Tensor) => readonly Tensor[];
  readonly weight: Tensor;
} {
  const weight = tensor(
    device,
    [
      [0.5, -0.5],
      [0.25, 1],
    ],
    { requiresGrad: true },
  );
  const optimizer = new AdamW([weight], { learningRate: 0.1 });
  const train = step(device, (x: Tensor) => {
    const loss = x.matmul(weight).sub(x).square().mean();
    loss.backward();
    return [loss, optimizer.step({ maxGradNorm: 1 })];
  });
  return { train, weight };
}

export function failureCases(): void {
  let backend: WebGpuBackend;
  let device: Device;
  beforeEach(async () => {
    backend = await openBackend();
    device = createDevice(backend);
  });
  afterEach(() => device.dispose());
  const matrix = (): Tensor =>
    tensor(device, [
      [1, 2],
      [3, 4],
    ]);

  describe("a lost device", () => {
    const lost = /matmul.*the GPU device was lost.*create a new backend/s;

    test("in the middle of a step: all that is pending rejects and names the ops", async () => {
      const product = matrix().matmul(matrix());
      const pending: Promise<unknown>[] = [product.data(), product.sum().data(), device.sync()];
      backend.device.destroy();
      const after = product.add(1);
      pending.push(after.data(), product.data(), device.sync());
      for (const outcome of await outcomes(pending)) expect(outcome).toMatch(lost);
    });

    test("afterwards every call says so at once", async () => {
      const product = matrix().matmul(matrix());
      await product.data();
      const { train } = trainer(device);
      for (let i = 0; i < 4; i++) await train(matrix())[0]!.data();
      const input = matrix();
      backend.device.destroy();
      await outcomes([device.sync()]);
      expect(() => product.mul(3).eval()).toThrow(/the GPU device was lost/);
      expect(() => train(input)).toThrow(/the GPU device was lost/);
      expect(() => backend.alloc(4)).toThrow(/the GPU device was lost/);
      expect(() => backend.record!([])).toThrow(/the GPU device was lost/);
      for (const outcome of await outcomes([product.data(), device.sync()])) {
        expect(outcome).toMatch(/the GPU device was lost/);
      }
      backend.flush(); // nothing to tell, nothing to throw
    });
  });

  describe("work the device refuses", () => {
    test("a shader that does not compile: the op, what WebGPU said, and then all goes on", async () => {
      const { device: gpu } = backend;
      const create = gpu.createShaderModule.bind(gpu);
      gpu.createShaderModule = (descriptor) => create({ ...descriptor, code: "not WGSL" });
      const broken = matrix().log();
      const [first] = await outcomes([broken.data()]);
      expect(first).toMatch(/^SixtyoneError: log: WebGPU refused the work: /);
      gpu.createShaderModule = create;
      expect(await matrix().add(1).toArray()).toEqual([
        [2, 3],
        [4, 5],
      ]);
      expect(await outcomes([device.sync()])).toEqual(["fulfilled"]);
    });

    test("a buffer that is gone: `sync` names the ops of the batch", async () => {
      const { device: gpu } = backend;
      const create = gpu.createBuffer.bind(gpu);
      const a = matrix();
      // The result is of a size class of its own, so that it does not come from the pool.
      const b = tensor(device, new Float32Array(2 * 200), { shape: [2, 200] });
      gpu.createBuffer = (descriptor) => {
        const buffer = create(descriptor);
        buffer.destroy();
        return buffer;
      };
      a.matmul(concat([b, b], 1)).eval();
      gpu.createBuffer = create;
      const [first, second] = [await outcomes([device.sync()]), await outcomes([device.sync()])];
      expect(first[0]).toMatch(/matmul: WebGPU refused the work: .*destroyed/s);
      expect(second).toEqual(["fulfilled"]);
    });

    test("with `validate` the error names the very launch", async () => {
      using strict = createDevice(await openBackend({ validate: true }));
      const { device: gpu } = strict.backend as WebGpuBackend;
      const create = gpu.createBindGroup.bind(gpu);
      const x = tensor(strict, [1, 2, 3]);
      x.exp().eval();
      gpu.createBindGroup = (descriptor) => create({ ...descriptor, entries: [] });
      x.sum().eval();
      gpu.createBindGroup = create;
      x.exp().eval();
      expect((await outcomes([strict.sync()]))[0]).toMatch(
        /^SixtyoneError: sum: WebGPU refused the work/,
      );
    });
  });

  describe("memory that runs out", () => {
    /** Stands in for the error of a device: software adapters promise more memory than there is. */
    class GPUOutOfMemoryError extends Error {}

    test("on the device: the op that was to use it is named, and the backend works on", async () => {
      const { device: gpu } = backend;
      const [create, pop] = [gpu.createBuffer.bind(gpu), gpu.popErrorScope.bind(gpu)];
      const a = tensor(device, new Float32Array(3000).fill(1), { shape: [1000, 3] });
      gpu.createBuffer = (descriptor) => {
        if (descriptor.size > 12_000) {
          gpu.popErrorScope = async () => {
            gpu.popErrorScope = pop;
            await pop();
            return new GPUOutOfMemoryError("not enough memory left");
          };
        }
        return create(descriptor);
      };
      const { blockCount } = backend.memory();
      const outer = a.matmul(
        tensor(device, new Float32Array(3 * 500).fill(1), { shape: [3, 500] }),
      );
      const told = await outcomes([outer.data()]);
      expect(told[0]).toMatch(
        /^OutOfMemoryError: matmul: the GPU ran out of memory.*not enough memory left/s,
      );
      gpu.createBuffer = create;
      outer.dispose();
      expect(await a.sum().item()).toBe(3000);
      // The buffer that could not be made is not handed out again.
      expect(backend.memory().blockCount).toBeLessThan(blockCount + 6);
      const again = a.matmul(
        tensor(device, new Float32Array(3 * 500).fill(1), { shape: [3, 500] }),
      );
      expect((await again.data())[499_999]).toBe(3);
    });

    test("beyond `maxBytes`: refused before anything happens", async () => {
      using small = createDevice(await openBackend({ maxBytes: 2 ** 20 }));
      const x = tensor(small, [1, 2, 3]);
      const large = (): Tensor =>
        zeros(small, [2 ** 18])
          .add(1)
          .eval();
      expect(large).toThrow(OutOfMemoryError);
      expect(large).toThrow(
        /^add: webgpu: 1048576 bytes asked, 256 of 1048576 in use. Dispose tensors, or raise maxBytes/,
      );
      expect(await x.add(1).toArray()).toEqual([2, 3, 4]);
    });
  });

  describe("dispatches larger than one dimension", () => {
    test("fill a second one", async () => {
      const requiredLimits = { maxComputeWorkgroupsPerDimension: 100 };
      using narrow = createDevice(await openBackend({ requiredLimits }));
      const n = 150_001;
      const x = tensor(
        narrow,
        Float32Array.from({ length: n }, (_, i) => i % 7),
      );
      const y = await x.mul(2).add(1).data();
      for (const i of [0, 6399, 6400, 6401, 12_800, n - 2, n - 1])
        expect(y[i]).toBe((i % 7) * 2 + 1);
      expect(await x.reshape([n, 1]).sum(1).sum().item()).toBe(449_998);
      const { values } = sort(x.narrow(0, 0, 5000));
      expect((await values.data()).every((v, i, all) => i === 0 || v >= all[i - 1]!)).toBe(true);
    });

    test("and beyond both are refused with the op's name", async () => {
      const requiredLimits = { maxComputeWorkgroupsPerDimension: 3 };
      using tiny = createDevice(await openBackend({ requiredLimits }));
      const x = tensor(tiny, new Float32Array(100_000));
      expect(() => x.exp().eval()).toThrow(UnsupportedError);
      expect(() => x.exp().eval()).toThrow(
        /^exp: \d+ workgroups.*3 in each of two dimensions.*Split the tensor/,
      );
      expect(await tensor(tiny, [1]).add(1).toArray()).toEqual([2]);
    });
  });

  describe("tensors of no elements", () => {
    test("pass through every kind of kernel", async () => {
      const none = zeros(device, [0, 3]);
      expect(await none.add(1).exp().toArray()).toEqual([]);
      expect(await none.sum(0).toArray()).toEqual([0, 0, 0]);
      expect(await none.matmul(zeros(device, [3, 2])).toArray()).toEqual([]);
      expect(
        await zeros(device, [2, 0])
          .matmul(zeros(device, [0, 2]))
          .toArray(),
      ).toEqual([
        [0, 0],
        [0, 0],
      ]);
      expect(await concat([none, tensor(device, [[1, 2, 3]])], 0).toArray()).toEqual([[1, 2, 3]]);
      expect(await sort(none).values.toArray()).toEqual([]);
      expect(await none.softmax(-1).toArray()).toEqual([]);
      const offsets = tensor(device, Int32Array.of(0, 0, 0));
      expect(await groupedMatmul(none, zeros(device, [2, 3, 4]), offsets).toArray()).toEqual([]);
      const [q, k] = [zeros(device, [1, 1, 0, 4]), zeros(device, [1, 1, 3, 4])];
      expect(await attention(q, k, k, { causal: true }).toArray()).toEqual([[[]]]);
      expect(() => none.argmax(0)).toThrow(/argmax/);
    });

    test("the contract's calls take zero bytes", async () => {
      const buffer = backend.alloc(0);
      backend.write(buffer, 0, new Uint8Array(0));
      expect(await backend.read(buffer, 0, 0)).toEqual(new Uint8Array(0));
      backend.free(buffer);
    });
  });

  describe("dispose", () => {
    test("settles what is pending, may be called twice, and is named by what comes after", async () => {
      const x = matrix().eval();
      const pending = [x.matmul(x).data(), x.data(), device.sync()];
      device.dispose();
      device.dispose();
      backend.dispose();
      for (const outcome of await outcomes(pending)) {
        expect(outcome).toMatch(/^fulfilled$|the webgpu backend was disposed/);
      }
      expect(() => backend.alloc(4)).toThrow(
        /alloc: the webgpu backend was disposed. Create a new one/,
      );
      expect(() => x.add(1).eval()).toThrow(SixtyoneError);
      await expect(backend.sync()).rejects.toThrow(/sync: the webgpu backend was disposed/);
    });

    test("ends only its own device", async () => {
      using other = createDevice(await openBackend());
      const y = tensor(other, [1, 2]);
      device.dispose();
      expect(await y.add(1).toArray()).toEqual([2, 3]);
    });
  });
}
