// Our own engine on WebAssembly, through its public API. Training steps are recorded and replayed, as
// jax-js's are jitted; the engine `sixtyone-eager` runs them as they are written.

import { wasm } from "@sixtyone/backend-wasm";
import {
  createDevice,
  gelu,
  linear,
  rmsNorm,
  step,
  tensor,
  type Device,
  type Tensor,
} from "@sixtyone/tensor";
import type { DecoderSize } from "../decoder.ts";
import {
  comparable,
  inputs,
  type BenchEngine,
  type Case,
  type EngineOptions,
  type OperationCase,
  type Prepared,
} from "../engine.ts";
import { drawing, routing } from "./sixtyone-choices.ts";
import { decode, latentAttention, quantizedLinear } from "./sixtyone-decode.ts";
import { decoder } from "./sixtyone-decoder.ts";

export async function sixtyone(
  options: EngineOptions,
  { replays = true, fuses = true }: { readonly replays?: boolean; readonly fuses?: boolean } = {},
): Promise<BenchEngine> {
  const backend = await wasm({ threads: options.threads, revectorize: options.revectorize });
  // Only fused kernels are asked for.
  const device = createDevice(fuses ? backend : { ...backend, supports: () => false });

  async function prepare(work: Case): Promise<Prepared | undefined> {
    if (work.kind === "fma" || work.kind === "matrix-multiply-adds") return undefined;
    if (work.kind === "train-step") return prepareStep(device, work.size, replays);
    const made: Tensor[] = [];
    const compute = await computation(device, work, made);
    const same = comparable(work) === work;
    const compared = same ? compute : await computation(device, comparable(work) as Computed, made);
    return {
      run: () => device.tidy(() => void compute().eval()),
      result: async () => {
        using scope = device.scope();
        void scope;
        return (await compared().data()) as Float32Array;
      },
      dispose: () => made.forEach((x) => x.dispose()),
    };
  }

  return {
    name: `sixtyone${replays ? "" : "-eager"}${fuses ? "" : "-composites"}`,
    threads: backend.capabilities.threads,
    description: `${backend.capabilities.description}${options.revectorize ? ", revectorize" : ""}${replays ? "" : ", training steps eager"}${fuses ? "" : ", no fused kernels"}`,
    prepare,
    dispose: () => device.dispose(),
  };
}

function prepareStep(device: Device, size: DecoderSize, replays: boolean): Prepared {
  const model = decoder(device, size);
  const replayed = step(device, () => [model.step()]);
  /** The loss is read, as a training loop would; that the parameters are written follows from it. */
  const run = async (): Promise<number> => {
    const loss = replays ? replayed()[0]! : model.step();
    const value = await loss.item();
    loss.dispose();
    return value;
  };
  return {
    run,
    result: async () => Float32Array.of(await run(), await run(), await run()),
    dispose() {
      replayed.dispose();
      model.parameters.forEach((x) => x.dispose());
    },
  };
}

function input(
  device: Device,
  shape: number[],
  seed: number,
  dtype: "f32" | "f16" = "f32",
): Tensor {
  return device.tidy(() => {
    const wide = tensor(
      device,
      inputs(
        shape.reduce((a, b) => a * b, 1),
        seed,
      ),
      { shape },
    );
    return dtype === "f32" ? wide : wide.cast(dtype).eval();
  });
}

export type Computed = Exclude<Case, { kind: "train-step" | "fma" | "matrix-multiply-adds" }>;

/** One result of the case each time it is called; the inputs it makes go into `made`. */
export async function computation(
  device: Device,
  work: Computed,
  made: Tensor[],
): Promise<() => Tensor> {
  const make: Make = (shape, seed, dtype = "f32") => {
    const x = input(device, shape, seed, dtype);
    made.push(x);
    return x;
  };
  if (work.kind === "decode") return decode(device, work.size, made);
  if (work.kind === "latent-attention") return latentAttention(work.size, make);
  if (work.kind === "linear" && work.weights) return quantizedLinear(work, work.weights, make);
  if (work.kind === "sample") return drawing(work, make, made);
  if (work.kind === "routing") return routing(work, make);
  return operation(work, make);
}

/** Makes an input and owns it. */
type Make = (shape: number[], seed: number, dtype?: "f32" | "f16") => Tensor;

function operation(work: OperationCase, make: Make): () => Tensor {
  if (work.kind === "gemm") {
    const [a, b] = [1, 2].map((seed) => make([work.size, work.size], seed, work.dtype)) as [
      Tensor,
      Tensor,
    ];
    if (work.layout === "A·Bᵀ") return () => a.matmul(b.transpose());
    if (work.layout === "Aᵀ·B") return () => a.transpose().matmul(b);
    return () => a.matmul(b);
  }
  if (work.kind === "linear") {
    const [x, weight] = [make([work.rows, work.inner], 1), make([work.columns, work.inner], 2)];
    return () => linear(x, weight);
  }
  const x = make([work.rows, work.columns], 1);
  if (work.op === "softmax") return () => x.softmax();
  if (work.op === "silu") return () => x.silu();
  if (work.op === "gelu") return () => gelu(x);
  const weight = make([work.columns], 2);
  return () => rmsNorm(x, weight, 1e-5);
}
