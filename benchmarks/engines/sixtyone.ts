// Our own engine, through its public API.

import { wasm } from "@sixtyone/backend-wasm";
import { createDevice, gelu, rmsNorm, tensor, type Device, type Tensor } from "@sixtyone/tensor";
import type { DecoderSize } from "../decoder.ts";
import { inputs, type BenchEngine, type Case, type EngineOptions, type Prepared } from "../engine.ts";
import { decoder } from "./sixtyone-decoder.ts";

export async function sixtyone(options: EngineOptions): Promise<BenchEngine> {
  const backend = await wasm({ threads: options.threads, revectorize: options.revectorize });
  const device = createDevice(backend);

  function prepare(work: Case): Prepared {
    if (work.kind === "train-step") return prepareStep(device, work.size);
    const made: Tensor[] = [];
    const make = (shape: number[], seed: number): Tensor => {
      const x = tensor(device, inputs(shape.reduce((a, b) => a * b, 1), seed), { shape });
      made.push(x);
      return x;
    };
    const compute = operation(work, make);
    return {
      run: () => device.tidy(() => void compute().eval()),
      result: async () => {
        using scope = device.scope();
        void scope;
        return (await compute().data()) as Float32Array;
      },
      dispose: () => made.forEach((x) => x.dispose()),
    };
  }

  return {
    name: "sixtyone",
    threads: backend.capabilities.threads,
    description: backend.capabilities.description,
    prepare: async (work) => prepare(work),
    dispose: () => device.dispose(),
  };
}

function prepareStep(device: Device, size: DecoderSize): Prepared {
  const model = decoder(device, size);
  /** The loss is read, as a training loop would; that the parameters are written follows from it. */
  const step = async (): Promise<number> => {
    const loss = model.step();
    const value = await loss.item();
    loss.dispose();
    return value;
  };
  return {
    run: step,
    result: async () => Float32Array.of(await step(), await step(), await step()),
    dispose: () => model.parameters.forEach((x) => x.dispose()),
  };
}

export function operation(work: Exclude<Case, { kind: "train-step" }>, make: (shape: number[], seed: number) => Tensor): () => Tensor {
  if (work.kind === "gemm") {
    const [a, b] = [make([work.size, work.size], 1), make([work.size, work.size], 2)];
    if (work.layout === "A·Bᵀ") return () => a.matmul(b.transpose());
    if (work.layout === "Aᵀ·B") return () => a.transpose().matmul(b);
    return () => a.matmul(b);
  }
  const x = make([work.rows, work.columns], 1);
  if (work.op === "softmax") return () => x.softmax();
  if (work.op === "silu") return () => x.silu();
  if (work.op === "gelu") return () => gelu(x);
  const weight = make([work.columns], 2);
  return () => rmsNorm(x, weight, 1e-5);
}
