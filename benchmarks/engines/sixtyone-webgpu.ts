// Our own engine on WebGPU, through the Dawn that all engines of the run share. Training steps are
// recorded and replayed, as jax-js's are jitted; the engine `sixtyone-eager` runs them as they are written.

import { webgpu, type MatrixTileName, type WebGpuBackend } from "@sixtyone/backend-webgpu";
import { createDevice, step, type Device, type Tensor } from "@sixtyone/tensor";
import type { DecoderSize } from "../decoder.ts";
import {
  comparable,
  type BenchEngine,
  type Count,
  type EngineOptions,
  type OperationCase,
  type Prepared,
} from "../engine.ts";
import { prepareFma } from "./fma.ts";
import { fragmentOf, prepareMatrices } from "./matrix-multiply-adds.ts";
import { sharedGpu } from "./shared-gpu.ts";
import { decoder } from "./sixtyone-decoder.ts";
import { computation, type Computed } from "./sixtyone.ts";

export async function sixtyoneWebGpu(
  options: EngineOptions,
  replays: boolean,
): Promise<BenchEngine> {
  const { isSoftware } = await sharedGpu(options);
  const { subgroupMatrices = false } = options;
  const backend = await webgpu({ allowSoftware: isSoftware, subgroupMatrices });
  const device = createDevice(backend);
  return {
    name: replays ? "sixtyone" : "sixtyone-eager",
    threads: 1,
    description: `${backend.capabilities.description}${replays ? "" : ", training steps eager"}`,
    async prepare(work) {
      if (work.kind === "train-step") return prepareStep(backend, device, work.size, replays);
      if (work.kind === "fma") return prepareFma(backend.device, work.dtype);
      if (work.kind === "matrix-multiply-adds")
        return prepareMatrices(backend.device, await fragmentOf(backend.device, work.dtype));
      if (work.kind === "gemm" && work.tile) return prepareInTile(isSoftware, work, work.tile);
      if (work.kind === "gemm" && 4 * work.size ** 2 > backend.capabilities.maxBufferBytes)
        return undefined;
      const made: Tensor[] = [];
      const compute = await computation(device, work, made);
      const same = comparable(work) === work;
      const compared = same
        ? compute
        : await computation(device, comparable(work) as Computed, made);
      const dispose = (): void => made.forEach((x) => x.dispose());
      return prepared({ backend, device, compute, compared, dispose });
    },
    dispose: () => device.dispose(),
  };
}

/** A product in one tile, on a device of its own; undefined where the device cannot run it. */
async function prepareInTile(
  isSoftware: boolean,
  work: OperationCase,
  tile: MatrixTileName,
): Promise<Prepared | undefined> {
  const backend = await webgpu({
    allowSoftware: isSoftware,
    subgroupMatrices: true,
    tuning: { forcedTile: tile },
  });
  const device = createDevice(backend);
  const made: Tensor[] = [];
  const compute = await computation(device, work, made);
  device.tidy(() => void compute().eval());
  if (!backend.generatedSource?.()?.includes("subgroup_matrix")) {
    device.dispose();
    return undefined;
  }
  return prepared({
    backend,
    device,
    compute,
    compared: compute,
    dispose: () => device.dispose(),
  });
}

/** `compared` computes what other engines are compared with. */
function prepared({
  backend,
  device,
  compute,
  compared,
  dispose,
}: {
  readonly backend: WebGpuBackend;
  readonly device: Device;
  readonly compute: () => Tensor;
  readonly compared: () => Tensor;
  readonly dispose: () => void;
}): Prepared {
  return {
    async run() {
      device.tidy(() => void compute().eval());
      await backend.sync();
    },
    async result() {
      using scope = device.scope();
      void scope;
      return (await compared().cast("f32").data()) as Float32Array;
    },
    dispose,
  };
}

function prepareStep(
  backend: WebGpuBackend,
  device: Device,
  size: DecoderSize,
  replays: boolean,
): Prepared {
  const model = decoder(device, size);
  const replayed = step(device, () => [model.step()]);
  const launch = (): Tensor => (replays ? replayed()[0]! : model.step());
  /** The loss is read, as a training loop would; that the parameters are written follows from it. */
  const run = async (): Promise<number> => {
    const loss = launch();
    const value = await loss.item();
    loss.dispose();
    return value;
  };
  return {
    run,
    result: async () => Float32Array.of(await run(), await run(), await run()),
    counts: () => count(backend, device, launch),
    dispose() {
      replayed.dispose();
      model.parameters.forEach((x) => x.dispose());
    },
  };
}

/** Of one step that was compiled and pooled before: what the host did, and the time it took. */
async function count(
  backend: WebGpuBackend,
  device: Device,
  launch: () => Tensor,
): Promise<Count[]> {
  await backend.sync();
  const before = { ...backend.counters, ...device.counters };
  const start = performance.now();
  const loss = launch();
  backend.flush();
  const microseconds = (performance.now() - start) * 1000;
  const after = { ...backend.counters, ...device.counters };
  loss.dispose();
  await backend.sync();
  const dispatches = after.dispatches - before.dispatches;
  return [
    { name: "launches", value: after.launches - before.launches, unit: "launches" },
    { name: "dispatches", value: dispatches, unit: "dispatches" },
    { name: "submits", value: after.submits - before.submits, unit: "submits" },
    {
      name: "bind groups made",
      value: after.bindGroupsCreated - before.bindGroupsCreated,
      unit: "groups",
    },
    { name: "host per dispatch", value: microseconds / dispatches, unit: "µs" },
  ];
}
