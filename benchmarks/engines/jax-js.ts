// jax-js, everything under jit; its WebAssembly backend has one thread in Node.

import { defaultDevice, init, jit, nn, numpy as np, type Array as JaxArray } from "@jax-js/jax";
import {
  comparable,
  inputs,
  isOperation,
  type Case,
  type BenchEngine,
  type OperationCase,
} from "../engine.ts";
import { drawing } from "./jax-js-choices.ts";
import { decode } from "./jax-js-decode.ts";
import { decoder } from "./jax-js-decoder.ts";

export function jaxJs(): Promise<BenchEngine> {
  return jaxJsOn("wasm");
}

export async function jaxJsOn(backend: "wasm" | "webgpu"): Promise<BenchEngine> {
  await init(backend);
  defaultDevice(backend);
  const make = (shape: number[], seed: number): JaxArray =>
    np
      .array(
        inputs(
          shape.reduce((a, b) => a * b, 1),
          seed,
        ),
      )
      .reshape(shape);

  function operation(work: OperationCase): { compute: () => JaxArray; made: JaxArray[] } {
    if (work.kind === "gemm") {
      const [a, b] = [make([work.size, work.size], 1), make([work.size, work.size], 2)];
      const product = jit((x: JaxArray, y: JaxArray) =>
        np.matmul(
          work.layout === "Aᵀ·B" ? x.transpose() : x,
          work.layout === "A·Bᵀ" ? y.transpose() : y,
        ),
      );
      return { made: [a, b], compute: () => product(a.ref, b.ref) as JaxArray };
    }
    if (work.kind === "linear") {
      const [x, weight] = [make([work.rows, work.inner], 1), make([work.columns, work.inner], 2)];
      const product = jit((v: JaxArray, w: JaxArray) => np.matmul(v, w.transpose()));
      return { made: [x, weight], compute: () => product(x.ref, weight.ref) as JaxArray };
    }
    const x = make([work.rows, work.columns], 1);
    const weight = make([work.columns], 2);
    if (work.op === "rmsNorm") {
      const norm = jit((v: JaxArray, w: JaxArray) => {
        const mean = np.mean(np.square(v.ref), -1, { keepdims: true });
        return v.mul(np.reciprocal(np.sqrt(mean.add(1e-5)))).mul(w);
      });
      return { made: [x, weight], compute: () => norm(x.ref, weight.ref) as JaxArray };
    }
    const f = {
      softmax: (v: JaxArray) => nn.softmax(v, -1),
      silu: (v: JaxArray) => nn.silu(v),
      gelu: (v: JaxArray) => nn.gelu(v, { approximate: false }),
    }[work.op];
    const compiled = jit(f);
    return { made: [x, weight], compute: () => compiled(x.ref) as JaxArray };
  }

  function computation(work: Case): ReturnType<typeof operation> | undefined {
    if (work.kind === "sample") return work.topP ? undefined : drawing(work);
    if (!isOperation(work) || (work.kind === "linear" && work.weights)) return undefined;
    if (work.kind === "gemm" && work.dtype === "f16") return undefined;
    return operation(work);
  }

  return {
    name: "@jax-js/jax",
    threads: 1,
    description: `jax-js ${backend}, jit`,
    async prepare(work) {
      if (work.kind === "train-step") {
        const { step } = decoder(work.size);
        return {
          run: step,
          result: async () => Float32Array.of(await step(), await step(), await step()),
          dispose: () => {},
        };
      }
      if (work.kind === "decode") return decode(work.size);
      const measured = computation(work);
      if (!measured) return undefined;
      const compared = comparable(work) === work ? measured : computation(comparable(work))!;
      return {
        run: async () => {
          const y = measured.compute();
          await y.blockUntilReady();
          y.dispose();
        },
        result: async () => (await compared.compute().data()) as Float32Array,
        dispose: () => new Set([...measured.made, ...compared.made]).forEach((x) => x.dispose()),
      };
    },
    dispose: () => {},
  };
}
