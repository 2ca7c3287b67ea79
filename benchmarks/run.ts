// The benchmark runner: pnpm bench <suite> [--backend wasm|webgpu] [--vs peer,…] [--threads n] [--revectorize]
// [--json file]. Peers run beside us in the same process, turn by turn; the ratio is what counts.

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import type { BenchEngine, EngineOptions } from "./engine.ts";
import { measure, type CaseOfSuite, type Row } from "./measure.ts";
import { decode } from "./suites/decode.ts";
import { copyBandwidth, elementwise } from "./suites/elementwise.ts";
import { gemm } from "./suites/gemm.ts";
import { trainStep } from "./suites/train-step.ts";

const suites: { readonly [name: string]: () => CaseOfSuite[] } = { gemm, elementwise, "train-step": trainStep, decode };

type Open = (options: EngineOptions) => Promise<BenchEngine>;

/** By backend. Loaded only when asked for, so that a peer that is not installed harms nobody. */
const engines: { readonly [backend: string]: { readonly [name: string]: Open } } = {
  wasm: {
    sixtyone: async (options) => (await import("./engines/sixtyone.ts")).sixtyone(options, true),
    "sixtyone-eager": async (options) => (await import("./engines/sixtyone.ts")).sixtyone(options, false),
    "@tensorflow/tfjs-backend-wasm": async () => (await import("./engines/tfjs.ts")).tfjs(),
    "@jax-js/jax": async () => (await import("./engines/jax-js.ts")).jaxJs(),
    "onnxruntime-web": async (options) => (await import("./engines/onnxruntime.ts")).onnxruntimeWeb(options),
    "onnxruntime-node": async (options) => (await import("./engines/onnxruntime.ts")).onnxruntimeNode(options),
  },
  webgpu: {
    sixtyone: async (options) => (await import("./engines/sixtyone-webgpu.ts")).sixtyoneWebGpu(options, true),
    "sixtyone-eager": async (options) => (await import("./engines/sixtyone-webgpu.ts")).sixtyoneWebGpu(options, false),
    "@tensorflow/tfjs-backend-webgpu": async (options) => {
      (await import("./engines/tfjs-modules.ts")).useModulesOfTfjs();
      return (await import("./engines/tfjs-webgpu.ts")).tfjsWebGpu(options);
    },
    "@jax-js/jax": async (options) => (await import("./engines/jax-js-webgpu.ts")).jaxJsWebGpu(options),
  },
};
const short: { readonly [name: string]: string } = {
  tfjs: "@tensorflow/tfjs-backend-", "@tensorflow/tfjs": "@tensorflow/tfjs-backend-",
  "tfjs-backend-wasm": "@tensorflow/tfjs-backend-wasm", "tfjs-backend-webgpu": "@tensorflow/tfjs-backend-webgpu",
  jax: "@jax-js/jax", "jax-js": "@jax-js/jax", ort: "onnxruntime-web",
};
const defaultPeers: { readonly [suite: string]: readonly string[] } = {
  "wasm gemm": ["tfjs", "jax-js", "onnxruntime-web"],
  "wasm elementwise": ["tfjs", "jax-js"],
  "wasm train-step": ["jax-js"],
  "wasm decode": ["tfjs", "jax-js", "onnxruntime-web"],
  "webgpu gemm": ["tfjs", "jax-js"],
  "webgpu elementwise": ["tfjs", "jax-js"],
  "webgpu train-step": ["sixtyone-eager", "tfjs", "jax-js"],
  "webgpu decode": ["tfjs", "jax-js"],
};
const peerNames = [...new Set(Object.values(engines).flatMap((table) => Object.keys(table).slice(1)))];
const usage =
  `pnpm bench <${Object.keys(suites).join("|")}> [--backend ${Object.keys(engines).join("|")}] [--vs ${peerNames.join(",")}] ` +
  "[--case text] [--threads n] [--revectorize] [--adapter name] [--json file]";

class UsageError extends Error {}

function parse() {
  const { values, positionals } = parseArgs({
    args: process.argv.slice(2).filter((arg) => arg !== "--"),
    allowPositionals: true,
    options: {
      backend: { type: "string", default: "wasm" },
      vs: { type: "string" },
      case: { type: "string", default: "" },
      adapter: { type: "string" },
      threads: { type: "string", default: "1" },
      revectorize: { type: "boolean", default: false },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const suite = positionals[0] ?? "";
  if (values.help) return { ...values, suite, peers: [], threads: 1 };
  if (!suites[suite]) throw new UsageError(`no suite "${suite}". ${usage}`);
  const { backend } = values;
  if (!engines[backend]) throw new UsageError(`--backend ${backend}: no such backend. ${usage}`);
  const wished = values.vs?.split(",").filter(Boolean) ?? defaultPeers[`${backend} ${suite}`]!;
  const peers = wished.map((name) => short[name] ?? name).map((name) => (name.endsWith("-") ? name + backend : name));
  for (const name of peers) {
    if (!engines[backend]![name]) throw new UsageError(`--vs ${name}: no such peer of ${backend}. ${usage}`);
  }
  const threads = Number(values.threads);
  if (!Number.isInteger(threads) || threads < 1) throw new UsageError(`--threads ${values.threads}: a whole number ≥ 1. ${usage}`);
  return { ...values, suite, peers, threads };
}

function commit(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}

async function open(name: string, options: EngineOptions & { readonly backend: string }): Promise<BenchEngine> {
  try {
    return await engines[options.backend]![name]!(options);
  } catch (cause) {
    if ((cause as { code?: string }).code !== "ERR_MODULE_NOT_FOUND") throw cause;
    throw new UsageError(`${name} is not installed: run \`pnpm install\`, or leave it out of --vs.`, { cause });
  }
}

function print(row: Row): void {
  const speed = `${row.value.toFixed(1)} ${row.unit}`.padStart(14);
  const time = `${row.medianMs.toFixed(row.medianMs < 1 ? 4 : 2)} ms`.padStart(12);
  const ratio = row.engine === "sixtyone" || row.speedup === 1 ? "" : `   ${row.speedup.toFixed(2)}× faster than it`;
  console.log(`${row.case.padEnd(36)} ${row.engine.padEnd(30)} ${time} ${speed}${ratio}`);
}

async function main(): Promise<void> {
  const options = parse();
  if (options.help) {
    console.log(usage);
    return;
  }
  const opened = [await open("sixtyone", options)];
  for (const name of options.peers) opened.push(await open(name, options));
  console.log(`${options.suite} · ${cpus()[0]?.model ?? "unknown CPU"} × ${cpus().length} · Node ${process.version} · commit ${commit()}`);
  if (options.backend === "webgpu") {
    const { sharedGpu } = await import("./engines/shared-gpu.ts");
    console.log(`  adapter: ${(await sharedGpu(options)).description}`);
  }
  for (const engine of opened) console.log(`  ${engine.name}: ${engine.description}`);
  if (options.suite === "elementwise" && options.backend === "wasm") {
    console.log(`  copying memory on one thread: ${copyBandwidth().toFixed(1)} GB/s read and written`);
  }
  const rows: Row[] = [];
  for (const item of suites[options.suite]!().filter(({ name }) => name.includes(options.case))) {
    const measured = await measure(options.suite, item, opened);
    measured.forEach(print);
    rows.push(...measured);
  }
  if (options.json) writeFileSync(options.json, `${JSON.stringify(rows, null, 2)}\n`);
  for (const engine of opened) engine.dispose();
}

try {
  await main();
  process.exit(0); // some peers keep timers or workers
} catch (error) {
  const code = (error as { code?: string }).code ?? "";
  if (!(error instanceof UsageError) && !code.startsWith("ERR_PARSE_ARGS")) throw error;
  console.error((error as Error).message);
  process.exit(2);
}
