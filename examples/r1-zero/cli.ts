// The command line: flags in, settings out, one clear line for whatever is wrong.

import { parseArgs } from "node:util";
import { defaultOutput, basePath } from "./files.ts";
import { taskSizes } from "./task.ts";

/** Something the user can mend; shown as one line without a stack trace. */
export class UserError extends Error {}

export const backendNames = ["wasm", "webgpu", "reference"] as const;
export type BackendName = (typeof backendNames)[number];

export interface Settings {
  readonly backend: BackendName;
  /** A part of the WebGPU adapter's name; undefined for the best GPU there is. */
  readonly adapter: string | undefined;
  readonly steps: number;
  readonly seed: number;
  /** How many numbers a problem adds. */
  readonly taskSize: number;
  /** Where every number of the run goes; undefined for nowhere. */
  readonly json: string | undefined;
  /** The folder of checkpoint, metrics and report. */
  readonly out: string;
  /** The base model. */
  readonly base: string;
  readonly resume: boolean;
  /** Shuffle the rewards inside each group: the control. */
  readonly control: boolean;
  /** Held-out problems and completions for each. */
  readonly evalProblems: number;
  readonly evalSamples: number;
  readonly stack: boolean;
}

export const defaultSteps = 80;

export const help: string = `R1-Zero in miniature: a small DeepSeek-V3 learns to think from rewards alone.

  npm start -- [options]

  --backend NAME      ${backendNames.join(", ")} (default wasm)
  --adapter NAME      with webgpu: a part of the adapter's name (default the best GPU; a software
                      adapter such as llvmpipe is taken only when it is named)
  --steps N           RL steps (default ${defaultSteps})
  --seed N            seed of sampling and of the order of problems (default 0)
  --task-size N       how many two-digit numbers to add, ${taskSizes.min}–${taskSizes.max} (default ${taskSizes.default})
  --resume            go on from the checkpoint in the output folder
  --control           shuffle the rewards inside each group: nothing should be learnt
  --out DIR           folder for checkpoint, metrics and report (default out/r1-zero)
  --json FILE         write every number of the run to FILE
  --base FILE         base checkpoint (default the embedded one)
  --eval-problems N   held-out problems (default 256)
  --eval-samples N    completions per held-out problem (default 8)
  --stack             show stack traces
  --help              this text
`;

const options = {
  backend: { type: "string", default: "wasm" },
  adapter: { type: "string" },
  steps: { type: "string", default: String(defaultSteps) },
  seed: { type: "string", default: "0" },
  "task-size": { type: "string", default: String(taskSizes.default) },
  json: { type: "string" },
  out: { type: "string", default: defaultOutput },
  base: { type: "string", default: basePath },
  resume: { type: "boolean", default: false },
  control: { type: "boolean", default: false },
  "eval-problems": { type: "string", default: "256" },
  "eval-samples": { type: "string", default: "8" },
  stack: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/** Settings, or "help". Throws UserError. */
export function parseSettings(args: readonly string[]): Settings | "help" {
  let values;
  try {
    ({ values } = parseArgs({ args: [...args], options, strict: true, allowPositionals: false }));
  } catch (error) {
    const [problem] = (error as Error).message.split(". ");
    throw new UserError(`${problem}. Run with --help for the options.`);
  }
  if (values.help) return "help";
  const backend = values.backend as BackendName;
  if (!backendNames.includes(backend)) {
    throw new UserError(
      `--backend ${backend}: unknown backend. Use one of ${backendNames.join(", ")}.`,
    );
  }
  if (values.adapter !== undefined && backend !== "webgpu") {
    throw new UserError(
      `--adapter ${values.adapter}: goes with --backend webgpu, not with ${backend}.`,
    );
  }
  return {
    backend,
    adapter: values.adapter,
    steps: integer("steps", values.steps, 0, 100_000),
    seed: integer("seed", values.seed, 0, 2 ** 31 - 1),
    taskSize: integer("task-size", values["task-size"], taskSizes.min, taskSizes.max),
    json: values.json,
    out: values.out,
    base: values.base,
    resume: values.resume,
    control: values.control,
    evalProblems: integer("eval-problems", values["eval-problems"], 1, 500),
    evalSamples: integer("eval-samples", values["eval-samples"], 1, 64),
    stack: values.stack,
  };
}

function integer(name: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isInteger(value) || value < low || value > high) {
    throw new UserError(`--${name} ${text}: expected a whole number from ${low} to ${high}.`);
  }
  return value;
}
