// ONNX Runtime: its WebAssembly build for the web, and (if it is installed) the native one for Node. A
// model of one node is written by hand: the format is protobuf, and one node needs five message types.

import { createRequire } from "node:module";
import { join } from "node:path";
import {
  inputs,
  MissingPeerError,
  type BenchEngine,
  type Case,
  type EngineOptions,
} from "../engine.ts";

type Bytes = number[];

function varint(value: number): Bytes {
  const out: Bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) out.push((value % 128) | 128);
  return [...out, value];
}
const field = (number: number, bytes: Bytes): Bytes => [
  ...varint(number * 8 + 2),
  ...varint(bytes.length),
  ...bytes,
];
const text = (number: number, value: string): Bytes =>
  field(number, [...new TextEncoder().encode(value)]);
const integer = (number: number, value: number): Bytes => [...varint(number * 8), ...varint(value)];

function valueInfo(name: string, dims: readonly number[]): Bytes {
  const shape = dims.flatMap((dim) => field(1, integer(1, dim)));
  return [...text(1, name), ...field(2, field(1, [...integer(1, 1), ...field(2, shape)]))];
}

interface Product {
  readonly a: readonly [number, number];
  readonly b: readonly [number, number];
  readonly transA: boolean;
  readonly transB: boolean;
}

function productOf(work: Case): Product | undefined {
  if (work.kind === "gemm") {
    const square = [work.size, work.size] as const;
    return { a: square, b: square, transA: work.layout === "Aᵀ·B", transB: work.layout === "A·Bᵀ" };
  }
  if (work.kind !== "linear" || work.weights) return undefined;
  return { a: [work.rows, work.inner], b: [work.columns, work.inner], transA: false, transB: true };
}

/** y = Gemm(a, b) with transposes as attributes. */
function gemmModel({ a, b, transA, transB }: Product): Uint8Array {
  const attribute = (name: string): Bytes =>
    field(5, [...text(1, name), ...integer(3, 1), ...integer(20, 2)]);
  const node = [
    ...text(1, "a"),
    ...text(1, "b"),
    ...text(2, "y"),
    ...text(4, transA || transB ? "Gemm" : "MatMul"),
    ...(transA ? attribute("transA") : []),
    ...(transB ? attribute("transB") : []),
  ];
  const graph = [
    ...field(1, node),
    ...text(2, "gemm"),
    ...field(11, valueInfo("a", a)),
    ...field(11, valueInfo("b", b)),
    ...field(12, valueInfo("y", [a[transA ? 1 : 0], b[transB ? 0 : 1]])),
  ];
  return new Uint8Array([
    ...integer(1, 8),
    ...field(7, graph),
    ...field(8, [...text(1, ""), ...integer(2, 17)]),
  ]);
}

/** The part of the two packages' common API that is used here. */
interface Runtime {
  readonly Tensor: new (type: "float32", data: Float32Array, dims: number[]) => unknown;
  readonly InferenceSession: {
    create(
      model: Uint8Array,
      options: object,
    ): Promise<{
      run(feeds: object): Promise<{ y: { data: unknown } }>;
      release(): Promise<void>;
    }>;
  };
  readonly env: { readonly wasm: { numThreads?: number }; logLevel?: string };
}

async function onnxruntime(name: string, runtime: Runtime, threads: number): Promise<BenchEngine> {
  runtime.env.wasm.numThreads = threads;
  runtime.env.logLevel = "error";
  return {
    name,
    threads,
    description: `${name}, ${threads} thread${threads > 1 ? "s" : ""}`,
    async prepare(work: Case) {
      const product = productOf(work);
      if (!product) return undefined;
      const { a, b } = product;
      const model = gemmModel(product);
      const hadWorker = "Worker" in globalThis;
      const session = await runtime.InferenceSession.create(model, {
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        logSeverityLevel: 3,
      });
      // It leaves a global Worker behind in Node, and jax-js then believes that it runs in a browser.
      if (!hadWorker) delete (globalThis as { Worker?: unknown }).Worker;
      const feeds = {
        a: new runtime.Tensor("float32", inputs(a[0] * a[1], 1), [...a]),
        b: new runtime.Tensor("float32", inputs(b[0] * b[1], 2), [...b]),
      };
      return {
        run: () => session.run(feeds),
        result: async () => (await session.run(feeds)).y.data as Float32Array,
        dispose: () => void session.release(),
      };
    },
    dispose: () => {},
  };
}

export async function onnxruntimeWeb({ threads }: EngineOptions): Promise<BenchEngine> {
  return onnxruntime(
    "onnxruntime-web",
    (await import("onnxruntime-web")) as unknown as Runtime,
    threads,
  );
}

/** Not a dependency: it has 250 MB. SIXTYONE_ONNXRUNTIME_NODE names a folder where npm has installed it. */
export async function onnxruntimeNode({ threads }: EngineOptions): Promise<BenchEngine> {
  const name = "onnxruntime-node";
  const folder = process.env["SIXTYONE_ONNXRUNTIME_NODE"] ?? import.meta.dirname;
  let runtime: Runtime;
  try {
    runtime = createRequire(join(folder, "package.json"))(name) as Runtime;
  } catch (cause) {
    if ((cause as { code?: string }).code !== "MODULE_NOT_FOUND") throw cause;
    throw new MissingPeerError(
      `${name}: not found from ${folder}. Run \`npm i --ignore-scripts ${name}\` in a folder of its own, and set SIXTYONE_ONNXRUNTIME_NODE to that folder.`,
      { cause },
    );
  }
  return onnxruntime(name, runtime, threads);
}
