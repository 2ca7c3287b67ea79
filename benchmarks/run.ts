// The benchmark runner: pnpm bench <suite> [--backend wasm|webgpu] [--vs peer,…] [--threads n] [--revectorize]
// [--python file] [--cpu-time] [--json file]. Peers run beside us in the same process, turn by turn; the ratio is what counts.

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { MissingPeerError, type BenchEngine, type EngineOptions } from "./engine.ts";
import { defaultRounds, measure, processorTime, type CaseOfSuite, type Row } from "./measure.ts";
import { decode } from "./suites/decode.ts";
import { copyBandwidth, elementwise } from "./suites/elementwise.ts";
import { gemm, productCeiling } from "./suites/gemm.ts";
import { fractions, roofline } from "./suites/roofline.ts";
import { trainStep } from "./suites/train-step.ts";

const suites: { readonly [name: string]: () => CaseOfSuite[] } = {
  gemm,
  elementwise,
  "train-step": trainStep,
  decode,
  roofline,
};

type Open = (options: EngineOptions) => Promise<BenchEngine>;

/** By backend. Loaded only when asked for, so that a peer that is not installed harms nobody. */
const engines: { readonly [backend: string]: { readonly [name: string]: Open } } = {
  wasm: {
    sixtyone: async (options) => (await import("./engines/sixtyone.ts")).sixtyone(options),
    "sixtyone-eager": async (options) =>
      (await import("./engines/sixtyone.ts")).sixtyone(options, { replays: false }),
    "sixtyone-composites": async (options) =>
      (await import("./engines/sixtyone.ts")).sixtyone(options, { fuses: false }),
    "@tensorflow/tfjs-backend-wasm": async () => (await import("./engines/tfjs.ts")).tfjs(),
    "@jax-js/jax": async () => (await import("./engines/jax-js.ts")).jaxJs(),
    "onnxruntime-web": async (options) =>
      (await import("./engines/onnxruntime.ts")).onnxruntimeWeb(options),
    "onnxruntime-node": async (options) =>
      (await import("./engines/onnxruntime.ts")).onnxruntimeNode(options),
    pytorch: async (options) => (await import("./engines/pytorch.ts")).pytorch(options),
    // Beside --threads or --revectorize: ourselves without.
    "sixtyone-plain": async () =>
      (await import("./engines/sixtyone.ts")).sixtyone({ threads: 1, revectorize: false }),
  },
  webgpu: {
    sixtyone: async (options) =>
      (await import("./engines/sixtyone-webgpu.ts")).sixtyoneWebGpu(options, true),
    "sixtyone-eager": async (options) =>
      (await import("./engines/sixtyone-webgpu.ts")).sixtyoneWebGpu(options, false),
    "@tensorflow/tfjs-backend-webgpu": async (options) => {
      (await import("./engines/tfjs-modules.ts")).useModulesOfTfjs();
      return (await import("./engines/tfjs-webgpu.ts")).tfjsWebGpu(options);
    },
    "@jax-js/jax": async (options) =>
      (await import("./engines/jax-js-webgpu.ts")).jaxJsWebGpu(options),
  },
};
const short: { readonly [name: string]: string } = {
  tfjs: "@tensorflow/tfjs-backend-",
  "@tensorflow/tfjs": "@tensorflow/tfjs-backend-",
  "tfjs-backend-wasm": "@tensorflow/tfjs-backend-wasm",
  "tfjs-backend-webgpu": "@tensorflow/tfjs-backend-webgpu",
  jax: "@jax-js/jax",
  "jax-js": "@jax-js/jax",
  ort: "onnxruntime-web",
};
const defaultPeers: { readonly [suite: string]: readonly string[] } = {
  "wasm gemm": ["tfjs", "jax-js", "onnxruntime-web"],
  "wasm elementwise": ["tfjs", "jax-js"],
  "wasm train-step": ["jax-js"],
  "wasm decode": ["tfjs", "jax-js", "onnxruntime-web"],
  "webgpu gemm": ["tfjs", "jax-js"],
  "webgpu elementwise": ["tfjs", "jax-js"],
  "webgpu roofline": [],
  "wasm roofline": [],
  "webgpu train-step": ["sixtyone-eager", "tfjs", "jax-js"],
  "webgpu decode": ["tfjs", "jax-js"],
};
const peerNames = [
  ...new Set(Object.values(engines).flatMap((table) => Object.keys(table).slice(1))),
];
const usage =
  `pnpm bench <${Object.keys(suites).join("|")}> [--backend ${Object.keys(engines).join("|")}] [--vs ${peerNames.join(",")}] ` +
  "[--case text] [--threads n] [--revectorize] [--adapter name] [--python file] [--cpu-time] [--json file]";

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
      rounds: { type: "string", default: String(defaultRounds) },
      threads: { type: "string", default: "1" },
      python: { type: "string" },
      "cpu-time": { type: "boolean", default: false },
      revectorize: { type: "boolean", default: false },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const suite = positionals[0] ?? "";
  if (values.help) return { ...values, suite, peers: [], threads: 1, rounds: 1 };
  if (!suites[suite]) throw new UsageError(`no suite "${suite}". ${usage}`);
  const { backend } = values;
  if (!engines[backend]) throw new UsageError(`--backend ${backend}: no such backend. ${usage}`);
  const wished = values.vs?.split(",").filter(Boolean) ?? defaultPeers[`${backend} ${suite}`]!;
  const peers = wished
    .map((name) => short[name] ?? name)
    .map((name) => (name.endsWith("-") ? name + backend : name));
  for (const name of peers) {
    if (!engines[backend]![name])
      throw new UsageError(`--vs ${name}: no such peer of ${backend}. ${usage}`);
  }
  const threads = Number(values.threads);
  if (!Number.isInteger(threads) || threads < 1)
    throw new UsageError(`--threads ${values.threads}: a whole number ≥ 1. ${usage}`);
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new UsageError(`--rounds ${values.rounds}: a whole number ≥ 1. ${usage}`);
  if (values["cpu-time"] && (threads > 1 || backend !== "wasm" || peers.includes("pytorch"))) {
    throw new UsageError(
      "--cpu-time counts what this process computes: one thread of --backend wasm, and no peer in a process of its own.",
    );
  }
  return { ...values, suite, peers, threads, rounds, subgroupMatrices: suite === "roofline" };
}

function commit(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}

async function open(
  name: string,
  options: EngineOptions & { readonly backend: string },
): Promise<BenchEngine> {
  try {
    return await engines[options.backend]![name]!(options);
  } catch (cause) {
    if ((cause as { code?: string }).code !== "ERR_MODULE_NOT_FOUND") throw cause;
    const { message } = cause as Error;
    throw new UsageError(
      `${name}: ${message}. Run \`pnpm install\`, or leave the peer out of --vs.`,
      { cause },
    );
  }
}

/** What a row reaches of the ceiling that belongs to its unit, if that was measured. */
type Ceilings = { readonly [unit: string]: number };

function print(row: Row, ceilings: Ceilings): void {
  const speed = `${row.value.toFixed(1)} ${row.unit}`.padStart(14);
  const time = `${row.medianMs.toFixed(row.medianMs < 1 ? 4 : 2)} ms`.padStart(12);
  const ratio = row.speedup === 1 ? "" : `   ${row.speedup.toFixed(2)}× faster than it`;
  const ceiling = ceilings[row.unit];
  const share = ceiling ? ` ${((100 * row.value) / ceiling).toFixed(0).padStart(3)} %` : "";
  console.log(`${row.case.padEnd(36)} ${row.engine.padEnd(30)} ${time} ${speed}${share}${ratio}`);
}

async function main(): Promise<void> {
  const options = parse();
  if (options.help) {
    console.log(usage);
    return;
  }
  const opened = [await open("sixtyone", options)];
  for (const name of options.peers) {
    try {
      opened.push(await open(name, options));
    } catch (error) {
      if (!(error instanceof MissingPeerError)) throw error;
      console.log(`SKIPPED ${error.message}`);
    }
  }
  const revision = commit();
  const host = `${cpus()[0]?.model ?? "unknown CPU"} × ${cpus().length} · Node ${process.version}`;
  console.log(`${options.suite} · ${host} · commit ${revision}`);
  let adapter: string | undefined;
  if (options.backend === "webgpu") {
    const { sharedGpu } = await import("./engines/shared-gpu.ts");
    adapter = (await sharedGpu(options)).description;
    console.log(`  adapter: ${adapter}`);
  }
  for (const engine of opened) console.log(`  ${engine.name}: ${engine.description}`);
  // For busy machines: while others run, this process's clock stands still.
  const now = options["cpu-time"] ? processorTime : undefined;
  if (now) console.log("  times are processor time of this process");
  const ceilings: { [unit: string]: number } = {};
  if (options.suite === "elementwise" && options.backend === "wasm") {
    ceilings["GB/s"] = copyBandwidth(now);
    console.log(
      `  copying memory on one thread: ${ceilings["GB/s"].toFixed(1)} GB/s read and written; % is the part of it that is reached`,
    );
  }
  if (options.suite === "train-step" && options.backend === "wasm") {
    const product = (
      await measure("gemm", productCeiling, opened.slice(0, 1), options.rounds, now)
    )[0]!;
    ceilings["GFLOP/s"] = product.value;
    console.log(
      `  our product of 512 × 512 matrices: ${product.value.toFixed(1)} GFLOP/s; % is the part of it that the step reaches`,
    );
  }
  const rows: Row[] = [];
  for (const item of suites[options.suite]!().filter(({ name }) => name.includes(options.case))) {
    const measured = await measure(options.suite, item, opened, options.rounds, now);
    for (const row of measured) print(row, ceilings);
    rows.push(...measured);
  }
  if (options.suite === "roofline") {
    const more = fractions(rows);
    for (const row of more) print(row, {});
    rows.push(...more);
  }
  if (options.json) {
    const where = { ...(adapter === undefined ? {} : { adapter }), host, commit: revision };
    const told = rows.map((row) => ({ ...row, ...where }));
    mkdirSync(dirname(options.json), { recursive: true });
    writeFileSync(options.json, `${JSON.stringify(told, null, 2)}\n`);
  }
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
