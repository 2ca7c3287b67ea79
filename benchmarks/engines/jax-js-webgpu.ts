// jax-js on its WebGPU backend, everything under jit, through the Dawn that all engines of the run share.

import { getWebGPUDevice } from "@jax-js/jax";
import type { BenchEngine, EngineOptions } from "../engine.ts";
import { jaxJsOn } from "./jax-js.ts";
import { sharedGpu } from "./shared-gpu.ts";

export async function jaxJsWebGpu(options: EngineOptions): Promise<BenchEngine> {
  await sharedGpu(options);
  const engine = await jaxJsOn("webgpu");
  return { ...engine, dispose: () => getWebGPUDevice().destroy() };
}
