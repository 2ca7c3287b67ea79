// TensorFlow.js on its WebGPU backend, through the Dawn that all engines of the run share.

import * as tf from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { isOperation, type BenchEngine, type EngineOptions } from "../engine.ts";
import { sharedGpu } from "./shared-gpu.ts";
import { operation } from "./tfjs-operation.ts";
import { decoder } from "./tfjs-decoder.ts";

export async function tfjsWebGpu(options: EngineOptions): Promise<BenchEngine> {
  await sharedGpu(options);
  // It registers itself, and only where navigator.gpu is there already.
  await import("@tensorflow/tfjs-backend-webgpu");
  // A variable: the module has no declarations of its own.
  const gradients = "@tensorflow/tfjs-core/dist/register_all_gradients";
  await import(gradients);
  await tf.setBackend("webgpu");
  await tf.ready();
  const backend = tf.backend() as WebGPUBackend;
  return {
    name: "@tensorflow/tfjs-backend-webgpu",
    threads: 1,
    description: `tfjs ${tf.version_core} webgpu`,
    async prepare(work) {
      if (work.kind === "train-step") {
        const { step, dispose } = decoder(work.size);
        return {
          run: step,
          result: async () => Float32Array.of(await step(), await step(), await step()),
          dispose,
        };
      }
      if (!isOperation(work) || (work.kind === "linear" && work.weights)) return undefined;
      if (work.kind === "gemm" && work.dtype === "f16") return undefined;
      const { compute, made } = operation(work);
      return {
        async run() {
          tf.dispose(tf.tidy(compute));
          backend.endComputePassEncoder();
          backend.submitQueue();
          await backend.device.queue.onSubmittedWorkDone();
        },
        async result() {
          const y = tf.tidy(compute);
          const data = (await y.data()) as Float32Array;
          y.dispose();
          return data;
        },
        dispose: () => tf.dispose(made),
      };
    },
    dispose: () => backend.device.destroy(),
  };
}
